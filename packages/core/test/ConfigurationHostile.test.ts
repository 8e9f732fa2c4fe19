import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import {
  file,
  folder,
  inEnvironment,
  listPlugin,
  minimal,
  plugins,
  problems,
  read,
  registryPlugin,
  secretText,
  tcpPlugin
} from "./support/configurations.ts"

const hex = `hex:${"0a".repeat(32)}`

/** A discovery that is called `own`, with this schema. */
const own = (schema: Schema.Decoder<unknown>) => ({
  ...plugins,
  discovery: [Plugin.discovery({ key: "own", schema, layer: () => listPlugin.layer({}, undefined as never) })]
})

describe("a cookie that got to where another value belongs", () => {
  const places: ReadonlyArray<object> = [
    { node: hex },
    { cookie: undefined, cookieFile: hex },
    { [hex]: 1 },
    { discovery: { [hex]: {} } },
    { metadata: { [hex]: "x" } },
    { cookie: [{ label: hex, cookie: "short" }] },
    { security: ` ${hex}` }
  ]
  it.effect.each(places)("is not shown: %j", (place) =>
    Effect.gen(function* () {
      const said = (yield* problems(JSON.stringify({ ...minimal, ...place }))).join("\n")
      assert.match(said, / is .*: expected /)
      assert.notInclude(said, "0a0a")
    })
  )
})

describe("a setting of a third party's plugin", () => {
  it.effect("that Effect's own schema redacts is a secret", () =>
    Effect.gen(function* () {
      const token = Schema.RedactedFromValue(Schema.String.check(Schema.isMinLength(100)))
      const text = JSON.stringify({ ...minimal, discovery: { own: { token: secretText } } })
      const said = yield* problems(text, { plugins: own(Schema.Struct({ token })) })
      assert.deepStrictEqual(said, ["discovery.own.token is a text: expected a text"])
    })
  )

  it.effect("whose schema throws is named", () =>
    Effect.gen(function* () {
      const thrower = Schema.makeFilter(() => Effect.runSync(Effect.die("thrown")))
      const schema = Schema.Struct({ a: Schema.String.check(thrower) })
      const text = JSON.stringify({ ...minimal, discovery: { own: { a: "b" } } })
      const exit = yield* Effect.exit(read(text, { plugins: own(schema) }))
      assert(Exit.isFailure(exit))
      assert.include(Cause.pretty(exit.cause), "the schema of the plugin discovery.own may neither throw nor wait")
    })
  )

  it.effect("whose layer waits for ever is spoken of, and is given up with the program", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logs = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      let closed = 0
      const waiting = Effect.acquireRelease(Effect.void, () => Effect.sync(() => void closed++))
      const plugin = Plugin.discovery({
        key: "own",
        schema: Schema.Struct({}),
        layer: () => Layer.effect(Discovery.Discovery, Effect.andThen(waiting, Effect.never))
      })
      const path = file(join(yield* folder, "gc.json"), JSON.stringify({ ...minimal, discovery: { own: {} } }))
      const boot = Layer.build(Cluster.layerFile(path, { ...plugins, discovery: [plugin] }))
      const fiber = yield* Effect.forkChild(Effect.scoped(boot).pipe(Effect.provide(logs), inEnvironment({})))
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(lines, [])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(lines, ["not started after 10 seconds: one of transport.tcp, discovery.own"])
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(closed, 1)
    })
  )

  it.effect("whose key another plugin has is refused", () =>
    Effect.gen(function* () {
      const twice = { discovery: [listPlugin, registryPlugin, listPlugin], transport: [tcpPlugin] }
      assert.deepStrictEqual(yield* problems(JSON.stringify(minimal), { plugins: twice }), [
        "discovery.static is the key of two plugins: expected one plugin of that key"
      ])
    })
  )

  it.effect("has its rules looked at beside wrong settings, but for those that ask for a wrong one", () =>
    Effect.gen(function* () {
      const schema = Schema.Struct({
        port: Schema.optionalKey(Schema.Int),
        low: Schema.optionalKey(Schema.Number),
        high: Schema.Number
      }).check(
        Schema.makeFilter(({ high, low = 0 }) => (low > high ? { path: ["low"], issue: "expected less" } : undefined)),
        Schema.makeFilter((all) => (Object.keys(all).length > 2 ? { path: ["high"], issue: "too many" } : undefined))
      )
      const said = (entry: object) =>
        problems(JSON.stringify({ ...minimal, discovery: { own: entry } }), { plugins: own(schema) })
      const less = "discovery.own.low is 2: expected less"
      assert.include(yield* said({ port: "x", low: 2, high: 1 }), less)
      assert.include(yield* said({ extra: 1, low: 2, high: 1 }), less)
      assert.lengthOf(yield* said({ port: "x", low: 2, high: 1 }), 2)
      assert.notInclude(yield* said({ low: 2, hihg: 1 }), less)
      assert.notInclude(yield* said({ low: 2, high: 1, lwo: 0 }), less)
      assert.notInclude(yield* said({ low: "x", high: 1 }), less)
    })
  )
})

describe("a file", () => {
  it.effect("with a thousand mistakes is told by the first hundred", () =>
    Effect.gen(function* () {
      const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]))
      for (const text of [
        { ...minimal, ...many },
        { ...minimal, discovery: many },
        { ...minimal, metadata: many }
      ]) {
        const said = yield* problems(JSON.stringify(text))
        assert.lengthOf(said, 101)
        assert.strictEqual(said.at(-1), "the rest is not told: expected these 100 to be mended first")
      }
    })
  )

  it.effect("that is a pipe is not waited for", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const pipe = join(place, "pipe")
      execFileSync("mkfifo", ["-m", "600", pipe])
      const { message } = yield* Effect.flip(Configuration.read(pipe, plugins).pipe(inEnvironment({})))
      assert.include(message, "cannot be read (it is a pipe or a device)")
      const path = file(join(place, "gc.json"), JSON.stringify({ cluster: "orders", cookieFile: "pipe" }))
      const error = yield* Effect.flip(Configuration.read(path, plugins).pipe(inEnvironment({})))
      assert.include(error.message, `cookieFile is "${pipe}", which cannot be read (it is a pipe or a device)`)
    })
  )
})
