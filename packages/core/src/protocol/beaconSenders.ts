import { type Beacon, deriveBeaconKey, type NoBeacon, openBeacon, readBeaconHeader } from "./beacon.ts"
import { fits, type ReplayWindow, take } from "./beaconWindow.ts"
import { clusterTag } from "./keys.ts"

/** Figures of GC/1 section 6; times in milliseconds. */
export const beaconLimits = {
  /** Beacons of senders that are not known yet, opened in a second. */
  unknown: 200,
  /** Of these, from one address: one that sends junk leaves the others their half. */
  unknownPerHost: 100,
  /** Beacons in the name of known senders that prove to be forged, opened in a second: each costs some 30 µs. */
  forged: 2_000,
  /** Hosts counted in a second; further ones share one count. */
  hosts: 256,
  /** Senders remembered: the one heard of least recently goes. */
  senders: 4_096,
  /** How far a sender's clock may be from this one's. */
  skew: 30_000,
  /** How far in the future a generation may lie. */
  generation: 86_400_000
} as const

/**
 * Why a packet changes nothing. `over_limit`: its sender is unknown, and enough of these were looked at in this second.
 * `overload`: so much is forged in the name of known senders that theirs are not looked at until the next second.
 */
export type BeaconRefusal = NoBeacon | "label" | "replay" | "over_limit" | "overload" | "tag" | "malformed"

/** What a packet is. */
export type BeaconVerdict =
  /** An authentic beacon of another node's life. */
  | { readonly _tag: "Heard"; readonly beacon: Beacon }
  /** A beacon that nothing proves, in a cluster without a cookie. */
  | { readonly _tag: "Claimed"; readonly beacon: Beacon }
  /** One that this life sent: the network gives back what is sent. */
  | { readonly _tag: "Own" }
  /** An authentic beacon of another time: a clock is wrong by so many milliseconds, or somebody replays it. */
  | { readonly _tag: "Skewed"; readonly beacon: Beacon; readonly skew: number }
  | { readonly _tag: "Refused"; readonly reason: BeaconRefusal }

interface Sender {
  /** By the label of the cookie; each has proved itself. */
  readonly keys: Map<string, Uint8Array>
  readonly window: ReplayWindow
}

const refusedAs = (reason: BeaconRefusal): BeaconVerdict => ({ _tag: "Refused", reason })

/** Takes the beacons of a cluster apart: who sent them is remembered, so that each is opened at most once. */
export class BeaconReceiver {
  readonly #cluster: string
  readonly #instance: string
  readonly #tag: Uint8Array
  /** `K_udp` by label; empty when there is no cookie. */
  readonly #roots: ReadonlyMap<string, Uint8Array>
  readonly #senders = new Map<string, Sender>()
  #second = -Infinity
  #unknown = 0
  #forged = 0
  #hosts = new Map<string, number>()

  constructor(
    self: { readonly cluster: string; readonly instance: string },
    keys: ReadonlyArray<{ readonly label: string; readonly key: Uint8Array }>
  ) {
    this.#cluster = self.cluster
    this.#instance = self.instance
    this.#tag = clusterTag(self.cluster)
    this.#roots = new Map(keys.map(({ key, label }) => [label, key]))
    const own = new Map(keys.map(({ key, label }) => [label, deriveBeaconKey(key, self.instance)]))
    this.#senders.set(self.instance, { keys: own, window: { top: -1n, seen: 0n } })
  }

  /** Senders remembered, this node among them. */
  get size(): number {
    return this.#senders.size
  }

  /**
   * Judges a packet.
   *
   * @param host - the address that it came from; it decides nothing but whose share of the 200 a second it takes
   * @param wall - the wall clock, milliseconds since 1970
   * @param now - milliseconds that never go back
   */
  receive(bytes: Uint8Array, host: string, wall: number, now: number): BeaconVerdict {
    const header = readBeaconHeader(bytes, this.#tag, this.#roots.size === 0 ? 0 : 1)
    if (typeof header === "string") return refusedAs(header)
    const { counter, instance, label, suite } = header
    if (suite === 0) {
      if (instance === this.#instance) return { _tag: "Own" }
      const beacon = openBeacon(bytes, header, undefined)
      return typeof beacon === "string" ? refusedAs(beacon) : this.#judge(beacon, wall, "Claimed")
    }
    const root = this.#roots.get(label)
    if (root === undefined) return refusedAs("label")
    const sender = this.#senders.get(instance)
    if (sender !== undefined && !fits(sender.window, counter)) return refusedAs("replay")
    const known = sender?.keys.get(label)
    this.#count(now)
    if (known === undefined && !this.#mayTry(host)) return refusedAs("over_limit")
    if (known !== undefined && this.#forged >= beaconLimits.forged) return refusedAs("overload")
    const key = known ?? deriveBeaconKey(root, instance)
    const beacon = openBeacon(bytes, header, key)
    if (beacon === "tag" && known !== undefined) this.#forged++
    if (typeof beacon === "string") return refusedAs(beacon)
    const verdict = this.#judge(beacon, wall, "Heard")
    if (verdict._tag === "Heard" || verdict._tag === "Own") this.#remember(instance, label, key, counter)
    return verdict
  }

  #judge(beacon: Beacon, wall: number, as: "Heard" | "Claimed"): BeaconVerdict {
    if (beacon.cluster !== this.#cluster || beacon.generation > wall + beaconLimits.generation) {
      return refusedAs("malformed")
    }
    const skew = beacon.sentAt - wall
    if (Math.abs(skew) > beaconLimits.skew) return { _tag: "Skewed", beacon, skew }
    return beacon.instance === this.#instance ? { _tag: "Own" } : { _tag: as, beacon }
  }

  #remember(instance: string, label: string, key: Uint8Array, counter: bigint): void {
    const sender = this.#senders.get(instance) ?? { keys: new Map(), window: { top: -1n, seen: 0n } }
    sender.keys.set(label, key)
    take(sender.window, counter)
    this.#senders.delete(instance)
    this.#senders.set(instance, sender)
    if (this.#senders.size <= beaconLimits.senders) return
    for (const each of this.#senders.keys()) {
      if (each === this.#instance) continue
      this.#senders.delete(each)
      return
    }
  }

  #count(now: number): void {
    if (now - this.#second < 1_000) return
    this.#second = now
    this.#unknown = 0
    this.#forged = 0
    this.#hosts = new Map()
  }

  /** Whether one more unknown sender is looked at in this second. */
  #mayTry(host: string): boolean {
    const counted = this.#hosts.size < beaconLimits.hosts || this.#hosts.has(host) ? host : ""
    const tried = this.#hosts.get(counted) ?? 0
    if (this.#unknown >= beaconLimits.unknown || tried >= beaconLimits.unknownPerHost) return false
    this.#unknown++
    this.#hosts.set(counted, tried + 1)
    return true
  }
}
