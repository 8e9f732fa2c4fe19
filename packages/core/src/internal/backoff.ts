import * as Schedule from "effect/Schedule"

/** 250 ms × 2 up to 30 s, with jitter: for whatever is tried again until it works. */
export const backoff = Schedule.jittered(
  Schedule.min([Schedule.exponential("250 millis", 2), Schedule.spaced("30 seconds")])
)
