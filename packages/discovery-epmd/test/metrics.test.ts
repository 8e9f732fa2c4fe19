import { assert, describe, it } from "@effect/vitest"
import * as Epmd from "@gc/discovery-epmd"
import { Client } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import { contextOf, run, until } from "./context.ts"
import { freePort, namesAt } from "./processes.ts"

/** The metrics of epmd, each with its attributes, and its count or value. */
const values = Effect.map(Metric.snapshot, (all) =>
  Object.fromEntries(
    all.flatMap(({ attributes, id, state }) => {
      const value = "count" in state ? state.count : "value" in state ? state.value : undefined
      const suffix = Object.values(attributes ?? {})
        .toSorted()
        .join(" ")
      return id.startsWith("gc_epmd_") ? [[`${id} ${suffix}`.trim(), Number(value)] as const] : []
    })
  )
)

describe("what a node counts", () => {
  it.live("is its looks, registrations and what its daemon does", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const scope = yield* Scope.make()
      const looks = yield* Scope.provide(
        Effect.flatMap(Epmd.make({ port }), (source) => run(source, contextOf("a@rosa", ["tcp://127.0.0.1:5001"]))),
        scope
      )
      yield* until("it is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      yield* Client.register({ name: "erlang", port: 2 }, "127.0.0.1", { port })
      const said = looks.length
      yield* until("two looks", () => looks.length >= said + 2)
      const now = yield* values
      assert.strictEqual(now["gc_epmd_registrations_total registered"], 1)
      assert.strictEqual(now["gc_epmd_registered"], 1)
      assert.strictEqual(now["gc_epmd_daemons"], 1)
      assert.strictEqual(now["gc_epmd_daemon_names"], 2)
      assert.strictEqual(now["gc_epmd_names 127.0.0.1 gc"], 1)
      assert.strictEqual(now["gc_epmd_names 127.0.0.1 other"], 1)
      assert.strictEqual(now["gc_epmd_names 127.0.0.1 foreign"], 0)
      assert.strictEqual(now["gc_epmd_questions_total port"], 2)
      assert.isAbove(now["gc_epmd_questions_total names"] ?? 0, 1)
      assert.strictEqual(now["gc_epmd_daemon_requests_total PortPlease2"], 2)
      yield* Scope.close(scope, Exit.void)
      const then = yield* values
      assert.deepStrictEqual([then["gc_epmd_registered"], then["gc_epmd_daemons"]], [0, 0])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
