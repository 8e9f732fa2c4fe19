import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look, Source } from "../Discovery.ts"
import { backoff } from "./backoff.ts"
import { leaf } from "./discoverySource.ts"

/**
 * The looks of one source that never fail: a break is an `Unknown` look, and the source is run again after a pause. The
 * pauses are counted outside the stream, because `Stream.retry` begins anew at each element; here a good look does it.
 */
export const supervise = (source: Source, context: DiscoveryContext): Stream.Stream<Look> =>
  Stream.unwrap(
    Effect.map(Schedule.toStepWithSleep(backoff), (firstPauses) => {
      let pauses = firstPauses
      let ended = false
      let good = false

      const run = leaf(source.name, source.looks)
        .looks(context)
        .pipe(
          Stream.tap((look) =>
            Effect.sync(() => {
              good ||= look._tag === "Peers"
            })
          ),
          Stream.onEnd(
            Effect.sync(() => {
              ended = true
            })
          ),
          Stream.catch((error) => Stream.succeed<Look>({ _tag: "Unknown", source: source.name, error }))
        )

      const pause = Effect.gen(function* () {
        if (good) pauses = yield* Schedule.toStepWithSleep(backoff)
        good = false
        yield* Effect.ignore(pauses(undefined))
      })

      return Stream.unfold(0, (runs) => {
        if (ended) return Effect.undefined
        return Effect.as(runs === 0 ? Effect.void : pause, [run, runs + 1] as const)
      }).pipe(Stream.flatMap((looks) => looks))
    })
  )
