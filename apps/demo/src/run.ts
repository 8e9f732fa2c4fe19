/**
 * The demo as this process's one task, with its signals and its exit code.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { constants } from "node:os"
import type { Options } from "./arguments.ts"
import { demo } from "./demo.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** The first signal ends the demo in order, the second at once. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let code: number | undefined
  for (const signal of signals) {
    process.on(signal, () => {
      if (code !== undefined) process.exit(code)
      code = 128 + constants.signals[signal]
      fiber.interruptUnsafe()
    })
  }
  fiber.addObserver((exit) => teardown(exit, (ended) => process.exit(code ?? ended)))
})

/** Runs the demo; the exit code is 0 when every node observed every step, 1 when not, and 128 + n after signal n. */
export const run = (options: Options): void => {
  // Nobody reads any more: there is nothing left to show, and the processes end with this one.
  process.stdout.on("error", () => process.exit(1))
  const ok = Effect.map(demo(options), (summary) => summary.ok)
  runMain(ok, { teardown: (exit, end) => end(Exit.isSuccess(exit) && exit.value === true ? 0 : 1) })
}
