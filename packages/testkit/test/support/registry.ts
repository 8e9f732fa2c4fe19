import * as Discovery from "@gc/core/Discovery"
import type { Peer } from "@gc/core/Peer"
import type { DiscoveryCapabilities } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** What a mutated source may do to the world. */
export interface Registry {
  /** Who is listed; `down` and `silent` are two ways to be out of order. */
  peers: ReadonlyArray<Peer> | "down" | "silent"
  readonly announced: Set<object>
}

export type Change = (source: Discovery.Source, registry: Registry) => Discovery.Source

/** A way to be wrong, and the checks that must notice. */
export interface BrokenSource {
  readonly name: string
  readonly change: Change
  readonly caughtBy: ReadonlyArray<string>
}

/** A registry of services: a source polls it, and is announced in it while it does. */
export const registryWorld = (initial: ReadonlyArray<Peer>, change: Change = (source) => source) =>
  Effect.sync((): DiscoveryCapabilities.DiscoveryWorld => {
    const registry: Registry = { peers: initial, announced: new Set() }
    const lookup = Effect.suspend((): Effect.Effect<ReadonlyArray<Peer>, Error> => {
      if (registry.peers === "down") return Effect.fail(new Error("the registry is down"))
      return registry.peers === "silent" ? Effect.never : Effect.succeed(registry.peers)
    })
    const polled = Discovery.poll({ name: "registry", lookup: () => lookup, timeout: "300 millis" })
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
      looks: (context) => {
        const looks = polled.looks(context)
        // With an infinite interval the looks end; being listed does not.
        return context.announce === false
          ? looks
          : Stream.unwrap(Effect.as(announce, Stream.concat(looks, Stream.never)))
      }
    })
    return {
      layer: Layer.succeed(Discovery.Discovery, change(source, registry)),
      set: (peers) => Effect.sync(() => void (registry.peers = peers)),
      fail: Effect.sync(() => void (registry.peers = "down")),
      hang: Effect.sync(() => void (registry.peers = "silent")),
      announced: Effect.sync(() => registry.announced.size)
    }
  })
