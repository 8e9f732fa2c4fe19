import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type { Connection, LinkSecurity, Transport, TransportError } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

const plain: LinkSecurity = { mode: "plain", psks: [], allowPlaintext: true }

/** Connects `from` to `to`; dials across a delay need the clock to move. */
const connect = Effect.fnUntraced(function* (from: Transport["Service"], to: Transport["Service"], wait = 0) {
  const listener = yield* to.listen(plain)
  const dialing = yield* Effect.forkChild(from.dial(listener.addresses[0]!, plain))
  yield* TestClock.adjust(wait)
  const near: Connection = yield* Fiber.join(dialing)
  const far: Connection = yield* listener.accept
  return { near, far, listener, address: listener.addresses[0]! }
})

const pair = Effect.fnUntraced(function* (options: SimulatedNetwork.Options = {}) {
  const network = yield* SimulatedNetwork.make(options)
  const [a, b] = [network.transport("a"), network.transport("b")]
  return { network, a, b, ...(yield* connect(a, b, 10_000)) }
})

const frame = (...bytes: ReadonlyArray<number>) => new Uint8Array(bytes)
const big = (size: number) => new Uint8Array(size).fill(7)
const reason = (effect: Effect.Effect<unknown, TransportError, Scope.Scope>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason._tag)

describe("SimulatedNetwork", () => {
  it.effect("carries frames both ways and counts their bytes", () =>
    Effect.gen(function* () {
      const { near, far } = yield* pair()
      yield* near.send([frame(1), [frame(2), frame(3)]])
      assert.deepStrictEqual(yield* far.receive, [frame(1), frame(2, 3)])
      yield* far.send([frame(4)])
      assert.deepStrictEqual(yield* near.receive, [frame(4)])
      assert.strictEqual(far.bytesReceived(), 11)
    })
  )

  it.effect("delays by its latency, and a dial by twice that", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ latency: "10 millis" })
      const listener = yield* network.transport("b").listen(plain)
      const dialing = yield* Effect.forkChild(network.transport("a").dial(listener.addresses[0]!, plain))
      yield* TestClock.adjust("19 millis")
      assert.isUndefined(dialing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const near = yield* Fiber.join(dialing)
      const accepting = yield* Effect.forkChild(Effect.flatMap(listener.accept, (far) => far.receive))
      yield* near.send([frame(1)])
      yield* TestClock.adjust("9 millis")
      assert.isUndefined(accepting.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      yield* Effect.yieldNow
      assert.isDefined(accepting.pollUnsafe(), "accepted, and the frame is there, after one more latency")
    })
  )

  it.effect("keeps the order of a stream under jitter and loss", () =>
    Effect.gen(function* () {
      const { near, far } = yield* pair({ latency: "5 millis", jitter: "50 millis", loss: 0.3, seed: 3 })
      for (let index = 0; index < 200; index++) yield* near.send([frame(index)])
      yield* TestClock.adjust("10 minutes")
      const received = (yield* far.receive).map((bytes) => bytes[0])
      assert.deepStrictEqual(
        received,
        Array.from({ length: 200 }, (_, index) => index)
      )
    })
  )

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

  it.effect("tells an unknown host from a closed port, and a port that is taken", () =>
    Effect.gen(function* () {
      const { a, network } = yield* pair()
      assert.strictEqual(yield* reason(a.dial(Address.make("memory", "b", 1), plain)), "Refused")
      assert.strictEqual(yield* reason(a.dial(Address.make("memory", "nowhere", 1), plain)), "HostUnknown")
      assert.strictEqual(yield* reason(a.dial(Address.make("tcp", "b", 1), plain)), "ProtocolUnsupported")
      const fixed = network.transport("b", { port: 4370 })
      yield* fixed.listen(plain)
      assert.strictEqual(yield* reason(fixed.listen(plain)), "AddressInUse")
      const defect = yield* Effect.exit(network.pause("nowhere"))
      assert.isTrue(Exit.hasDies(defect))
    })
  )

  it.effect("an interrupted dial leaves nothing behind", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ latency: "10 millis" })
      const listener = yield* network.transport("b").listen(plain)
      const dialing = yield* Effect.forkChild(network.transport("a").dial(listener.addresses[0]!, plain))
      yield* TestClock.adjust("15 millis")
      yield* Fiber.interrupt(dialing)
      const accepting = yield* Effect.forkChild(listener.accept)
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(accepting.pollUnsafe())
      yield* Fiber.interrupt(accepting)
    })
  )

  it.effect("closing the network ends every connection", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const network = yield* Scope.provide(SimulatedNetwork.make(), scope)
      const { far, near } = yield* connect(network.transport(), network.transport())
      const receiving = yield* Effect.forkChild(reason(far.receive))
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Fiber.join(receiving), "Closed")
      assert.strictEqual(yield* reason(near.receive), "Closed")
    })
  )

  const run = (seed: number) =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ latency: "2 millis", jitter: "20 millis", loss: 0.2, seed })
      const hosts = ["a", "b", "c", "d"]
      const links: Array<{ readonly far: Connection; readonly near: Connection }> = []
      for (const from of hosts) {
        for (const to of hosts) {
          if (from !== to) links.push(yield* connect(network.transport(from), network.transport(to), 60_000))
        }
      }
      for (const { far, near } of links) {
        const echo = Effect.flatMap(far.receive, (frames) => far.send(frames))
        const speak = Effect.andThen(near.send([frame(1)]), Effect.sleep("7 millis"))
        yield* Effect.forkChild(Effect.ignore(Effect.forever(echo)))
        yield* Effect.forkChild(Effect.ignore(Effect.forever(speak)))
      }
      yield* TestClock.adjust("2 seconds")
      yield* network.partition([["a", "b"]])
      yield* TestClock.adjust("5 seconds")
      yield* network.heal
      yield* network.cut("a", "c")
      yield* TestClock.adjust("5 seconds")
      return yield* network.events
    }).pipe(Effect.scoped)

  it.effect("the same seed gives the same events, another seed others", () =>
    Effect.gen(function* () {
      const first = yield* run(1)
      const shift = yield* Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      const again = (yield* run(1)).map((event) => ({ ...event, at: event.at - shift }))
      assert.isAbove(first.length, 5000)
      const rounded = (events: ReadonlyArray<SimulatedNetwork.NetworkEvent>) =>
        events.map(({ at, event, from, to }) => `${at.toFixed(3)} ${event} ${from} ${to}`)
      assert.deepStrictEqual(rounded(again), rounded(first))
      assert.notDeepEqual(rounded(yield* run(2)).slice(0, 100), rounded(first).slice(0, 100))
    })
  )
})
