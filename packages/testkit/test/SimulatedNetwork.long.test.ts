import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type { Connection } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { connect, frame, pair, plain, reason } from "./support/pairs.ts"

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
