import * as Discovery from "@gc/core/Discovery"
import type { Peer } from "@gc/core/Peer"
import type { DiscoveryCapabilities } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** What a mutated source may do to the world. */
interface Registry {
  peers: ReadonlyArray<Peer> | undefined
  readonly announced: Set<object>
}

export type Change = (source: Discovery.Source, registry: Registry) => Discovery.Source

/** A registry of services: a source polls it, and is announced in it while it does. */
export const registryWorld = (initial: ReadonlyArray<Peer>, change: Change = (source) => source) =>
  Effect.sync((): DiscoveryCapabilities.DiscoveryWorld => {
    const registry: Registry = { peers: initial, announced: new Set() }
    const lookup = Effect.suspend(() =>
      registry.peers === undefined ? Effect.fail(new Error("the registry is down")) : Effect.succeed(registry.peers)
    )
    const polled = Discovery.poll({ name: "registry", lookup: () => lookup })
    const announce = Effect.acquireRelease(
      Effect.sync(() => {
        const entry = {}
        registry.announced.add(entry)
        return entry
      }),
      (entry) => Effect.sync(() => registry.announced.delete(entry))
    )
    const source = Discovery.make({
      name: "registry",
      looks: (context) => Stream.unwrap(Effect.as(announce, polled.looks(context)))
    })
    return {
      layer: Layer.succeed(Discovery.Discovery, change(source, registry)),
      set: (peers) => Effect.sync(() => void (registry.peers = peers)),
      fail: Effect.sync(() => void (registry.peers = undefined)),
      announced: Effect.sync(() => registry.announced.size)
    }
  })
