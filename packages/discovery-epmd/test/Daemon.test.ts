import { assert, describe, it } from "@effect/vitest"
import { Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import { inhabit, observe, rows } from "./behaviour.ts"

describe("the daemon answers as Erlang's", () => {
  it.live(`to each of ${rows.length} things that it is sent`, () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      yield* inhabit(port)
      for (const row of rows) assert.strictEqual(yield* observe(port, row), row.expected, row.name)
    })
  )
})
