import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@gc/core/Channel"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { collect, nameOf, on, openBytes, pair, soon } from "./support/channels.ts"

/** What a schema does in effects of its own, one of them later. */
const Later = Schema.String.pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transformEffect((text) => Effect.as(Effect.yieldNow, text.slice(1))),
    encode: SchemaGetter.transformEffect((text) => Effect.as(Effect.yieldNow, `>${text}`))
  })
)

const mistake = (text: string): string => {
  if (text === "bad") throw new Error("a mistake")
  return text
}

/** Schemas that throw where they ought to fail. */
const throwing = {
  transforms: Schema.String.pipe(
    Schema.decodeTo(Schema.String, { decode: SchemaGetter.transform(mistake), encode: SchemaGetter.transform(mistake) })
  ),
  checks: Schema.String.check(Schema.makeFilter((text) => mistake(text) === text))
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

describe("a typed channel", () => {
  it.effect("takes a schema whose transformations are effects, and keeps the order", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* on(a, Channel.make("later", Later)), yield* on(b, Channel.make("later", Later))]
      const received = yield* collect(to)
      for (let index = 0; index < 20; index++) yield* from.send(nameOf(b), `message ${index}`)
      assert.deepStrictEqual(yield* from.broadcast("to all"), [nameOf(b)])
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        [...Array.from({ length: 20 }, (_, index) => `message ${index}`), "to all"]
      )
    })
  )

  it.effect("writes JSON of the encoded side, in UTF-8", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const schema = Schema.Struct({ text: Schema.String, at: Schema.FiniteFromString })
      const [from, to] = [yield* on(a, Channel.make("plain", schema)), yield* openBytes(b, "plain")]
      for (const text of ["ä€😀", "x".repeat(10_000), "\ud800"]) yield* from.send(nameOf(b), { text, at: 7 })
      yield* soon
      assert.deepStrictEqual(
        (yield* to.receive).map(({ message }) => new TextDecoder().decode(message)),
        ["ä€😀", "x".repeat(10_000), "\ud800"].map((text) => JSON.stringify({ text, at: "7" }))
      )
    })
  )

  it.effect("says of a message that JSON has no word for that it was not sent", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const cyclic: Record<string, unknown> = {}
      cyclic["self"] = cyclic
      const channel = yield* on(a, Channel.make("anything", Schema.Unknown))
      for (const message of [1n, undefined, () => 1, cyclic]) {
        const { reason } = yield* Effect.flip(channel.send(nameOf(b), message))
        assert.strictEqual(reason._tag, "EncodeFailed")
        assert.include(reason.message, "JSON")
      }
      const received = yield* collect(yield* on(b, Channel.make("anything", Schema.Unknown)))
      for (const message of [null, 0, "", []]) yield* channel.send(nameOf(b), message)
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        [null, 0, "", []]
      )
    })
  )

  it.effect("encodes when a send runs, each time", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [
        yield* on(a, Channel.make("m", Schema.Unknown)),
        yield* on(b, Channel.make("m", Schema.Unknown))
      ]
      const received = yield* collect(to)
      const message = { count: 0 }
      const send = from.send(nameOf(b), message)
      for (message.count = 1; message.count < 4; message.count++) yield* send
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        [{ count: 1 }, { count: 2 }, { count: 3 }]
      )
    })
  )

  for (const [how, schema] of Object.entries(throwing)) {
    it.effect(`skips a message at which its schema throws when it ${how}`, () =>
      Effect.gen(function* () {
        const { a, b } = yield* pair()
        const [raw, to] = [yield* openBytes(a, "throwing"), yield* on(b, Channel.make("throwing", schema))]
        const received = yield* collect(to)
        yield* raw.sendAll(nameOf(b), [json("first"), json("bad"), json("last")])
        yield* soon
        assert.deepStrictEqual(
          received.map(({ message }) => message),
          ["first", "last"]
        )
      })
    )
  }

  it.effect("goes on when the schema itself cannot be had", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      let there = false
      const recursive = Schema.suspend(() => {
        if (!there) throw new Error("its module is not loaded yet")
        return Schema.String
      })
      const [raw, to] = [yield* openBytes(a, "recursive"), yield* on(b, Channel.make("recursive", recursive))]
      const received = yield* collect(to)
      yield* raw.send(nameOf(b), json("first"))
      yield* soon
      there = true
      yield* raw.send(nameOf(b), json("last"))
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        ["last"]
      )
    })
  )
})
