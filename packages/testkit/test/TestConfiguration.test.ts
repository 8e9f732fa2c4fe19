import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import { TestConfiguration } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"

const plugin = Plugin.discovery({
  key: "book",
  schema: Schema.Struct({ page: Setting.integer({ description: "The page.", minimum: 1, maximum: 9 }) }),
  layer: ({ page }) =>
    Layer.succeed(Discovery.Discovery, Discovery.poll({ name: `page ${page}`, lookup: () => Effect.succeed([]) }))
})
const other = Plugin.discovery({ key: "other", schema: Schema.Struct({}), layer: () => Layer.empty as never })
const plugins = { discovery: [plugin, other] }

interface Sample {
  readonly discovery: object
}

describe("TestConfiguration", () => {
  it.effect("reads a file, which is gone with the scope", () =>
    Effect.gen(function* () {
      const read = TestConfiguration.fromFile(plugins, { discovery: { book: { page: 7 } } })
      const { discoveries, options, source } = yield* Effect.scoped(
        Effect.tap(read, ({ source }) => Effect.sync(() => assert.isTrue(existsSync(source))))
      )
      assert.deepStrictEqual([options.cluster, discoveries[0]?.settings], ["test", { page: 7 }])
      assert.isFalse(existsSync(source))
      const named = yield* TestConfiguration.fromFile(plugins, { cluster: "orders" })
      assert.deepStrictEqual([named.options.cluster, named.discoveries, named.warnings], ["orders", [], []])
    })
  )

  it.effect("reads the variables that it is given, and makes the layer of the one discovery", () =>
    Effect.gen(function* () {
      const configuration = yield* TestConfiguration.fromEnvironment(plugins, { GC_DISCOVERY_BOOK_PAGE: "3" })
      const { name } = yield* Effect.provide(Discovery.Discovery, TestConfiguration.discovery(configuration))
      assert.strictEqual(name, "page 3")
      for (const discovery of [{}, { book: { page: 1 }, other: {} }]) {
        const read = yield* TestConfiguration.fromFile(plugins, { discovery })
        assert.throws(() => TestConfiguration.discovery(read), "expected one discovery")
      }
    })
  )

  it.effect("says what is wrong, and fails when nothing is", () =>
    Effect.gen(function* () {
      const said = (page: unknown) =>
        TestConfiguration.problems(TestConfiguration.fromFile(plugins, { discovery: { book: { page } } }))
      const [line, ...others] = yield* said(10)
      assert.match(line ?? "", /^discovery\.book\.page is 10: expected /)
      assert.deepStrictEqual(others, [])
      assert.lengthOf((yield* Effect.flip(said(9))).discoveries, 1)
      const unknown = TestConfiguration.fromFile(plugins, { discovery: { boook: {} } })
      assert.include((yield* TestConfiguration.problems(unknown)).join(), "boook")
    })
  )

  it("finds the sample of a document, and misses one that is not there", () => {
    const { discovery } = TestConfiguration.sample(
      new URL("../../discovery-static/README.md", import.meta.url)
    ) as Sample
    assert.hasAllKeys(discovery, ["static"])
    assert.throws(() => TestConfiguration.sample(new URL("../package.json", import.meta.url)), "no block of JSON")
  })
})
