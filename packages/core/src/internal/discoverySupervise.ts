import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look, Source } from "../Discovery.ts"
import { backoff } from "./backoff.ts"

/**
 * The looks of one source that never fail: a break is an `Unknown` look, and the source is run again with backoff. The
 * backoff is outside the stream, because `Stream.retry` begins anew at each element; it begins anew after a good look.
 */
export const supervise = (source: Source, context: DiscoveryContext): Stream.Stream<Look> =>
  Stream.unwrap(Effect.gen(function*() {
    let good = false
    let step = yield* Schedule.toStepWithSleep(backoff)
    const run: Stream.Stream<Look> = Stream.suspend(() => source.looks(context)).pipe(
      Stream.tap((look) =>
        Effect.sync(() => {
          good ||= look._tag === "Peers"
        })
      ),
      Stream.catch((error) =>
        Stream.concat(
          Stream.succeed<Look>({ _tag: "Unknown", source: source.name, error }),
          Stream.unwrap(Effect.gen(function*() {
            if (good) step = yield* Schedule.toStepWithSleep(backoff)
            good = false
            yield* Effect.ignore(step(undefined))
            return run
          }))
        )
      )
    )
    return run
  }))
