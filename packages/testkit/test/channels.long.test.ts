import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@gc/core/Channel"
import * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { allSee, makeWorld } from "./support/world.ts"
import { nameOf, nodes, pair, on, open, openBytes, collect, numbered, bytesOf, soon } from "./support/channels.ts"

describe("a channel", () => {
  it.effect("carries messages in order, and says who sent them", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* open(a), yield* open(b)]
      const received = yield* collect(to)
      for (const message of numbered(500)) yield* from.send(nameOf(b), message)
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        numbered(500)
      )
      assert.isTrue(received.every((each) => each.from === nameOf(a)))
    })
  )

  it.effect("broadcasts to every other member and says to whom", () =>
    Effect.gen(function* () {
      const { started } = yield* nodes(["a", "b", "c"])
      const channels = yield* Effect.forEach(started, (node) => open(node))
      const received = yield* Effect.forEach(channels, collect)
      const handed = yield* channels[0]!.broadcast({ text: "hello" })
      assert.deepStrictEqual(handed.toSorted(), [nameOf(started[1]!), nameOf(started[2]!)])
      yield* soon
      assert.deepStrictEqual(
        received.map((messages) => messages.map(({ message }) => message.text)),
        [[], ["hello"], ["hello"]]
      )
    })
  )

  it.effect("delivers to this node itself", () =>
    Effect.gen(function* () {
      const { a } = yield* pair()
      const channel = yield* open(a)
      const received = yield* collect(channel)
      yield* channel.send(nameOf(a), { text: "me" })
      assert.deepStrictEqual(received, [{ from: nameOf(a), message: { text: "me" } }])
    })
  )

  it.effect("carries large and empty messages whole", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* openBytes(a), yield* openBytes(b)]
      const large = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251)
      const sending = yield* Effect.forkChild(from.sendAll(nameOf(b), [bytesOf(0), large, bytesOf(0), bytesOf(7)]))
      const received: Array<Uint8Array> = []
      yield* Effect.forever(
        Effect.map(to.receive, (messages) => received.push(...messages.map(({ message }) => message)))
      ).pipe(Effect.forkScoped)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(sending)
      assert.deepStrictEqual(
        received.map((bytes) => bytes.length),
        [0, large.length, 0, 7]
      )
      assert.isTrue(received[1]!.every((byte, index) => byte === index % 251))
    })
  )

  it.effect("takes a message of the largest size and refuses one byte more, to others and to itself", () =>
    Effect.gen(function* () {
      const maxMessageSize = 100_000
      const { a, b } = yield* pair({ maxMessageSize })
      const [from, to] = [yield* openBytes(a), yield* openBytes(b)]
      yield* from.send(nameOf(b), bytesOf(maxMessageSize))
      const refused = [
        from.send(nameOf(b), bytesOf(maxMessageSize + 1)),
        from.send(nameOf(a), bytesOf(maxMessageSize + 1)),
        Effect.asVoid(from.broadcast(bytesOf(maxMessageSize + 1)))
      ]
      for (const effect of refused) {
        const { reason } = yield* Effect.flip(effect)
        assert.strictEqual(reason._tag, "MessageTooLarge")
      }
      yield* soon
      assert.deepStrictEqual(
        (yield* to.receive).map(({ message }) => message.length),
        [maxMessageSize]
      )
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
    })
  )

  it.effect("says that a node is not there", () =>
    Effect.gen(function* () {
      const { a, b, world } = yield* pair()
      const channel = yield* open(a)
      const why = (node: string) =>
        Effect.map(Effect.flip(channel.send(NodeName.make(node), { text: "" })), ({ node, reason }) => [
          node,
          reason._tag
        ])
      assert.deepStrictEqual(yield* why("z@z"), ["z@z", "NotConnected"])
      yield* world.kill(b)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* why("b@b"), ["b@b", "NotConnected"])
      assert.deepStrictEqual(yield* channel.broadcast({ text: "" }), [])
    })
  )

  it.effect("fails the senders that wait when the node is lost", () =>
    Effect.gen(function* () {
      const { a, b, world } = yield* pair()
      const channel = yield* openBytes(a)
      yield* openBytes(b)
      const sending = yield* Effect.forkChild(Effect.flip(Effect.forever(channel.send(nameOf(b), bytesOf(100_000)))))
      yield* soon
      assert.isUndefined(sending.pollUnsafe(), "nobody reads: it waits")
      yield* world.kill(b)
      yield* TestClock.adjust("10 millis")
      assert.strictEqual((yield* Fiber.join(sending)).reason._tag, "LinkLost")
    })
  )

  it.effect("is opened once, and again when it was closed", () =>
    Effect.gen(function* () {
      const { a } = yield* pair()
      const twice = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* open(a)
          return yield* Effect.flip(open(a))
        })
      )
      assert.strictEqual(twice.reason._tag, "ChannelUnavailable")
      yield* open(a)
      for (const name of ["", "x".repeat(256)]) {
        assert.strictEqual((yield* Effect.flip(openBytes(a, name))).reason._tag, "ChannelUnavailable")
      }
      yield* openBytes(a, "x".repeat(255))
    })
  )

  it.effect("a message that does not fit is not sent; one that does not decode is counted and skipped", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [raw, to] = [yield* openBytes(a, "chat"), yield* open(b)]
      const received = yield* collect(to)
      const text = (json: string) => new TextEncoder().encode(json)
      yield* raw.sendAll(nameOf(b), [
        text('{"text":"first"}'),
        text('{"text":1}'),
        text("not json"),
        Uint8Array.of(0xff, 0xfe),
        text('{"text":"last"}')
      ])
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message.text),
        ["first", "last"]
      )
      const counted = (yield* Metric.snapshot).find(({ id }) => id === "gc_channel_undecodable_total")
      assert.strictEqual(counted?.type === "Counter" ? Number(counted.state.count) : 0, 3)
      const typed = yield* on(b, Channel.make("other", Schema.Struct({ port: Schema.Int })))
      const error = yield* Effect.flip(typed.send(nameOf(a), { port: 0.5 }))
      assert.strictEqual(error.reason._tag, "EncodeFailed")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.effect("gives each message to one consumer, and none is lost when a consumer ends", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* open(a), yield* open(b)]
      for (const message of numbered(10)) yield* from.send(nameOf(b), message)
      yield* soon
      const taken: Array<string> = []
      for (let round = 0; round < 5; round++) {
        const two = yield* Stream.runCollect(Stream.take(to.messages, 2))
        taken.push(...two.map(({ message }) => message.text))
      }
      assert.deepStrictEqual(
        taken,
        numbered(10).map(({ text }) => text)
      )
      const both = [yield* collect(to), yield* collect(to)]
      for (const message of numbered(10)) yield* from.send(nameOf(b), message)
      yield* soon
      assert.lengthOf(both.flat(), 10)
      assert.lengthOf(new Set(both.flat().map(({ message }) => message.text)), 10)
    })
  )

  it.effect("that yields the first message of a node: the node is a member, and its Up was published", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ jitter: "10 millis" })
      const names = ["a", "b", "c", "d"]
      const started = yield* world.startAll(names)
      let checked = 0
      for (const node of started) {
        const channel = yield* open(node)
        yield* Stream.runForEach(channel.messages, ({ from }) =>
          Effect.gen(function* () {
            assert.include(
              (yield* node.cluster.members).map((member) => member.name),
              from
            )
            // What a subscriber that comes now is told first.
            const present = yield* node.cluster.events.pipe(
              Stream.take(names.length),
              Stream.takeUntil(({ member }) => member.name === from),
              Stream.runCollect
            )
            assert.isTrue(present.some(({ _tag, member }) => _tag === "Up" && member.name === from))
            checked++
          })
        ).pipe(Effect.forkScoped)
        // Each greets whom it sees, as soon as it sees it.
        yield* Stream.runForEach(node.cluster.events, (event) =>
          event._tag === "Up" && !event.member.self ? channel.send(event.member.name, { text: "hello" }) : Effect.void
        ).pipe(Effect.forkScoped)
      }
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(checked, 12)
    })
  )
})
