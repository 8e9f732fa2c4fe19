import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look, Source } from "../Discovery.ts"
import { format, type Peer } from "../Peer.ts"
import { leaf } from "./discoverySource.ts"
import { supervise } from "./discoverySupervise.ts"

type Sets = Map<string, { readonly good: ReadonlyArray<Peer>; readonly failing: boolean }>

const union = (sets: Sets): ReadonlyArray<Peer> => {
  const peers = [...sets.values()].flatMap((set) => set.good)
  return [...new Map(peers.map((peer) => [format(peer), peer])).values()]
}

const unite = (sets: Sets, look: Look): readonly [Sets, ReadonlyArray<Look>] => {
  if (look._tag === "Unknown") {
    sets.set(look.source, { good: sets.get(look.source)?.good ?? [], failing: true })
    return [sets, [...sets.values()].every((set) => set.failing) ? [look] : []]
  }
  sets.set(look.source, { good: look.peers, failing: false })
  return [sets, [{ ...look, peers: union(sets) }]]
}

/** The looks of all sources as those of one: the union of the last good sets, unknown while no source knows. */
const asOneSource = (self: Source, context: DiscoveryContext): Stream.Stream<Look> => {
  const sources = self.sources === undefined || self.sources.length === 0 ? [self] : self.sources
  return Stream.mergeAll(
    sources.map((source) => supervise(source, context)),
    { concurrency: "unbounded" }
  ).pipe(Stream.mapAccum((): Sets => new Map(), unite))
}

export const orElse = (self: Source, that: Source): Source =>
  leaf(`${self.name}|${that.name}`, (context) =>
    Stream.callback<Look>(
      Effect.fnUntraced(function* (queue) {
        const failed = yield* Latch.make()
        let first: Look | undefined
        let second: Look | undefined

        const fallback = yield* Stream.runForEach(asOneSource(that, context), (look) => {
          second = look
          return first?._tag === "Peers" ? Effect.void : Queue.offer(queue, look)
        }).pipe(failed.whenOpen, Effect.forkScoped)

        yield* Stream.runForEach(asOneSource(self, context), (look) => {
          const stoodIn = first?._tag === "Unknown" && second !== undefined
          first = look
          if (look._tag === "Peers") return Queue.offer(queue, look)
          return stoodIn ? Effect.void : Effect.andThen(failed.open, Queue.offer(queue, second ?? look))
        })

        if (first?._tag !== "Peers") {
          yield* failed.open
          yield* Fiber.join(fallback)
        }
        yield* Queue.end(queue)
      })
    )
  )
