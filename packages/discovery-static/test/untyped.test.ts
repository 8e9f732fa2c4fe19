import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Static from "@gc/discovery-static"
import * as Effect from "effect/Effect"

const refusal = (entries: unknown, options?: unknown) =>
  Effect.flip(Static.make(entries as ReadonlyArray<Static.Entry>, options as Static.Options))

describe("a list", () => {
  it.effect("of a program that no compiler has seen is a refusal, never a defect", () =>
    Effect.gen(function* () {
      const address = Address.make("tcp", "rosa", 1)
      const cyclic: Record<string, unknown> = {}
      cyclic["self"] = cyclic
      const entries = [
        null,
        undefined,
        42,
        5n,
        {},
        [],
        cyclic,
        { name: 42 },
        { name: "rosa" },
        { address: "tcp://h:1" }
      ]
      for (const entry of [...entries, { address: { ...address, host: 42 } }, { address, name: null }]) {
        const error = yield* refusal([entry])
        assert.strictEqual(error.reason._tag, "EntryInvalid")
        assert.include(error.message, "is no peer: expected a")
      }
      for (const list of [undefined, null, 42, "b@rosa", {}]) {
        assert.include((yield* refusal(list)).message, "expected a list of nodes")
      }
      for (const options of [42, { protocol: 42 }]) {
        assert.include((yield* refusal(["rosa:1"], options)).message, "expected { protocol:")
      }
      const misspelled = yield* refusal(["rosa:1"], { protcol: "ws" })
      assert.include(misspelled.message, 'option "protcol" is not an option')
      assert.include(misspelled.message, 'did you mean "protocol"?')
    })
  )
})
