import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import type * as Peer from "@gc/core/Peer"
import { BeaconReceiver, clusterTag } from "@gc/core/protocol"
import * as Gossip from "@gc/discovery-gossip"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import { beaconOf, freeGroup, tap } from "./support/network.ts"

const ports = new Map([
  ["x", 4471],
  ["y", 4472],
  ["z", 4473]
])
const all = [...ports].map(([name, port]): Peer.Peer => ({
  name: NodeName.make(`${name}@127.0.0.1`),
  address: Address.make("tcp", "127.0.0.1", port)
}))
const udp = new TextEncoder().encode("udp".repeat(11)).subarray(0, 32)
const clusters = ["suite-a", "suite-b", "suite-c"]

/** Nodes of each of the suite's clusters that are played: they answer at once, and say that they are there all the time. */
const world = Effect.gen(function* () {
  const group = yield* freeGroup
  const wire = yield* tap(group)
  const announced = new Map<string, number>()
  let peers: ReadonlyArray<Peer.Peer> = all
  const sayAll = (cluster: string) => {
    for (const peer of peers) {
      const [basename = ""] = (peer.name ?? "").split("@")
      const addresses = [`tcp://127.0.0.1:${ports.get(basename)}`]
      wire.send(beaconOf(basename, { cluster, addresses }, { key: udp }))
    }
  }
  wire.onPacket((bytes) => {
    const cluster = clusters.find((each) => clusterTag(each).every((byte, index) => bytes[5 + index] === byte))
    if (cluster === undefined) return
    const receiver = new BeaconReceiver({ cluster, instance: "00".repeat(16) }, [{ label: "k0", key: udp }])
    const verdict = receiver.receive(bytes, "", Date.now(), 0)
    if (verdict._tag !== "Heard" || ports.has(verdict.beacon.name.split("@")[0] ?? "")) return
    const { name } = verdict.beacon
    if (Date.now() - (announced.get(name) ?? 0) > 300) sayAll(cluster)
    announced.set(name, Date.now())
  })
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        Effect.sync(() => clusters.forEach(sayAll)),
        Effect.sleep("40 millis")
      )
    )
  )
  return {
    // On a busy machine this process stands still. For a second and more that time does not count; for less than two
    // intervals nobody is taken to have been out of hearing, and nobody's lifetime begins anew.
    layer: Gossip.layer({ ...group, interval: "200 millis", lifetime: "1200 millis" }),
    set: (next: ReadonlyArray<Peer.Peer>) =>
      Effect.sync(() => {
        peers = next
      }),
    announced: Effect.sync(() => [...announced.values()].filter((at) => Date.now() - at < 1_000).length)
  }
})

discoverySuite("beacons on the loopback interface", world, {
  peers: [all[0]!, all[1]!, all[2]!],
  ends: false,
  changes: true,
  fails: false,
  announces: true,
  meets: true,
  polls: false
})
