import * as Discovery from "@gc/core/Discovery"
import * as Address from "@gc/core/Address"
import type { LocalNode } from "@gc/core/LocalNode"
import type { Peer } from "@gc/core/Peer"
import type { DiscoveryCapabilities } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** What a mutated source may do to the world. */
export interface Registry {
  /** Who is listed; `down` and `silent` are two ways to be out of order. */
  peers: ReadonlyArray<Peer> | "down" | "silent"
  readonly announced: Set<Entry>
}

/** Who is announced; nobody in particular where a mutated source says so. */
interface Entry {
  readonly self?: LocalNode
}

export type Change = (source: Discovery.Source, registry: Registry) => Discovery.Source

/** A way to be wrong, and the checks that must notice. */
export interface BrokenSource {
  readonly name: string
  readonly change: Change
  readonly caughtBy: ReadonlyArray<string>
}

const othersIn = ({ announced }: Registry, { cluster, instance }: LocalNode): ReadonlyArray<Peer> =>
  [...announced].flatMap(({ self }) =>
    self === undefined || self.cluster !== cluster || self.instance === instance
      ? []
      : self.addresses.filter(Address.isDialable).map((address): Peer => ({ name: self.name, address }))
  )

/** A registry of services: a source polls it, and is announced in it while it does. */
export const registryWorld = (initial: ReadonlyArray<Peer>, change: Change = (source) => source) =>
  Effect.sync((): DiscoveryCapabilities.DiscoveryWorld => {
    const registry: Registry = { peers: initial, announced: new Set() }
    const lookup = (self: LocalNode) =>
      Effect.suspend((): Effect.Effect<ReadonlyArray<Peer>, Error> => {
        if (registry.peers === "down") return Effect.fail(new Error("the registry is down"))
        if (registry.peers === "silent") return Effect.never
        return Effect.succeed([...registry.peers, ...othersIn(registry, self)])
      })
    const polled = Discovery.poll({ name: "registry", lookup, timeout: "300 millis" })
    const announce = (self: LocalNode) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const entry = { self }
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
          : Stream.unwrap(Effect.as(announce(context.self), Stream.concat(looks, Stream.never)))
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
