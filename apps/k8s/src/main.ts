/**
 * The program of a pod: `node apps/k8s/src/main.ts`. The environment says everything (`settings.ts`). SIGTERM and SIGINT make it
 * leave, and a second one ends it at once. It ends with 0 when it has left, and with 1 when it could not start or be a member.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import { node } from "./node.ts"

const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let stopping = false
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      fiber.interruptUnsafe()
    })
  }
  fiber.addObserver((exit) => teardown(exit, (code) => process.exit(stopping && Exit.hasInterrupts(exit) ? 0 : code)))
})

const main = node.pipe(
  Effect.tapCause((cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logFatal(Cause.prettyErrors(cause)[0]?.message)
  ),
  Effect.provide(Logger.layer([Logger.consoleJson]))
)

runMain(main, { disableErrorReporting: true })
