/** A node that only looks: `node program.ts <name> <port of its listener> <timeout>`, at `ERL_EPMD_PORT`; begins at a line of input. */
import * as Epmd from "@gc/discovery-epmd"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { contextOf, run } from "./context.ts"

const [name = "", port = "", timeout = "5 seconds"] = process.argv.slice(2)

const program = Effect.scoped(
  Effect.gen(function* () {
    const source = yield* Epmd.make({ timeout: timeout as Duration.Input })
    const looks = yield* run(source, contextOf(`${name}@127.0.0.1`, [`tcp://127.0.0.1:${port}`]))
    let said = 0
    return yield* Effect.forever(
      Effect.gen(function* () {
        for (; said < looks.length; said++) {
          if (looks[said] !== looks[said - 1]) process.stdout.write(`look ${looks[said]}\n`)
        }
        yield* Effect.sleep("10 millis")
      })
    )
  })
)

process.stdin.once("data", () => {
  const fiber = Effect.runFork(program)
  process.once("SIGTERM", () => Effect.runFork(Fiber.interrupt(fiber)))
  process.stdin.destroy()
})
process.stdout.write("ready\n")
