import { assert, describe, it } from "@effect/vitest"
import * as Epmd from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { contextOf, run, until } from "./context.ts"
import { freePort, namesAt } from "./processes.ts"

describe("two nodes of a host", () => {
  it.live("find each other where no epmd is", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const a = yield* Effect.flatMap(Epmd.make({ port }), (source) =>
        run(source, contextOf("a@rosa", ["tcp://127.0.0.1:5001"]))
      )
      const b = yield* Effect.flatMap(Epmd.make({ port }), (source) =>
        run(source, contextOf("b@rosa", ["tls://10.0.0.7:5002"]))
      )
      yield* until("a finds b", () => a.at(-1) === "b@rosa at tls://10.0.0.7:5002")
      yield* until("b finds a", () => b.at(-1) === "a@rosa at tcp://127.0.0.1:5001")
      assert.deepStrictEqual(yield* namesAt(port), "a b")
      assert.isTrue([...a, ...b].every((look) => !look.startsWith("failed")))
    })
  )

  it.live("are registered again when the one that serves ends, and nobody is gone in between", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const source = yield* Epmd.make({ port })
      const first = yield* Scope.make()
      yield* Scope.provide(run(source, contextOf("a@rosa", ["tcp://127.0.0.1:5001"])), first)
      yield* until("a is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      const b = yield* run(source, contextOf("b@rosa", ["tcp://127.0.0.1:5002"]))
      yield* run(source, contextOf("c@rosa", ["tcp://127.0.0.1:5003"]))
      yield* until("b finds both", () => b.at(-1)?.split(", ").length === 2)
      const said = b.length
      yield* Scope.close(first, Exit.void)
      yield* until("both are there", () => Effect.map(namesAt(port), (names) => names === "b c"))
      const later = b.length
      yield* until("more looks", () => b.length > later + 3)
      for (const look of b.slice(said)) assert.isTrue(look.startsWith("failed") || look.includes("c@rosa"), look)
    })
  )
})
