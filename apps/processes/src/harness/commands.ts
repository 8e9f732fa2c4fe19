/**
 * Programs of the system that set networks up.
 */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { HarnessError } from "./seats.ts"

/** Runs a program to its end, with this on its stdin, and gives what it printed. Who does not wait any more ends it. */
export const run = (command: string, args: ReadonlyArray<string>, input = ""): Effect.Effect<string, HarnessError> =>
  Effect.callback((resume) => {
    const child = execFile(command, [...args], (error, stdout, stderr) => {
      if (error === null) return resume(Effect.succeed(stdout))
      const said = (stderr.trim() || error.message).split("\n")[0]
      resume(Effect.fail(new HarnessError({ what: `${[command, ...args].join(" ")}: ${said}` })))
    })
    child.stdin?.on("error", () => {})
    child.stdin?.end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
