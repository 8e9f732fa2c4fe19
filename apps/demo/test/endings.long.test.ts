import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { forming, nothingLeft, read } from "./support/output.ts"
import { startDemo } from "./support/runningDemo.ts"

const timeout = 25_000

describe("the demo", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const) {
    it.live(
      `leaves no process and no port behind after ${signal}`,
      () =>
        Effect.gen(function* () {
          const demo = yield* startDemo("--json")
          yield* forming(demo)
          demo.signal(signal)
          const ended = yield* demo.ended
          const { reports, summary } = read(ended)
          assert.strictEqual(ended.code, code)
          assert.deepStrictEqual(summary.problems, ["stopped by a signal"])
          yield* nothingLeft(reports)
        }),
      timeout
    )
  }

  it.live(
    "ends at once at a second signal",
    () =>
      Effect.gen(function* () {
        const demo = yield* startDemo("--json")
        const reports = yield* forming(demo)
        demo.signal("SIGINT")
        demo.signal("SIGTERM")
        const { code } = yield* demo.ended
        assert.include([130, 143], code)
        yield* nothingLeft(reports)
      }),
    timeout
  )

  it.live(
    "leaves nothing behind when it is killed itself",
    () =>
      Effect.gen(function* () {
        const demo = yield* startDemo("--json")
        const reports = yield* forming(demo)
        demo.signal("SIGKILL")
        assert.strictEqual((yield* demo.ended).signal, "SIGKILL")
        yield* nothingLeft(reports)
      }),
    timeout
  )
})
