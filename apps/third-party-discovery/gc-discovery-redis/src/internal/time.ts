import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Reads a clock in milliseconds that goes on when the machine's clock is set. */
export const monotonic: Effect.Effect<() => number> = Effect.map(
  Clock.Clock,
  (clock) => () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
)
