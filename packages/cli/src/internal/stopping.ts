/**
 * How the program is asked to end: a signal, or a reader of stdout that has gone. The first asks, a second signal insists.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { constants } from "node:os"
import { exitCodes } from "./failure.ts"

/** What asked the program to end. `unwritable`: what was printed got lost, on a full disk for example. */
export type Reason = "SIGINT" | "SIGTERM" | "SIGHUP" | "EPIPE" | "unwritable"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let resolve: (why: Reason) => void = () => {}
const promise = new Promise<Reason>((done) => (resolve = done))

let reason: Reason | undefined
/** How many are ready to end by themselves. */
let waiting = 0

/** Completes when the program is asked to end. */
export const stopped: Effect.Effect<Reason> = Effect.promise(() => promise)

/** The exit code that a shell expects of a program that a signal ended; SIGPIPE is what a reader who has gone stands for. */
export const exitCodeOf = (why: Reason): number => {
  if (why === "unwritable") return exitCodes.failed
  return 128 + constants.signals[why === "EPIPE" ? "SIGPIPE" : why]
}

/** Whether something that was printed got lost, other than by a reader who has gone. */
export const isUnwritable = (): boolean => reason === "unwritable"

/** Runs until it is done or the program is asked to end, which interrupts it; none says that it was. */
export const untilStopped = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => void waiting++),
    () =>
      Effect.raceFirst(
        Effect.asSome(effect),
        Effect.map(stopped, () => Option.none())
      ),
    () => Effect.sync(() => void waiting--)
  )

const stop = (why: Reason, interrupt: (why: Reason) => void): void => {
  reason = why
  resolve(why)
  if (waiting === 0) interrupt(why)
}

/** npm, and the terminal's process group, pass on a signal that came already: both are one wish. In milliseconds. */
const echo = 500

/** Watches signals and stdout. `interrupt` ends what does not end by itself; a second signal ends the process at once. */
export const watchStops = (interrupt: (why: Reason) => void): void => {
  const last = new Map<Reason, number>()
  for (const signal of signals) {
    process.on(signal, () => {
      const now = performance.now()
      const isEcho = now - (last.get(signal) ?? -Infinity) < echo
      last.set(signal, now)
      if (reason === undefined) stop(signal, interrupt)
      else if (!isEcho) process.exit(exitCodeOf(signal))
    })
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (reason !== undefined) return
    if (error.code === "EPIPE") return stop("EPIPE", interrupt)
    if (process.stderr.writable) process.stderr.write(`gcluster: stdout cannot be written: ${error.message}\n`)
    stop("unwritable", interrupt)
  })
  process.stderr.on("error", () => {})
}
