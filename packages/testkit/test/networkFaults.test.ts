import { assert, describe, it } from "@effect/vitest"
import type { TransportError } from "@gc/core/Transport"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { big, connect, frame, pair, plain, reason } from "./support/pairs.ts"

describe("SimulatedNetwork under faults", () => {
  it.effect("sends a lost packet again, later each time", () =>
    Effect.gen(function* () {
      const { near, far, network } = yield* pair()
      yield* network.loss(1, { from: "a", to: "b" })
      yield* near.send([frame(1)])
      yield* TestClock.adjust("5 seconds")
      yield* network.loss(0)
      assert.strictEqual(far.bytesReceived(), 0)
      yield* TestClock.adjust("1399 millis")
      assert.strictEqual(far.bytesReceived(), 0, "tries at 0.2, 0.6, 1.4, 3 and 6.4 s")
      yield* network.loss(0, { from: "a", to: "b" })
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(far.bytesReceived(), 0)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(far.bytesReceived(), 5)
    })
  )

  it.effect("gives a stream up after fifteen tries", () =>
    Effect.gen(function* () {
      const { near, network } = yield* pair()
      yield* network.partition([["a"], ["b"]])
      yield* near.send([frame(1)])
      const receiving = yield* Effect.forkChild(reason(near.receive))
      yield* TestClock.adjust("13 minutes")
      assert.isUndefined(receiving.pollUnsafe())
      yield* TestClock.adjust("4 minutes")
      assert.strictEqual(yield* Fiber.join(receiving), "Reset")
    })
  )

  it.effect("partitions, and heals without losing a frame", () =>
    Effect.gen(function* () {
      const { a, address, far, near, network } = yield* pair()
      const c = network.transport("c")
      const { far: other } = yield* connect(a, c)
      yield* network.partition([["a", "c"]])
      yield* near.send([frame(1)])
      yield* far.send([frame(2)])
      const across = yield* Effect.forkChild(a.dial(address, plain))
      yield* connect(c, a)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(far.bytesReceived() + near.bytesReceived(), 0)
      assert.isUndefined(across.pollUnsafe(), "nobody answers a dial")
      yield* network.heal
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* far.receive, [frame(1)])
      assert.deepStrictEqual(yield* near.receive, [frame(2)])
      yield* Fiber.join(across)
      assert.strictEqual(other.bytesReceived(), 0)
    })
  )

  it.effect("gives up a dial that nobody answers after 127 seconds", () =>
    Effect.gen(function* () {
      const { a, address, network } = yield* pair()
      yield* network.blackhole(["a", "b"])
      const dialing = yield* Effect.forkChild(reason(a.dial(address, plain)))
      yield* TestClock.adjust("126 seconds")
      assert.isUndefined(dialing.pollUnsafe())
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* Fiber.join(dialing), "ConnectTimeout")
    })
  )

  it.effect("drops one way only: the other goes on until the window is full, for no reading can be said", () =>
    Effect.gen(function* () {
      const { far, near, network } = yield* pair({ window: 1000 })
      yield* network.blackhole({ from: "a", to: "b" })
      yield* near.send([frame(1)])
      yield* far.send([big(600)])
      yield* far.send([big(600)])
      assert.lengthOf(yield* near.receive, 2)
      const third = yield* Effect.forkChild(far.send([big(1)]))
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(third.pollUnsafe())
      assert.strictEqual(far.bytesReceived(), 0)
      yield* network.reopen({ from: "a", to: "b" })
      yield* Fiber.join(third)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* far.receive, [frame(1)])
    })
  )

  it.effect("cuts every connection between two hosts, and lets a new dial through", () =>
    Effect.gen(function* () {
      const { a, address, far, listener, near, network } = yield* pair()
      const c = yield* connect(a, network.transport("c"))
      yield* far.send([frame(1)])
      const receiving = yield* Effect.forkChild(reason(far.receive))
      yield* network.cut("a", "b")
      assert.deepStrictEqual(yield* near.receive, [frame(1)], "what arrived before is still there")
      assert.strictEqual(yield* reason(near.receive), "Reset")
      assert.strictEqual(yield* Fiber.join(receiving), "Reset")
      assert.strictEqual(yield* reason(near.send([frame(1)])), "Closed")
      yield* c.near.send([frame(9)])
      assert.deepStrictEqual(yield* c.far.receive, [frame(9)])
      yield* a.dial(address, plain)
      yield* listener.accept
    })
  )

  it.effect("a paused host neither takes nor gives; its kernel goes on", () =>
    Effect.gen(function* () {
      const { a, address, b, far, listener, near, network } = yield* pair({ window: 100 })
      yield* network.pause("b")
      yield* near.send([big(200)])
      assert.strictEqual(far.bytesReceived(), 204)
      const sending = yield* Effect.forkChild(near.send([frame(1)]))
      const receiving = yield* Effect.forkChild(far.receive)
      const answering = yield* Effect.forkChild(far.send([frame(2)]))
      yield* a.dial(address, plain)
      const accepting = yield* Effect.forkChild(listener.accept)
      const dialing = yield* Effect.forkChild(b.dial((yield* a.listen(plain)).addresses[0]!, plain))
      yield* TestClock.adjust("1 hour")
      const waiting = [sending, receiving, answering, accepting, dialing]
      for (const fiber of waiting) assert.isUndefined(fiber.pollUnsafe())
      yield* network.resume("b")
      yield* Effect.forEach(waiting, (fiber) => Fiber.join<unknown, TransportError>(fiber))
    })
  )

  it.effect("a killed host: its ends are closed, its ports refuse, until it starts again", () =>
    Effect.gen(function* () {
      const { a, address, b, far, listener, near, network } = yield* pair()
      const other = yield* connect(b, a)
      yield* other.far.send([frame(1)])
      const accepting = yield* Effect.forkChild(reason(listener.accept))
      yield* network.kill("b")
      assert.strictEqual(yield* reason(near.receive), "Closed")
      assert.strictEqual(yield* reason(other.far.receive), "Reset", "something lay unread")
      assert.strictEqual(yield* reason(far.receive), "Closed")
      assert.strictEqual(yield* reason(far.send([frame(1)])), "Closed")
      assert.strictEqual(yield* Fiber.join(accepting), "Unreachable")
      assert.strictEqual(yield* reason(a.dial(address, plain)), "Refused")
      assert.strictEqual(yield* reason(b.dial(address, plain)), "Unreachable")
      assert.strictEqual(yield* reason(b.listen(plain)), "Unreachable")
      yield* network.restart("b")
      yield* connect(a, b)
    })
  )

  it.effect("a host that is killed behind a partition is silent until it is healed", () =>
    Effect.gen(function* () {
      const { near, network } = yield* pair()
      yield* network.partition([["a"], ["b"]])
      yield* network.kill("b")
      const receiving = yield* Effect.forkChild(reason(near.receive))
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(receiving.pollUnsafe())
      yield* network.heal
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* Fiber.join(receiving), "Closed")
    })
  )

  it.effect("flaps", () =>
    Effect.gen(function* () {
      const { far, near, network } = yield* pair()
      const flapping = yield* Effect.forkChild(
        network.flap(["a", "b"], { down: "10 seconds", up: "5 seconds", times: 2 })
      )
      yield* TestClock.adjust(0)
      yield* near.send([frame(1)])
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(far.bytesReceived(), 0)
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(flapping)
      assert.strictEqual(far.bytesReceived(), 5)
    })
  )

  it.effect("a paused host's clock wakes nobody; at the resume what was due runs before anything is received", () =>
    Effect.gen(function* () {
      const { far, near, network } = yield* pair()
      const log: Array<string> = []
      const seen = (what: string) =>
        Effect.map(Clock.currentTimeMillis, (now) => void log.push(`${what} at ${now - began}`))
      const began = yield* Clock.currentTimeMillis
      const ticking = Effect.forever(Effect.andThen(Effect.sleep("1 seconds"), seen("tick")))
      const receiving = Effect.andThen(far.receive, seen("frame"))
      yield* Effect.forkChild(Effect.provideService(ticking, Clock.Clock, network.clock("b")))
      yield* Effect.forkChild(receiving)
      yield* TestClock.adjust("1500 millis")
      yield* network.pause("b")
      yield* near.send([frame(1)])
      yield* TestClock.adjust("30 seconds")
      yield* network.resume("b")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(log, ["tick at 1000", "tick at 31500", "frame at 31500", "tick at 32500"])
    })
  )
})
