import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look } from "../Discovery.ts"
import { LookFailed, LookTimeout } from "../DiscoveryError.ts"
import type { LocalNode } from "../LocalNode.ts"
import type { Peer } from "../Peer.ts"
import { backoff } from "./backoff.ts"
import { asDiscoveryError } from "./discoverySource.ts"

export const pollLooks = <E>(
  options: {
    readonly name: string
    readonly lookup: (self: LocalNode, context: DiscoveryContext) => Effect.Effect<ReadonlyArray<Peer>, E>
    readonly interval?: Duration.Input | undefined
    readonly timeout?: Duration.Input | undefined
  },
  context: DiscoveryContext,
  refreshInterval: Effect.Effect<Duration.Duration>
): Stream.Stream<Look> => {
  const source = options.name
  const timeout = Duration.fromInputUnsafe(options.timeout ?? Duration.seconds(5))
  const look: Effect.Effect<Look> = Effect.suspend(() => options.lookup(context.self, context)).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(new LookTimeout({ millis: Duration.toMillis(timeout) }))
    }),
    Effect.map((peers): Look => ({ _tag: "Peers", source, peers })),
    Effect.catchCause((cause) =>
      Effect.succeed<Look>({ _tag: "Unknown", source, error: asDiscoveryError(source, cause, failed) })
    )
  )
  return Stream.unwrap(
    Effect.map(refreshInterval, (reference) => {
      const every = options.interval === undefined ? reference : Duration.fromInputUnsafe(options.interval)
      return Duration.isFinite(every)
        ? Stream.fromEffectSchedule(look, Schedule.jittered(Schedule.spaced(every)))
        : Stream.fromEffectSchedule(look, untilKnown)
    })
  )
}

const failed = (detail: string, cause: unknown): LookFailed => new LookFailed({ detail, cause })

const untilKnown = backoff.pipe(
  Schedule.setInputType<Look>(),
  Schedule.while(({ input }) => input._tag === "Unknown")
)
