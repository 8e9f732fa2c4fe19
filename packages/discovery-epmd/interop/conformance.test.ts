import { assert, describe, it } from "@effect/vitest"
import { Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import { inhabit, observe, rows } from "../test/behaviour.ts"
import { freePort } from "../test/processes.ts"
import { startEpmd } from "./programs.ts"

describe("Erlang's epmd and gc's daemon", () => {
  it.live(`answer the same to each of ${rows.length} things, and what is written down of them`, () =>
    Effect.gen(function* () {
      const port = yield* freePort
      yield* startEpmd(port)
      const daemon = yield* Daemon.serve({ port: 0 })
      yield* inhabit(port)
      yield* inhabit(daemon.port)
      const differences: Array<string> = []
      for (const row of rows) {
        const [real, own] = yield* Effect.all([observe(port, row), observe(daemon.port, row)], { concurrency: 2 })
        if (real !== own || real !== row.expected)
          differences.push(`${row.name}\n  epmd ${real}\n  gc   ${own}\n  here ${row.expected}`)
      }
      assert.deepStrictEqual(differences, [])
    })
  )
})
