import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { BrokenSource, Registry } from "./registry.ts"

const announceLate = ({ announced }: Registry) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const entry = {}
      setImmediate(() => announced.add(entry))
      return entry
    }),
    (entry) => Effect.sync(() => announced.delete(entry))
  )

/** Sources that are wrong in what they do to the registry. */
export const brokenAnnouncing: ReadonlyArray<BrokenSource> = [
  {
    name: "announces when it is asked for its looks",
    change: (source, registry) => ({
      ...source,
      looks: (context) => {
        registry.announced.add({})
        return source.looks(context)
      }
    }),
    caughtBy: ["nobody is announced before the source runs"]
  },
  {
    name: "does not withdraw",
    change: (source, registry) => ({
      ...source,
      looks: (context) => Stream.onExit(source.looks(context), () => Effect.sync(() => registry.announced.add({})))
    }),
    caughtBy: ["a node is announced while it runs the source, and withdrawn when that ends"]
  },
  {
    name: "withdraws everybody",
    change: (source, registry) => ({
      ...source,
      looks: (context) => Stream.onExit(source.looks(context), () => Effect.sync(() => registry.announced.clear()))
    }),
    caughtBy: ["each node that runs it is announced, and withdrawn alone"]
  },
  {
    name: "withdraws by its name, late",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.onExit(source.looks(context), () =>
          Effect.sync(() => {
            for (const entry of registry.announced) {
              if (entry.self?.name === context.self.name) registry.announced.delete(entry)
            }
          })
        )
    }),
    caughtBy: ["an earlier life that ends late takes nothing from the next"]
  },
  {
    name: "announces another address",
    change: (source) => ({
      ...source,
      looks: (context) =>
        source.looks({ ...context, self: { ...context.self, addresses: [Address.make("tcp", "127.0.0.1", 1)] } })
    }),
    caughtBy: ["nodes of one cluster that are announced find each other, as long as they are there"]
  },
  {
    name: "knows no clusters",
    change: (source) => ({
      ...source,
      looks: (context) => source.looks({ ...context, self: { ...context.self, cluster: "one" } })
    }),
    caughtBy: ["a node of another cluster is not found"]
  },
  {
    name: "announces where the node listened at first",
    change: (source) => ({
      ...source,
      looks: (context) => source.looks({ ...context, self: { ...context.self } })
    }),
    caughtBy: ["a node that listens elsewhere now is found there"]
  },
  {
    name: "withdraws when a look fails",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.tap(source.looks(context), (look) =>
          Effect.sync(() => (look._tag === "Unknown" ? registry.announced.clear() : undefined))
        )
    }),
    caughtBy: ["a failed look withdraws nobody"]
  },
  {
    name: "finds nobody when it announces nobody",
    change: (source) => ({
      ...source,
      looks: (context) => (context.announce === false ? Stream.never : source.looks(context))
    }),
    caughtBy: ["a node that is not to be announced finds the others all the same"]
  },
  {
    name: "announces everybody",
    change: (source) => ({ ...source, looks: (context) => source.looks({ ...context, announce: true }) }),
    caughtBy: ["a node that is not to be announced is not"]
  },
  {
    name: "withdraws for who was not announced",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.onExit(source.looks(context), () =>
          Effect.sync(() => (context.announce === false ? registry.announced.clear() : undefined))
        )
    }),
    caughtBy: ["a node that is not to be announced is not"]
  },
  {
    name: "is announced when it was interrupted before",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.unwrap(Effect.as(announceLate(registry), source.looks({ ...context, announce: false })))
    }),
    caughtBy: ["at whatever moment it is interrupted, nobody stays announced"]
  },
  {
    name: "waits for an answer whatever happens",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.onExit(source.looks(context), () => (registry.peers === "silent" ? Effect.never : Effect.void))
    }),
    caughtBy: ["a source that waits for an answer ends at once when it is interrupted, and leaves nothing open"]
  }
]
