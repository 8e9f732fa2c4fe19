import { assert, describe, it } from "@effect/vitest"
import * as Peer from "@gc/core/Peer"
import type { Connection, LinkSecurity } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { addressOf, allSee, makeWorld, seenBy, type TestNode, told, until } from "./support/world.ts"

const otherCookie = `hex:${"f".repeat(64)}`
const plain: LinkSecurity = { mode: "plain", psks: [], allowPlaintext: true }

/** Metrics and logs of one test alone. */
const observed = <A, E, R>(test: (logs: Array<string>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const logs: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      logs.push(`${logLevel} ${Array.isArray(message) ? message.join(" ") : String(message)}`)
    })
    return test(logs).pipe(
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.provide(Logger.layer([logger]))
    )
  })

/** What a node counted under `gc_events_total`. */
const counted = (node: string, event: string) =>
  Effect.map(Metric.snapshot, (all) => {
    let total = 0
    for (const metric of all) {
      const { attributes, id } = metric
      if (id !== "gc_events_total" || attributes?.["node"] !== `${node}@${node}` || attributes["event"] !== event)
        continue
      total += metric.type === "Counter" ? Number(metric.state.count) : 0
    }
    return total
  })

/** Why a node cannot be connected to another one. */
const refusal = Effect.fnUntraced(function* (node: TestNode, host: string) {
  const connecting = yield* Effect.forkChild(Effect.flip(node.cluster.connect(Peer.fromAddress(addressOf(host)))))
  yield* TestClock.adjust("5 seconds")
  return yield* Fiber.join(connecting)
})

/** Two nodes that see each other and nothing else for the rest of the test. */
const healthy = Effect.fnUntraced(function* () {
  const world = yield* makeWorld()
  const a = yield* world.start("a", { peers: ["a", "b"] })
  const b = yield* world.start("b", { peers: ["a", "b"] })
  yield* until("they are linked", allSee([a, b], ["a", "b"]))
  const unimpressed = Effect.gen(function* () {
    assert.isTrue(yield* allSee([a, b], ["a", "b"]))
    for (const node of [a, b])
      assert.deepStrictEqual(
        node.events.map((event) => event._tag),
        ["Up", "Up"]
      )
  })
  return { world, a, b, unimpressed }
})

describe("a healthy cluster never notices", () => {
  it.effect("a node with another cookie, which is refused, counted and told what to compare", () =>
    observed((logs) =>
      Effect.gen(function* () {
        const { unimpressed, world } = yield* healthy()
        const stranger = yield* world.start("x", { peers: ["a", "b"], cookie: otherCookie })
        yield* TestClock.adjust("2 minutes")
        yield* unimpressed
        assert.deepStrictEqual(yield* seenBy(stranger), ["x"])
        assert.isAtLeast(yield* counted("a", "handshakes_failed"), 1)
        assert.isAtLeast(yield* counted("x", "handshakes_failed"), 1)
        assert.isAtMost(world.dials(), 40, "the backoff is at its cap")
        assert.isTrue(logs.some((line) => line.includes("does not share this node's cookie")))
        const error = yield* refusal(stranger, "a")
        assert.strictEqual(error.reason, "auth_failed")
        assert.include(error.message, "cookie")
      })
    )
  )

  it.effect("a node of another cluster", () =>
    observed((logs) =>
      Effect.gen(function* () {
        const { unimpressed, world } = yield* healthy()
        const stranger = yield* world.start("x", { peers: ["a", "b"], cluster: "another" })
        yield* TestClock.adjust("2 minutes")
        yield* unimpressed
        assert.isAtLeast(yield* counted("a", "handshakes_failed"), 1)
        assert.isTrue(logs.some((line) => line.includes("belongs to another cluster")))
        const error = yield* refusal(stranger, "a")
        assert.strictEqual(error.reason, "cluster_mismatch")
      })
    )
  )

  it.effect("a second node of a name: the first one stays, both say so", () =>
    observed((logs) =>
      Effect.gen(function* () {
        const { a, b, world } = yield* healthy()
        const { instance } = b.cluster.self
        const twin = yield* world.start("twin", { peers: ["a", "b"], node: "b@b" })
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* allSee([a, b], ["a", "b"]))
        assert.deepStrictEqual(yield* seenBy(twin), ["b"])
        const member = (yield* a.cluster.members).find((each) => each.name === "b@b")
        assert.strictEqual(member?.instance, instance, "the incumbent stays")
        assert.include(told(a, "b"), "NameConflict")
        assert.isTrue(told(a, "b").every((event) => event === "Up" || event === "NameConflict"))
        assert.include(told(twin, "b"), "NameConflict", "the newcomer hears it, too")
        assert.isTrue(logs.some((line) => line.includes("rename")))
        const error = yield* refusal(twin, "a")
        assert.strictEqual(error.reason, "name_conflict")
      })
    )
  )

  it.effect("two nodes of one name that start at once: one comes in", () =>
    Effect.gen(function* () {
      const { a, b, world } = yield* healthy()
      const first = yield* world.start("x1", { peers: ["a", "b"], node: "x@x" })
      yield* world.start("x2", { peers: ["a", "b"], node: "x@x" })
      yield* TestClock.adjust("2 minutes")
      for (const node of [a, b]) {
        const members = yield* node.cluster.members
        assert.lengthOf(members, 3)
        assert.isTrue(node.events.filter((event) => event._tag === "Up").length <= 4)
      }
      assert.isDefined(first)
    })
  )

  it.effect("garbage, silence and half handshakes", () =>
    observed(() =>
      Effect.gen(function* () {
        const { unimpressed, world } = yield* healthy()
        const attacker = world.network.transport("attacker")
        const dial = (act: (connection: Connection) => Effect.Effect<unknown, unknown>) =>
          Effect.scoped(
            Effect.gen(function* () {
              const connection = yield* attacker.dial(addressOf("a"), plain)
              yield* Effect.ignore(act(connection))
              // Until the other side closes.
              yield* Effect.ignore(Effect.forever(connection.receive))
            })
          ).pipe(Effect.forkScoped)
        const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)
        const fibers = [
          yield* dial(() => Effect.void),
          yield* dial((connection) => connection.send([bytes(1, 0)])),
          yield* dial((connection) => connection.send([bytes(4096, 1)])),
          yield* dial((connection) => connection.send([bytes(4097, 1)])),
          yield* dial((connection) => connection.send([bytes(100, 0x20), bytes(100, 0x20)])),
          yield* dial((connection) => connection.send([bytes(60, 0x05)]))
        ]
        yield* TestClock.adjust("6 seconds")
        for (const fiber of fibers) assert.isDefined(fiber.pollUnsafe(), "closed within the handshake's 5 s")
        yield* unimpressed
        const failed = (yield* counted("a", "handshakes_failed")) + (yield* counted("a", "handshakes_broken"))
        assert.strictEqual(failed, fibers.length)
      })
    )
  )
})

describe("connections that prove nothing", () => {
  it.effect("do not keep a newcomer out, however many there are", () =>
    observed(() =>
      Effect.gen(function* () {
        const { a, b, world } = yield* healthy()
        // From eighty hosts, for one host alone is held to eight.
        for (let index = 0; index < 80; index++) {
          const attacker = world.network.transport(`attacker-${index}`)
          yield* Effect.forkScoped(attacker.dial(addressOf("a"), plain))
        }
        yield* TestClock.adjust("10 millis")
        const c = yield* world.start("c", { peers: ["a"], peerExchange: false })
        yield* until(
          "it is in",
          Effect.map(seenBy(c), (names) => names.includes("a")),
          1_000
        )
        assert.isAtLeast(yield* counted("a", "connections_evicted"), 16)
        assert.isTrue(yield* allSee([a], ["a", "b", "c"]))
        assert.isDefined(b)
      })
    )
  )

  it.effect("are held to eight from one host beyond loopback", () =>
    observed(() =>
      Effect.gen(function* () {
        const { unimpressed, world } = yield* healthy()
        const attacker = world.network.transport("attacker")
        for (let index = 0; index < 12; index++) yield* Effect.forkScoped(attacker.dial(addressOf("a"), plain))
        yield* TestClock.adjust("10 millis")
        assert.strictEqual(yield* counted("a", "connections_refused"), 4)
        yield* unimpressed
      })
    )
  )
})
