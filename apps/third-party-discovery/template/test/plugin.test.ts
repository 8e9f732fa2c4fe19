import { assert, describe, it } from "@effect/vitest"
import { Discovery } from "@gc/core/Discovery"
import { TestConfiguration } from "@gc/testkit"
import * as Effect from "effect/Effect"
import { plugin } from "../src/index.ts"

const plugins = { discovery: [plugin] }

/** What is said of the entry `{ "discovery": { "example": … } }` of a file. */
const problems = (example: object) =>
  TestConfiguration.problems(TestConfiguration.fromFile(plugins, { discovery: { example } }))

describe("the entry of a file", () => {
  it.effect("is the source", () =>
    Effect.gen(function* () {
      const example = { url: "http://rosa/nodes.json", interval: "10 seconds", timeout: "1 second" }
      const configuration = yield* TestConfiguration.fromFile(plugins, { discovery: { example } })
      const { name } = yield* Effect.provide(Discovery, TestConfiguration.discovery(configuration))
      assert.strictEqual(name, "example")
    })
  )

  it.effect("is refused where it is wrong, each value by its name", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problems({ url: "rosa" }), [
        'discovery.example.url is "rosa": expected a URL such as http://rosa/nodes.json'
      ])
      const said = (yield* problems({ interval: "soon" })).join("\n")
      assert.include(said, "discovery.example.url is missing")
      assert.include(said, 'discovery.example.interval is "soon"')
    })
  )
})

describe("the environment", () => {
  it.effect("gives the url", () =>
    Effect.gen(function* () {
      const env = { GC_DISCOVERY_EXAMPLE_URL: "https://rosa/nodes.json" }
      const { discoveries } = yield* TestConfiguration.fromEnvironment(plugins, env)
      assert.deepStrictEqual(discoveries[0]?.settings, { url: "https://rosa/nodes.json" })
    })
  )
})
