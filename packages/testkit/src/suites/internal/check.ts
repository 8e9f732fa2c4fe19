import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/** One thing that a plug-in must do. It passes when the effect succeeds. */
interface Check<Subject> {
  /** Names the behaviour. */
  readonly name: string
  readonly run: (subject: Subject) => Effect.Effect<void, unknown, Scope.Scope>
}

/** Checks of one kind. */
export interface Section<Subject, Profile> {
  readonly name: string
  /** Why a plug-in of this profile is not asked; absent when every one is. */
  readonly skip?: ((profile: Profile) => string | undefined) | undefined
  readonly checks: ReadonlyArray<Check<Subject>>
}

/**
 * Fails when `effect` has not ended in time. It does not wait for an effect that cannot be interrupted: a plug-in that
 * hangs fails its check and does not hang the suite.
 */
export const within = <A, E, R>(
  time: Duration.Duration,
  what: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(restore(effect)), (fiber) => {
      const late = Effect.andThen(
        Effect.sleep(time),
        Effect.die(new Error(`${what}: not within ${Duration.format(time)}`))
      )
      return restore(Effect.raceFirst(Fiber.join(fiber), late)).pipe(
        Effect.onExit(() => Effect.sync(() => fiber.interruptUnsafe()))
      )
    })
  )

/** Lets other fibers and the event loop run: one round of timers, I/O and `setImmediate`. */
export const tick: Effect.Effect<void> = Effect.callback((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Suspends until the condition holds; polled at each turn of the event loop. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (condition() ? Effect.void : Effect.andThen(tick, until(condition))))

const count = (kinds: RegExp): number => process.getActiveResourcesInfo().filter((name) => kinds.test(name)).length

/** How many sockets of any kind this process holds open. */
export const openSockets = (): number => count(/^(TCP|TLS|UDP|Pipe)/)

/** How many timers of this process wait, and how many processes that it started run. */
export const openWork = (): number => count(/^(Timeout|Process)/)
