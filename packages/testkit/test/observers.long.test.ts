import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { observerOn, watch } from "./support/watching.ts"
import { allSee, makeWorld, type TestNode, until } from "./support/world.ts"

const names = ["a", "b", "c"]

const mesh = Effect.fnUntraced(function* (options: Parameters<typeof makeWorld>[0] = {}) {
  const world = yield* makeWorld(options)
  const nodes = yield* world.startAll(names, { appVersion: "1.2.3" })
  yield* until("the mesh is full", allSee(nodes, names))
  const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
  return { world, network: world.network, a, b, c }
})

const snapshot = ["Up a@a", "Up b@b", "Up c@c", "Synced"]

const valueOf = (id: string, node: string, event?: string) =>
  Effect.map(Metric.snapshot, (metrics) => {
    const found = metrics.find(
      ({ attributes, id: each }) => each === id && attributes?.["node"] === node && attributes?.["event"] === event
    )
    if (found?.type === "Counter") return Number(found.state.count)
    return found?.type === "Gauge" ? Number(found.state.value) : 0
  })

describe("an observer", () => {
  it.effect(
    "is told who is there, the node first, that this was all, and then what the node's own subscribers hear",
    () =>
      Effect.gen(function* () {
        const { a, b, c, network, world } = yield* mesh()
        const watching = yield* watch(yield* observerOn(world, "w"), "a")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(watching.texts(), snapshot)
        yield* b.cluster.updateMetadata({ role: "api" })
        yield* world.kill(c)
        yield* TestClock.adjust("2 seconds")
        yield* network.restart("c")
        const again = yield* world.start("c", { peers: names })
        yield* until("c is back", allSee([a, b], names))
        yield* again.cluster.leave
        yield* TestClock.adjust("1 second")
        const local = a.events.map(({ _tag, member }) => `${_tag} ${member.name}`)
        assert.deepStrictEqual(watching.texts(), [...snapshot, ...local.slice(3)])
        assert.deepStrictEqual(local.slice(3), ["Updated b@b", "Down c@c", "Up c@c", "Left c@c"])
        assertGrammar(watching.events())
        const plain = (event: (typeof a.events)[number]) => ({ ...event, member: { ...event.member, self: false } })
        assert.deepStrictEqual(
          watching.events().map((event) => JSON.stringify(plain(event))),
          a.events.map((event) => JSON.stringify(plain(event)))
        )
        assert.strictEqual(watching.events()[1]?.member.appVersion, "1.2.3")
        assert.isFalse(watching.events().some(({ member }) => member.self))
      })
  )

  it.effect("hears every change once, whenever it begins", () =>
    Effect.gen(function* () {
      const { a, c, network, world } = yield* mesh()
      const watches = [yield* watch(yield* observerOn(world, "w"), "a")]
      const between = (wait: number) =>
        Effect.gen(function* () {
          yield* TestClock.adjust(wait)
          if (watches.length < 16) watches.push(yield* watch(yield* observerOn(world, `w${watches.length}`), "a"))
        })
      yield* TestClock.adjust("1 second")
      yield* world.kill(c)
      for (let time = 0; time < 8; time++) yield* between(1)
      yield* TestClock.adjust("1 second")
      yield* network.restart("c")
      yield* world.start("c", { peers: names })
      for (let time = 0; time < 60; time += 10) yield* between(10)
      yield* TestClock.adjust("10 seconds")
      const whole = watches[0]!.texts()
      assert.deepStrictEqual(whole.slice(4), ["Down c@c", "Up c@c"])
      assert.lengthOf(watches, 15)
      for (const { events, texts } of watches) {
        assertGrammar(events())
        const [before, after] = [texts().indexOf("Synced"), texts().slice(texts().indexOf("Synced") + 1)]
        assert.deepStrictEqual(after, whole.slice(whole.length - after.length))
        assert.isTrue(
          texts()
            .slice(0, before)
            .every((text) => text.startsWith("Up "))
        )
        const c = texts().filter((text) => text.endsWith("c@c"))
        assert.strictEqual(c.at(-1), "Up c@c")
      }
      assert.strictEqual(a.events.length, whole.length - 1)
    })
  )

  it.effect("is told of doubt that is there when it begins, and when it ends", () =>
    Effect.gen(function* () {
      const { a, network, world } = yield* mesh()
      yield* network.blackhole(["a", "c"])
      yield* until(
        "c is unreachable",
        Effect.sync(() => a.events.at(-1)?._tag === "Unreachable")
      )
      const watching = yield* watch(yield* observerOn(world, "w"), "a")
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(watching.texts(), [
        "Up a@a",
        "Up b@b",
        "Up c@c",
        "Suspected c@c",
        "Unreachable c@c",
        "Synced"
      ])
      yield* network.heal
      yield* until(
        "c is reachable",
        Effect.sync(() => a.events.at(-1)?._tag === "Reachable")
      )
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(watching.texts().slice(6), ["Reachable c@c"])
      assertGrammar(watching.events())
    })
  )

  it.effect("that reads too slowly is given the difference, slows nobody, and hears every change again after", () =>
    Effect.gen(function* () {
      const { a, b, c, world } = yield* mesh({ window: 16_384 })
      const gate = yield* Latch.make()
      const slow = yield* watch(yield* observerOn(world, "w"), "a", gate.await)
      const quick = yield* watch(yield* observerOn(world, "q"), "a")
      yield* TestClock.adjust("1 second")
      const changes = 1_500
      const padding = "x".repeat(2_000)
      for (let change = 1; change <= changes; change++) {
        yield* b.cluster.updateMetadata({ change: String(change), padding })
        yield* TestClock.adjust("10 millis")
        if (change === 700) yield* c.cluster.leave
      }
      const updates = (events: ReadonlyArray<{ readonly _tag: string }>) =>
        events.filter(({ _tag }) => _tag === "Updated").length
      assert.strictEqual(updates(a.events), changes)
      assert.strictEqual(updates(quick.events()), changes, "another observer was told everything")
      assert.lengthOf(slow.told, 0)
      yield* gate.open
      yield* TestClock.adjust("5 seconds")
      assertGrammar(slow.events())
      assert.isBelow(updates(slow.events()), 200)
      assert.deepStrictEqual(
        slow.texts().filter((text) => !text.startsWith("Updated")),
        [...snapshot, "Left c@c"]
      )
      assert.strictEqual(slow.events().at(-1)?.member.metadata["change"], String(changes))
      yield* b.cluster.updateMetadata({ change: "last" })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual({ ...slow.events().at(-1)?.member.metadata }, { change: "last" })
      assert.strictEqual(yield* valueOf("gc_events_total", "a@a", "events_lagged"), 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.effect("is no member, neighbour, witness or dial of anybody, whatever its name is", () =>
    Effect.gen(function* () {
      const { a, b, c, world } = yield* mesh()
      const dials = world.dials()
      const own = yield* watch(yield* observerOn(world, "w1", { name: "a@a" }), "a")
      const others = yield* watch(yield* observerOn(world, "w2", { name: "b@b" }), "a")
      const unknown = yield* watch(yield* observerOn(world, "w3", { name: "zzz@w3" }), "b")
      yield* TestClock.adjust("30 seconds")
      for (const node of [a, b, c]) {
        assert.deepStrictEqual((yield* node.cluster.members).map(({ name }) => name).toSorted(), ["a@a", "b@b", "c@c"])
        assert.deepStrictEqual(
          node.events.map(({ _tag }) => _tag),
          ["Up", "Up", "Up"]
        )
      }
      for (const watching of [own, others]) assert.deepStrictEqual(watching.texts(), snapshot)
      assert.deepStrictEqual(unknown.texts(), ["Up b@b", "Up a@a", "Up c@c", "Synced"])
      assert.strictEqual(world.dials() - dials, 3, "the observers' own")
      const late = yield* world.start("d", { peers: ["a"] })
      yield* until("d is in", allSee([a, b, c, late], [...names, "d"]))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(own.texts(), [...snapshot, "Up d@d"])
      for (const host of ["w1", "w2", "w3"]) assert.strictEqual(world.dials(host), 0)
    })
  )

  it.effect("hears of a name conflict, and that the node leaves", () =>
    Effect.gen(function* () {
      const { a, b, world } = yield* mesh()
      const watching = yield* watch(yield* observerOn(world, "w"), "b")
      yield* world.start("b", { host: "twin", peers: ["a", "b", "c"] })
      yield* TestClock.adjust("5 seconds")
      assert.include(watching.texts(), "NameConflict b@b")
      assert.lengthOf(yield* a.cluster.members, 3)
      yield* b.cluster.leave
      yield* TestClock.adjust("1 second")
      const end = yield* watching.end
      assert.strictEqual(end === "ended" ? end : end.reason, "shutting_down")
      assertGrammar(watching.events())
    })
  )
})

describe("a node", () => {
  it.effect("drops an observer that stopped, and one that is gone, and counts those that are there", () =>
    Effect.gen(function* () {
      const { a, network, world } = yield* mesh()
      const stopped = yield* watch(yield* observerOn(world, "s"), "a")
      yield* watch(yield* observerOn(world, "w"), "a")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* valueOf("gc_observers", "a@a"), 2)
      yield* network.pause("s")
      yield* network.kill("w")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* valueOf("gc_observers", "a@a"), 1)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* valueOf("gc_observers", "a@a"), 0)
      assert.strictEqual(yield* valueOf("gc_events_total", "a@a", "observers_silent"), 1)
      yield* network.resume("s")
      yield* TestClock.adjust("1 second")
      const end = yield* stopped.end
      assert.strictEqual(end === "ended" ? end : end.reason, "failed")
      assert.lengthOf(a.events, 3)
      for (let change = 0; change < 1_100; change++) {
        yield* Effect.andThen(a.cluster.updateMetadata({ change: String(change) }), Effect.yieldNow)
      }
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* valueOf("gc_events_total", "a@a", "events_lagged"), 0, "nothing is kept for them")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.effect("that leaves says so to an observer that is behind, and waits a moment for it to read", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ window: 16_384 })
      const a = yield* world.start("a")
      const gate = yield* Latch.make()
      const behind = yield* watch(yield* observerOn(world, "w"), "a", gate.await)
      yield* TestClock.adjust("1 second")
      for (let change = 0; change < 200; change++) {
        yield* a.cluster.updateMetadata({ change: String(change), padding: "x".repeat(2_000) })
        yield* TestClock.adjust("1 millis")
      }
      yield* Effect.forkScoped(a.cluster.leave)
      yield* TestClock.adjust("100 millis")
      yield* gate.open
      yield* TestClock.adjust("1 second")
      const end = yield* behind.end
      assert.strictEqual(end === "ended" ? end : end.reason, "shutting_down")
    })
  )

  it.effect("that is silent is given up by its observer after ten seconds", () =>
    Effect.gen(function* () {
      const { network, world } = yield* mesh()
      const watching = yield* watch(yield* observerOn(world, "w"), "a")
      yield* TestClock.adjust("20 seconds")
      yield* network.partition([["w"], names])
      yield* TestClock.adjust("13 seconds")
      const end = yield* watching.end
      assert.include(end === "ended" ? end : end.message, "the node is silent")
      assert.deepStrictEqual(watching.texts(), snapshot)
    })
  )

  it.effect("takes sixteen, refuses one more, and takes one again when one has gone", () =>
    Effect.gen(function* () {
      const { world } = yield* mesh()
      const observer = yield* observerOn(world, "w")
      const watches = yield* Effect.forEach(Array.from({ length: 16 }), () =>
        Effect.tap(watch(observer, "a"), TestClock.adjust("100 millis"))
      )
      for (const watching of watches) assert.deepStrictEqual(watching.texts(), snapshot)
      const late = yield* watch(observer, "a")
      yield* TestClock.adjust("1 second")
      const end = yield* late.end
      assert.strictEqual(end === "ended" ? end : end.reason, "too_many_peers")
      yield* watches[0]!.stop
      yield* TestClock.adjust("1 second")
      const next = yield* watch(observer, "a")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(next.texts(), snapshot)
    })
  )

  it.effect("asks admit about nobody who only watches", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const asked: Array<string> = []
      yield* world.start("a", {
        admit: ({ name }) => {
          asked.push(name)
          return false
        }
      })
      const watching = yield* watch(yield* observerOn(world, "w"), "a")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(watching.texts(), ["Up a@a", "Synced"])
      assert.deepStrictEqual(asked, [])
    })
  )
})
