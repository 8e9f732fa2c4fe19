import { assert, describe, it } from "@effect/vitest"
import { Discovery } from "@gc/core/Discovery"
import { TestConfiguration } from "@gc/testkit"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Redis from "../src/index.ts"

const plugins = { discovery: [Redis.plugin] }

const wrongUrls = [
  "rosa:6379",
  "http://rosa:6379",
  "redis://",
  "redis://u:hidden@rosa/x",
  "redis://:hidden@rosa:99999",
  ""
]

/** What is said of the entry of a file. */
const problemsOf = (redis: object) =>
  Effect.map(TestConfiguration.problems(TestConfiguration.fromFile(plugins, { discovery: { redis } })), (lines) =>
    lines.join("\n")
  )

describe("an option that is wrong", () => {
  it.effect.each<readonly [options: object, says: string]>([
    [{ uri: "redis://rosa" }, '"uri" is no option: expected one of url, prefix'],
    [{ url: 6_379 }, 'option "url" is wrong: expected redis://host:port'],
    [{ prefix: "" }, 'option "prefix" is "": expected a text'],
    [{ prefix: 1 }, 'option "prefix" is 1: expected a text'],
    [{ lease: "900 millis" }, 'option "lease" is "900 millis": expected a time from a second to a day'],
    [{ lease: "2 days" }, 'option "lease" is "2 days"'],
    [{ interval: "soon" }, 'option "interval" is "soon": expected a time above zero'],
    [{ timeout: 0 }, 'option "timeout" is 0: expected a time above zero']
  ])("%j is refused", ([options, says]) =>
    Effect.gen(function* () {
      assert.include((yield* Effect.flip(Redis.make(options))).message, says)
    })
  )

  it.effect.each(wrongUrls)("the url %s is refused, and not said", (url) =>
    Effect.gen(function* () {
      for (const given of [url, Redacted.make(url)]) {
        const { message } = yield* Effect.flip(Redis.make({ url: given }))
        assert.include(message, 'option "url" is wrong: expected redis://host:port, or rediss:// for TLS')
        assert.notInclude(message, "hidden")
      }
      const said = yield* problemsOf({ url })
      assert.include(said, "discovery.redis.url")
      assert.include(said, "expected redis://host:port, or rediss:// for TLS")
      assert.notInclude(said, "hidden")
    })
  )

  it.effect("of a file is named by its key, each of them", () =>
    Effect.gen(function* () {
      const said = yield* problemsOf({
        urll: "redis://rosa",
        prefix: "",
        lease: "1 milli",
        interval: 0,
        timeout: "soon"
      })
      for (const part of [
        'did you mean "discovery.redis.url"?',
        'discovery.redis.prefix is "": expected a text of 1 to 64 characters',
        'discovery.redis.lease is "1 milli": expected a time from a second to a day',
        "discovery.redis.interval is 0: expected a time above zero",
        'discovery.redis.timeout is "soon": expected a time above zero'
      ]) {
        assert.include(said, part)
      }
    })
  )
})

describe("the README", () => {
  it.effect("shows an entry that is right", () =>
    Effect.gen(function* () {
      const { transport: _, ...content } = TestConfiguration.sample(new URL("../README.md", import.meta.url)) as Record<
        string,
        unknown
      >
      const { discoveries } = yield* TestConfiguration.fromFile(plugins, content)
      assert.deepStrictEqual(
        discoveries.map(({ key }) => key),
        ["redis"]
      )
    })
  )
})

describe("the environment", () => {
  it.effect("gives the url to a file's plugin", () =>
    Effect.gen(function* () {
      const env = {
        GC_DISCOVERY_REDIS_URL: "rediss://:hidden@rosa/1",
        GC_DISCOVERY_REDIS_LEASE: "30 seconds"
      }
      const configuration = yield* TestConfiguration.fromEnvironment(plugins, env)
      const { name } = yield* Effect.provide(Discovery, TestConfiguration.discovery(configuration))
      assert.strictEqual(name, "redis")
      assert.notInclude(JSON.stringify(configuration), "hidden")
    })
  )

  it.effect("gives the url to layerConfig", () =>
    Effect.gen(function* () {
      const layer = Redis.layerConfig({
        url: Config.Redacted("REDIS_URL"),
        prefix: Config.schema(Schema.String, "REDIS_PREFIX")
      })
      const source = (env: Record<string, string>) =>
        Discovery.pipe(Effect.provide(layer), Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
      assert.strictEqual((yield* source({ REDIS_URL: "redis://rosa", REDIS_PREFIX: "a" })).name, "redis")
      assert.include((yield* Effect.flip(source({ REDIS_URL: "rosa", REDIS_PREFIX: "a" }))).message, 'option "url"')
      assert.include((yield* Effect.flip(source({ REDIS_URL: "redis://rosa" }))).message, "REDIS_PREFIX")
    })
  )
})
