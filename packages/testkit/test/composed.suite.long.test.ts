import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import type { Peer } from "@gc/core/Peer"
import * as Peers from "@gc/core/Peer"
import { type DiscoveryCapabilities, discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { registryWorld } from "./support/registry.ts"

const peer = (port: number) => Peers.fromAddress(Address.make("tcp", "127.0.0.1", port))
const peers = [peer(1), peer(2), peer(3)] as const

type World = DiscoveryCapabilities.DiscoveryWorld

/** Two registries, of which each knows the peers of odd or of even ports, and everybody knows the second. */
const twoRegistries = (compose: (first: World["layer"], second: World["layer"]) => World["layer"]) =>
  Effect.gen(function* () {
    const knownTo = (parity: number) => (listed: ReadonlyArray<Peer>) =>
      listed.filter(({ address }) => address?.port === 2 || (address?.port ?? 0) % 2 === parity)
    const [odd, even] = [knownTo(1), knownTo(0)]
    const [first, second] = [yield* registryWorld(odd(peers)), yield* registryWorld(even(peers))]
    const both = (act: (world: World) => Effect.Effect<void, unknown> | undefined) =>
      Effect.forEach([first, second], (world) => act(world) ?? Effect.void, { discard: true })
    return {
      layer: compose(first.layer, second.layer),
      set: (next: ReadonlyArray<Peer>) => Effect.andThen(first.set!(odd(next)), second.set!(even(next))),
      fail: both(({ fail }) => fail),
      hang: both(({ hang }) => hang),
      announced: first.announced
    }
  })

discoverySuite("two registries, merged", twoRegistries(Discovery.layerMerge), {
  peers,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: true,
  polls: true
})

const changed = (layer: World["layer"], change: (source: Discovery.Source) => Discovery.Source) =>
  Layer.effect(Discovery.Discovery, Effect.map(Discovery.Discovery, change)).pipe(Layer.provide(layer))

discoverySuite(
  "a registry with another one behind it",
  Effect.map(registryWorld(peers), (world) => ({
    ...world,
    layer: changed(world.layer, Discovery.orElse(Discovery.poll({ name: "down", lookup: () => Effect.fail("down") })))
  })),
  { peers, ends: false, changes: true, fails: true, hangs: true, announces: true, polls: false }
)
