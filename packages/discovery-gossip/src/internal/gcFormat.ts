import * as Address from "@gc/core/Address"
import type { LabelledKey } from "@gc/core/Discovery"
import type { LocalNode } from "@gc/core/LocalNode"
import * as NodeName from "@gc/core/NodeName"
import type { Peer } from "@gc/core/Peer"
import { type Beacon, BeaconReceiver, clusterTag, deriveBeaconKey, encodeBeacon } from "@gc/core/protocol"
import * as Redacted from "effect/Redacted"
import { type Format, maxCandidates, type Said } from "./format.ts"

/** Peers that proved to be of the cluster. */
const maxPeers = 4_096

/**
 * The next counter of each life. It goes on over sockets and over runs of a source: who hears a node keeps one replay window
 * for its instance, and no nonce may come twice under its key.
 */
const counters = new WeakMap<LocalNode, { next: bigint }>()

const counterOf = (self: LocalNode, bytes: (length: number) => Uint8Array): { next: bigint } => {
  const known = counters.get(self)
  if (known !== undefined) return known
  const counter = { next: bytes(6).reduce((value, byte) => value * 256n + BigInt(byte), 0n) }
  counters.set(self, counter)
  return counter
}

const peersOf = ({ addresses, name }: Beacon): ReadonlyArray<Peer> =>
  addresses.map((address) => ({ name: NodeName.make(name), address: Address.parseUnsafe(address) }))

const notices: Readonly<Record<string, string>> = {
  tag: "a beacon says that it is of this cluster and was made with another cookie, or by somebody else: is the cookie the same on every node?",
  label:
    "a beacon of this cluster was made with a cookie whose label this node does not have: add that cookie here first, then swap the order, then drop the old one",
  suite: "a beacon of another format came: nodes with and without a cookie do not hear each other"
}

/** The beacons of GC/1 section 6; plain ones when there is no key. @internal */
export const gcFormat = (
  self: LocalNode,
  keys: ReadonlyArray<LabelledKey>,
  bytes: (length: number) => Uint8Array
): Format => {
  const revealed = keys.map(({ key, label }) => ({ label, key: Redacted.value(key) }))
  const receiver = new BeaconReceiver(self, revealed)
  const [first] = revealed
  const tag = clusterTag(self.cluster)
  const key = first && deriveBeaconKey(first.key, self.instance)
  const counter = counterOf(self, bytes)

  const said = (beacon: Beacon, isAuthentic: boolean): Said => {
    const { addresses, generation, name } = beacon
    if (name === self.name) {
      const text = `another node calls itself ${name}, as this one does; it says that it is at ${addresses.join(" ") || "no address"}`
      return { _tag: "Junk", reason: "name", ...(isAuthentic && { notice: { about: "name", text } }) }
    }
    const peers = peersOf(beacon)
    const key = isAuthentic ? name : `${name} ${addresses.join(" ")}`
    return { _tag: "Peer", key, peers, generation: isAuthentic ? generation : 0, isAuthentic }
  }

  return {
    capacity: first === undefined ? maxCandidates : maxPeers,
    encode: (wall) =>
      encodeBeacon(
        {
          name: self.name,
          instance: self.instance,
          generation: self.generation,
          cluster: self.cluster,
          addresses: self.addresses.slice(0, 8).map(Address.format),
          sentAt: wall
        },
        { clusterTag: tag, label: first?.label ?? "", key, counter: counter.next++ }
      ),
    decode: (packet, host, wall, now) => {
      const verdict = receiver.receive(packet, host, wall, now)
      switch (verdict._tag) {
        case "Own":
          return verdict
        case "Heard":
          return said(verdict.beacon, true)
        case "Claimed":
          return said(verdict.beacon, false)
        case "Skewed":
          return skewed(verdict.beacon, verdict.skew, first !== undefined)
        case "Refused": {
          const { reason } = verdict
          const text = notices[reason]
          return { _tag: "Junk", reason, ...(text !== undefined && { notice: { about: reason, text } }) }
        }
      }
    }
  }
}

/** Only an authentic beacon names who is wrong. */
const skewed = ({ name }: Beacon, skew: number, isAuthentic: boolean): Said => {
  if (!isAuthentic) return { _tag: "Junk", reason: "skew" }
  const seconds = Math.round(Math.abs(skew) / 1_000)
  const text =
    `a beacon of ${name} is ${seconds} s ${skew > 0 ? "ahead" : "behind"}: beacons more than 30 s off are ignored. ` +
    "Set the clocks (NTP); if they are right, somebody replays old beacons"
  return { _tag: "Junk", reason: "skew", notice: { about: `skew ${name}`, text } }
}
