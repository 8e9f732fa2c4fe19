/**
 * A process that loads the modules of Effect that a node loads, and nothing of gc: what the memory of a node is compared with.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Order } from "../messages.ts"
import { report, reportLog } from "./reporter.ts"
import { stdinLines } from "./stdinLines.ts"
import { usage } from "./usage.ts"

const read = Schema.decodeUnknownEffect(Schema.fromJsonString(Order))

const main = Effect.gen(function* () {
  const lines = yield* stdinLines
  yield* report({ report: "ready" })
  yield* Queue.take(lines)
  yield* report({ report: "listening", node: "bare", instance: "bare" })
  yield* Stream.runForEach(Stream.fromQueue(lines), (line) =>
    Effect.gen(function* () {
      const order = yield* read(line)
      if (order.order === "usage") yield* report({ report: "usage", id: order.id, usage: yield* usage })
    })
  )
}).pipe(
  Effect.scoped,
  Effect.catchTag("Done", () => Effect.void),
  Effect.provide(Logger.layer([Logger.make(reportLog)]))
)

NodeRuntime.runMain(main, { disableErrorReporting: true })
