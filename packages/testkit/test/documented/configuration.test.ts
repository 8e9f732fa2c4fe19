import { assert, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import { TestConfiguration } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** What your package exports. */
const plugin = Plugin.discovery({
  key: "book",
  schema: Schema.Struct({ page: Setting.integer({ description: "The page.", minimum: 1, maximum: 9 }) }),
  layer: ({ page }) =>
    Layer.succeed(Discovery.Discovery, Discovery.poll({ name: `page ${page}`, lookup: () => Effect.succeed([]) }))
})
const plugins = { discovery: [plugin] }

it.effect("the entry of a file is the source", () =>
  Effect.gen(function* () {
    const configuration = yield* TestConfiguration.fromFile(plugins, { discovery: { book: { page: 7 } } })
    const source = yield* Effect.provide(Discovery.Discovery, TestConfiguration.discovery(configuration))
    assert.strictEqual(source.name, "page 7")
  })
)

it.effect("a wrong value is named by its variable", () =>
  Effect.gen(function* () {
    const read = TestConfiguration.fromEnvironment(plugins, { GC_DISCOVERY_BOOK_PAGE: "10" })
    const [line = ""] = yield* TestConfiguration.problems(read)
    assert.match(line, /^GC_DISCOVERY_BOOK_PAGE.* is 10: expected /)
  })
)
