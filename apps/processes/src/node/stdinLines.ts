/**
 * A process's stdin, line by line. Its end means that the harness is gone.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { createInterface } from "node:readline"

/** What an orphan is given to leave, in milliseconds. */
const orphanPatience = 6_000

/** The lines of stdin, until it ends or the scope closes. */
export const stdinLines = Effect.acquireRelease(
  Effect.gen(function* () {
    const lines = yield* Queue.unbounded<string, Cause.Done>()
    const reader = createInterface({ input: process.stdin })
    reader.on("line", (line) => Queue.offerUnsafe(lines, line))
    reader.on("close", () => {
      Queue.endUnsafe(lines)
      setTimeout(() => process.exit(1), orphanPatience).unref()
    })
    return { lines, reader }
  }),
  ({ reader }) =>
    Effect.sync(() => {
      reader.close()
      process.stdin.destroy()
    })
).pipe(Effect.map(({ lines }) => lines))
