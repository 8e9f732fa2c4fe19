import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Machine, Simulation } from "./simulation.ts"

/** Suspends while the machine is stopped. */
const awake = (machine: Machine): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!machine.paused) return Effect.void
    return Effect.callback<void>((resume) => {
      const waiting = () => {
        machine.sleepers.delete(waiting)
        resume(awake(machine))
      }
      machine.sleepers.add(waiting)
      return Effect.sync(() => void machine.sleepers.delete(waiting))
    })
  })

/** The clock of a machine: time goes on while it is stopped, and nothing on it is woken. */
export const hostClock = ({ timeline: { clock } }: Simulation, machine: Machine): Clock.Clock => ({
  currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
  currentTimeMillis: clock.currentTimeMillis,
  currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
  currentTimeNanos: clock.currentTimeNanos,
  monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: clock.monotonicTimeNanos,
  sleep: (duration) => Effect.andThen(clock.sleep(duration), awake(machine))
})
