import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import { TestDiscovery } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { allSee, makeWorld, peersOf, type Settings, told, until } from "./support/world.ts"
import { mesh, names } from "./support/mesh.ts"

describe("redialing", () => {
  it.effect("goes on for a node that discovery lists and that is down", () =>
    Effect.gen(function* () {
      const { a, c, network, world } = yield* mesh()
      yield* world.kill(c)
      yield* TestClock.adjust("2 minutes")
      const before = world.dials("c")
      yield* TestClock.adjust("2 minutes")
      const dials = world.dials("c") - before
      assert.isAtLeast(dials, 4, "two nodes, each within 30 s of the last time")
      assert.isAtMost(dials, 60)
      yield* network.restart("c")
      yield* world.start("c")
      yield* until("it is back, though it dials nobody", allSee([a], names), 31_000)
    })
  )

  it.effect("follows the option's schedule", () =>
    Effect.gen(function* () {
      const reconnect = { initial: "1 second", factor: 1, max: "1 second" } as const
      const { c, world } = yield* mesh({ reconnect })
      yield* world.kill(c)
      yield* TestClock.adjust("10 seconds")
      const before = world.dials("c")
      yield* TestClock.adjust("60 seconds")
      const dials = world.dials("c") - before
      assert.isAtLeast(dials, 80, "two nodes, each after 0 to 1 s, and the higher name half a second later")
      assert.isAtMost(dials, 320)
    })
  )

  it.effect("is not done with reconnect never", () =>
    Effect.gen(function* () {
      const { a, b, c, world } = yield* mesh({ reconnect: "never" })
      yield* world.kill(c)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
      const before = world.dials("c")
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(world.dials("c"), before)
    })
  )

  it.effect("nor with a refresh interval of infinity, which looks once", () =>
    Effect.gen(function* () {
      let looks = 0
      const world = yield* makeWorld()
      const source = Discovery.poll({
        name: "counted",
        lookup: () =>
          Effect.sync(() => {
            looks++
            return peersOf(["b"])
          })
      })
      const b = yield* world.start("b")
      const a = yield* world.start("a", { peers: source, refreshInterval: Infinity })
      yield* until("they are linked", allSee([a, b], ["a", "b"]))
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual(looks, 1)
      yield* world.kill(b)
      yield* TestClock.adjust("10 seconds")
      const before = world.dials("b")
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual(world.dials("b"), before)
      assert.strictEqual(looks, 1)
    })
  )

  it.effect("a refresh interval of infinity redials when reconnect is given", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const b = yield* world.start("b")
      const a = yield* world.start("a", { peers: ["b"], refreshInterval: Infinity, reconnect: {} })
      yield* until("they are linked", allSee([a, b], ["a", "b"]))
      yield* world.kill(b)
      yield* TestClock.adjust("1 minute")
      yield* world.network.restart("b")
      const again = yield* world.start("b")
      yield* until("they are linked again", allSee([a, again], ["a", "b"]), 31_000)
    })
  )
})

describe("discovery", () => {
  it.effect("that fails changes nothing", () =>
    Effect.gen(function* () {
      const discovery = yield* TestDiscovery.make({ peers: peersOf(names) })
      const { a, b, c } = yield* mesh({ peers: discovery.source, onRemoved: "disconnect" })
      for (let look = 0; look < 20; look++) {
        yield* discovery.fail("the registry is down")
        yield* TestClock.adjust("5 seconds")
      }
      yield* discovery.break("the registry's client broke")
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(yield* allSee([a, b, c], names))
      for (const node of [a, b, c]) assert.isTrue(node.events.every((event) => event._tag === "Up"))
    })
  )

  /** `c` is listed no more, in look after look. */
  const unlisted = Effect.fnUntraced(function* (settings: Settings) {
    const discovery = yield* TestDiscovery.make({ peers: peersOf(names) })
    const started = yield* mesh({ ...settings, peers: discovery.source, peerExchange: false })
    const looks = (times: number) =>
      Effect.forEach(Array.from({ length: times }), () =>
        Effect.andThen(discovery.set(peersOf(["a", "b"])), TestClock.adjust("5 seconds"))
      )
    return { ...started, discovery, looks }
  })

  it.effect("that lists a node no more keeps it by default, and does not redial it", () =>
    Effect.gen(function* () {
      const { a, b, c, looks, world } = yield* unlisted({})
      yield* looks(20)
      assert.isTrue(yield* allSee([a, b, c], names))
      yield* world.kill(c)
      yield* TestClock.adjust("20 seconds")
      const before = world.dials()
      yield* looks(60)
      assert.strictEqual(world.dials(), before)
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
    })
  )

  it.effect("parts from it with disconnect, after three looks", () =>
    Effect.gen(function* () {
      const { a, b, c, looks } = yield* unlisted({ onRemoved: "disconnect" })
      yield* looks(2)
      assert.isTrue(yield* allSee([a, b, c], names))
      yield* looks(2)
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
      for (const node of [a, b]) {
        assert.deepStrictEqual(told(node, "c").slice(0, 2), ["Up", "Down disconnected"])
        assertGrammar(node.events)
      }
      assert.isTrue(yield* allSee([c], ["c"]))
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(yield* allSee([c], ["c"]), "nobody redials")
    })
  )

  it.effect("parts from it later with disconnectAfter, unless it is listed again", () =>
    Effect.gen(function* () {
      const { a, b, c, discovery, looks } = yield* unlisted({ onRemoved: { disconnectAfter: "30 seconds" } })
      yield* looks(5)
      assert.isTrue(yield* allSee([a, b, c], names))
      yield* discovery.set(peersOf(names))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* allSee([a, b, c], names))
      yield* looks(12)
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
    })
  )
})
