import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import { AddressInUse, type Listener, type Transport, TransportError, TransportFailed } from "@gc/core/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { addressOf, allSee, makeWorld, told, until } from "./support/world.ts"

type Service = Transport["Service"]

const fault = (reason: TransportError["reason"]) => new TransportError({ transport: "t", address: "here", reason })

/** A transport whose listeners can be broken, and which then fails to listen so many times. */
const fragile = (
  inner: Service,
  failure: Effect.Effect<never, TransportError> = Effect.fail(fault(new AddressInUse()))
) => {
  let current = Deferred.makeUnsafe<never, TransportError>()
  let failing = 0
  let tries = 0
  const listen: Service["listen"] = (security) =>
    Effect.suspend(() => {
      tries++
      if (failing-- > 0) return failure
      const broken = Deferred.makeUnsafe<never, TransportError>()
      current = broken
      return Effect.map(inner.listen(security), ({ accept, addresses }): Listener => ({
        addresses,
        accept: Effect.raceFirst(accept, Deferred.await(broken))
      }))
    })
  const snap = (failures: number, how: Effect.Effect<never, TransportError>) =>
    Effect.suspend(() => {
      failing = failures
      return Deferred.completeWith(current, how)
    })
  const transport: Service = { ...inner, listen }
  return { transport, snap, tries: () => tries }
}

const broke = Effect.fail(fault(new TransportFailed({ detail: "the interface went away" })))

const counted = Effect.map(Metric.snapshot, (snapshot) => {
  const metric = snapshot.find(({ attributes }) => attributes?.["event"] === "listener_broken")
  return metric?.type === "Counter" ? Number(metric.state.count) : 0
})

describe("a listener that breaks", () => {
  for (const [what, how] of [
    ["fails", broke],
    ["dies by a defect", Effect.die(new Error("the interface went away"))]
  ] as const) {
    it.effect(`and ${what} is opened again with growing pauses, said once, and the links stay`, () => {
      const logs: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void logs.push(`${logLevel} ${String(message)}`))
      return Effect.gen(function* () {
        const world = yield* makeWorld()
        const { snap, transport, tries } = fragile(world.network.transport("a", { port: 4370 }))
        const a = yield* world.start("a", { transport })
        const b = yield* world.start("b", { peers: ["a"] })
        yield* until("they are linked", allSee([a, b], ["a", "b"]))
        yield* snap(8, how)
        yield* TestClock.adjust("1 second")
        assert.isAtMost(tries(), 5, "it does not try in a loop")
        const c = yield* world.start("c")
        const refused = yield* Effect.forkChild(Effect.flip(c.cluster.connect(Peer.fromAddress(addressOf("a")))))
        yield* TestClock.adjust("500 millis")
        assert.strictEqual((yield* Fiber.join(refused)).reason, "refused")
        yield* TestClock.adjust("2 minutes")
        const late = yield* Effect.forkChild(c.cluster.connect(Peer.fromAddress(addressOf("a"))))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(late)).name, "a@a")
        assert.deepStrictEqual(told(b, "a"), ["Up"])
        assert.strictEqual(tries(), 10)
        assert.lengthOf(
          logs.filter((line) => line.startsWith("Error the listener broke")),
          1
        )
        assert.lengthOf(
          logs.filter((line) => line.startsWith("Info listening again")),
          1
        )
        assert.strictEqual(yield* counted, 1)
      }).pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(Metric.MetricRegistry, new Map()))
    })
  }

  it.effect("is opened again though a try dies by a defect", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { snap, transport } = fragile(world.network.transport("a", { port: 4370 }), Effect.die(new Error("a bug")))
      yield* world.start("a", { transport })
      yield* snap(3, broke)
      yield* TestClock.adjust("1 minute")
      const b = yield* world.start("b")
      const connecting = yield* Effect.forkChild(b.cluster.connect(Peer.fromAddress(addressOf("a"))))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(connecting)).name, "a@a")
    })
  )

  it.effect("again and again is opened ever less often", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { snap, transport, tries } = fragile(world.network.transport("a", { port: 4370 }))
      yield* world.start("a", { transport })
      for (let time = 0; time < 1_200; time++) {
        yield* snap(0, broke)
        yield* TestClock.adjust("100 millis")
      }
      assert.isAbove(tries(), 5)
      assert.isBelow(tries(), 20)
    })
  )

  it.effect("on any free port is found at its new one: self, members and the handshake tell it", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { snap, transport } = fragile(world.network.transport("a", { port: 0 }))
      const a = yield* world.start("a", { transport })
      const [before] = a.cluster.self.addresses
      yield* snap(0, broke)
      yield* TestClock.adjust("2 seconds")
      const [after] = a.cluster.self.addresses
      assert.notStrictEqual(after?.port, before?.port)
      assert.deepStrictEqual((yield* a.cluster.members)[0]?.addresses, a.cluster.self.addresses)
      const b = yield* world.start("b")
      const connecting = yield* Effect.forkChild(b.cluster.connect(Peer.fromAddress(after!)))
      yield* TestClock.adjust("1 second")
      const member = yield* Fiber.join(connecting)
      assert.deepStrictEqual(member.addresses.map(Address.format), [Address.format(after!)])
    })
  )

  it.effect("while the node leaves keeps nothing open", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { snap, transport, tries } = fragile(world.network.transport("a", { port: 4370 }))
      const a = yield* world.start("a", { transport })
      yield* snap(1_000, broke)
      yield* TestClock.adjust("1 second")
      yield* a.cluster.leave
      const before = tries()
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(tries(), before)
    })
  )
})
