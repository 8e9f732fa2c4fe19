import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type DiscoveryContext, type Look, peers, RefreshInterval, unknown } from "../Discovery.ts"
import { DiscoveryError, LookFailed, LookTimeout } from "../DiscoveryError.ts"
import type { LocalNode } from "../LocalNode.ts"
import type { Peer } from "../Peer.ts"
import { backoff } from "./backoff.ts"

/** Whatever a source failed with, as its `DiscoveryError`. */
export const asDiscoveryError = (source: string, cause: Cause.Cause<unknown>): DiscoveryError => {
  const error = Cause.squash(cause)
  if (error instanceof DiscoveryError) return error
  const detail = error instanceof Error && error.message !== "" ? error.message : String(error)
  return new DiscoveryError({ source, reason: new LookFailed({ detail, cause: error }) })
}

export const pollLooks = <E>(
  options: {
    readonly name: string
    readonly lookup: (self: LocalNode, context: DiscoveryContext) => Effect.Effect<ReadonlyArray<Peer>, E>
    readonly interval?: Duration.Input | undefined
    readonly timeout?: Duration.Input | undefined
  },
  context: DiscoveryContext
): Stream.Stream<Look> => {
  const timeout = Duration.fromInputUnsafe(options.timeout ?? Duration.seconds(5))
  const look: Effect.Effect<Look> = Effect.suspend(() => options.lookup(context.self, context)).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () =>
        Effect.fail(
          new DiscoveryError({
            source: options.name,
            reason: new LookTimeout({ millis: Duration.toMillis(timeout) })
          })
        )
    }),
    Effect.map(peers),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.succeed(unknown(asDiscoveryError(options.name, cause)))
    )
  )
  return Stream.unwrap(Effect.map(RefreshInterval, (reference) => {
    const every = options.interval === undefined ? reference : Duration.fromInputUnsafe(options.interval)
    return Duration.isFinite(every)
      ? Stream.fromEffectSchedule(look, Schedule.jittered(Schedule.spaced(every)))
      : Stream.fromEffectSchedule(look, Schedule.while(backoff, ({ input }) => (input as Look)._tag === "Unknown"))
  }))
}
