import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as NodeName from "../src/NodeName.ts"
import { hosts } from "./support/hosts.ts"

const basenames = Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[!-?A-~]{1,20}$/)))

describe("NodeName", () => {
  it.effect.prop("is its basename and its host", { basename: basenames, host: hosts }, ({ basename, host }) =>
    Effect.sync(() => {
      const name = NodeName.make(`${basename}@${host}`)
      assert.strictEqual(NodeName.basename(name), basename)
      assert.strictEqual(NodeName.host(name), host)
      assert.strictEqual(name, `${basename}@${host.includes(":") ? `[${host}]` : host}`)
    })
  )

  it.effect.prop("has one canonical form", { basename: basenames, host: hosts }, ({ basename, host }) =>
    Effect.sync(() => {
      const name = NodeName.make(`${basename}@${host}`)
      assert.deepStrictEqual(NodeName.parse(`${basename}@${host.toUpperCase()}`), Result.succeed(name))
      assert.deepStrictEqual(NodeName.parse(name), Result.succeed(name))
    })
  )

  it.effect.prop("decodes and encodes to itself", { basename: basenames, host: hosts }, ({ basename, host }) =>
    Effect.gen(function* () {
      const name = NodeName.make(`${basename}@${host}`)
      assert.strictEqual(yield* Schema.decodeEffect(NodeName.NodeName)(name), name)
      assert.strictEqual(yield* Schema.encodeEffect(NodeName.NodeName)(name), name)
    })
  )

  it.effect.prop("an arbitrary text is a name or a refusal, never a throw", [Schema.String], ([text]) =>
    Effect.sync(() => {
      const name = NodeName.parse(text)
      if (Result.isFailure(name)) assert.isAbove(name.failure.length, 0)
      else assert.deepStrictEqual(NodeName.parse(name.success), name)
    })
  )

  it.each([
    ["rosa", `"rosa" is not basename@host with exactly one "@"`],
    ["a@b@c", `"a@b@c" is not basename@host with exactly one "@"`],
    ["@rosa", `"@rosa" has nothing before the "@"`],
    ["a@", `"a@": the host is empty`],
    ["a b@rosa", "a node name is printable ASCII without blanks"],
    ["ä@rosa", "a node name is printable ASCII without blanks"],
    ["a@127.1", `"a@127.1": "127.1" is not an IPv4 address`],
    [`${"a".repeat(251)}@rosa`, "a node name has at most 255 bytes, not 256"]
  ])("refuses %s and says why", (text, reason) => {
    assert.deepStrictEqual(NodeName.parse(text), Result.fail(reason))
    assert.throws(() => NodeName.make(text), reason)
  })

  it.effect("the schema takes only the canonical form and tells it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Schema.decodeEffect(NodeName.NodeName)("a@Rosa"))
      assert.include(error.message, `the canonical form of this node name is "a@rosa"`)
      const refused = yield* Effect.flip(Schema.decodeEffect(NodeName.NodeName)("rosa"))
      assert.include(refused.message, `"rosa" is not basename@host`)
    })
  )

  it("is a text that not every text is", () => {
    expectTypeOf<NodeName.NodeName>().toExtend<string>()
    expectTypeOf<string>().not.toExtend<NodeName.NodeName>()
  })
})
