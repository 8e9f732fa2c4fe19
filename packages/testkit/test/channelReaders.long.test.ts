import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { type TestNode } from "./support/world.ts"
import { nameOf, nodes, pair, open, openBytes, collect, numbered, bytesOf, soon } from "./support/channels.ts"

describe("a channel that is not open on the other side", () => {
  it.effect("yet: its messages wait for five seconds", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const from = yield* open(a)
      for (const message of numbered(3)) yield* from.send(nameOf(b), message)
      yield* TestClock.adjust("4 seconds")
      const received = yield* collect(yield* open(b))
      assert.deepStrictEqual(
        received.map(({ message }) => message),
        numbered(3)
      )
    })
  )

  it.effect("for longer: they are dropped and counted, and a later opening gets what comes then", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const from = yield* open(a)
      for (const message of numbered(3)) yield* from.send(nameOf(b), message)
      yield* TestClock.adjust("6 seconds")
      yield* from.send(nameOf(b), { text: "dropped, too" })
      yield* soon
      const received = yield* collect(yield* open(b))
      assert.lengthOf(received, 0)
      yield* from.send(nameOf(b), { text: "late" })
      yield* soon
      assert.deepStrictEqual(
        received.map(({ message }) => message.text),
        ["late"]
      )
    })
  )

  it.effect("ever: it blocks no broadcast", () =>
    Effect.gen(function* () {
      const { started } = yield* nodes(["a", "b", "c"])
      const [a, b] = started as [TestNode, TestNode, TestNode]
      const [from, to] = [yield* openBytes(a), yield* openBytes(b)]
      let received = 0
      yield* Effect.forever(Effect.map(to.receive, (messages) => void (received += messages.length))).pipe(
        Effect.forkScoped
      )
      const sending = yield* Effect.forkChild(
        Effect.forEach(numbered(100), () => from.broadcast(bytesOf(50_000)), { discard: true })
      )
      yield* TestClock.adjust("7 seconds")
      assert.isDefined(sending.pollUnsafe(), "after the five seconds in which it may still be opened")
      assert.strictEqual(received, 100)
    })
  )
})

describe("a reader that stops", () => {
  it.effect("suspends its senders, with bounded memory, until it reads on", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* openBytes(a), yield* openBytes(b)]
      const size = 10_000
      let sent = 0
      yield* Effect.forkScoped(
        Effect.forever(
          Effect.andThen(
            from.send(nameOf(b), bytesOf(size)),
            Effect.sync(() => void sent++)
          )
        )
      )
      yield* TestClock.adjust("10 seconds")
      const held = sent
      assert.isAtMost(held * size, 3 * 262_144, "a window on the way, a window unread, a window queued")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(sent, held)
      const first = yield* to.receive
      assert.isAtMost(first.length * size, 2 * 262_144)
      yield* soon
      assert.isAbove(sent, held)
    })
  )

  it.effect("suspends a broadcast, which others have by then", () =>
    Effect.gen(function* () {
      const { started } = yield* nodes(["a", "b", "c"])
      const [a, b, c] = started as [TestNode, TestNode, TestNode]
      const [from, slow, quick] = [yield* openBytes(a), yield* openBytes(b), yield* openBytes(c)]
      let received = 0
      yield* Effect.forever(Effect.map(quick.receive, (messages) => void (received += messages.length))).pipe(
        Effect.forkScoped
      )
      let sent = 0
      const one = Effect.tap(from.broadcast(bytesOf(10_000)), () => Effect.sync(() => void sent++))
      const sending = yield* Effect.forkChild(Effect.replicateEffect(one, 300))
      yield* TestClock.adjust("1 second")
      const before = sent
      assert.isBelow(before, 100, "what one link takes in, on both sides")
      assert.strictEqual(received, before + 1)
      let read = 0
      yield* Effect.forkScoped(Effect.forever(Effect.map(slow.receive, (messages) => void (read += messages.length))))
      yield* TestClock.adjust("1 second")
      const handed = yield* Fiber.join(sending)
      assert.deepStrictEqual([sent, received, read], [300, 300, 300])
      for (const names of handed) assert.sameMembers([...names], [nameOf(b), nameOf(c)])
    })
  )

  it.effect("delays neither other channels nor heartbeats", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair({ detector: "test" })
      const [stuck, chat] = [yield* openBytes(a, "stuck"), yield* open(a)]
      yield* openBytes(b, "stuck")
      const received = yield* collect(yield* open(b))
      yield* Effect.forkScoped(Effect.forever(stuck.send(nameOf(b), bytesOf(1_000_000))))
      yield* soon
      for (let round = 1; round <= 20; round++) {
        yield* chat.send(nameOf(b), { text: "still here" })
        yield* TestClock.adjust("10 millis")
        assert.lengthOf(received, round)
      }
      yield* TestClock.adjust("30 seconds")
      for (const node of [a, b]) assert.isTrue(node.events.every((event) => event._tag === "Up"))
    })
  )

  it.effect("suspends this node's messages to itself, too", () =>
    Effect.gen(function* () {
      const { a } = yield* pair()
      const channel = yield* openBytes(a)
      let sent = 0
      yield* Effect.forkScoped(
        Effect.forever(
          Effect.andThen(
            channel.send(nameOf(a), bytesOf(10_000)),
            Effect.sync(() => void sent++)
          )
        )
      )
      for (let before = -1; before !== sent; yield* TestClock.adjust("1 second")) before = sent
      const held = sent
      assert.isAtMost(held * 10_000, 2 * 262_144)
      yield* soon
      assert.strictEqual(sent, held)
      assert.lengthOf(yield* channel.receive, held)
      yield* soon
      assert.isAbove(sent, held)
    })
  )

  it.effect("a send that is interrupted while it waits is not sent", () =>
    Effect.gen(function* () {
      const { a, b } = yield* pair()
      const [from, to] = [yield* openBytes(a), yield* openBytes(b)]
      let sent = 0
      const filling = yield* Effect.forkChild(
        Effect.forever(
          Effect.andThen(
            from.send(nameOf(b), bytesOf(50_000)),
            Effect.sync(() => void sent++)
          )
        )
      )
      yield* soon
      yield* Fiber.interrupt(filling)
      for (let time = 0; time < 1_000; time++) {
        const late = yield* Effect.forkChild(from.sendAll(nameOf(b), [bytesOf(50_001), bytesOf(50_002)]))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(late)
      }
      yield* Effect.forkChild(from.send(nameOf(b), bytesOf(3)))
      const received: Array<number> = []
      yield* Effect.forkScoped(
        Effect.forever(Effect.map(to.receive, (all) => received.push(...all.map(({ message }) => message.length))))
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(received, [...Array.from({ length: sent }, () => 50_000), 3])
    })
  )
})
