import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { allSee, makeWorld, told, until } from "./support/world.ts"
import { mesh, names } from "./support/mesh.ts"

describe("a node that is lost", () => {
  it.effect("by a crash is down at once, and a new life of it is up when it comes back", () =>
    Effect.gen(function* () {
      const { a, b, c, network, world } = yield* mesh()
      const { instance } = c.cluster.self
      yield* world.kill(c)
      yield* TestClock.adjust("1 second")
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Down closed"])
      yield* network.restart("c")
      const again = yield* world.start("c", { peers: names })
      assert.notStrictEqual(again.cluster.self.instance, instance)
      yield* until("the mesh is full again", allSee([a, b, again], names), 2_000)
      yield* TestClock.adjust("1 minute")
      for (const node of [a, b]) {
        assert.deepStrictEqual(told(node, "c"), ["Up", "Down closed", "Up"])
        assert.strictEqual(node.events.at(-1)?.member.instance, again.cluster.self.instance)
        assertGrammar(node.events)
      }
    })
  )

  it.effect("and back before anybody noticed: the old life is down, then the new one is up", () =>
    Effect.gen(function* () {
      const { a, b, c, network, world } = yield* mesh()
      yield* network.partition([["c"]])
      yield* world.kill(c)
      yield* network.restart("c")
      yield* TestClock.adjust("1 second")
      yield* network.heal
      const again = yield* world.start("c", { peers: names })
      yield* until("the mesh is full again", allSee([a, b, again], names))
      yield* TestClock.adjust("1 minute")
      for (const node of [a, b]) {
        const [up, down, back, ...more] = told(node, "c").filter(
          (event) => event !== "Suspected" && event !== "NameConflict"
        )
        assert.deepStrictEqual([up, back], ["Up", "Up"])
        assert.match(down ?? "", /^Down /)
        assert.lengthOf(more, 0)
        assertGrammar(node.events)
      }
    })
  )

  it.effect("by leaving is left everywhere within 250 ms, and nobody doubts it", () =>
    Effect.gen(function* () {
      const { a, b, c } = yield* mesh()
      yield* c.cluster.leave
      yield* TestClock.adjust("250 millis")
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Left"])
      yield* TestClock.adjust("2 minutes")
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Left"])
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
    })
  )

  it.effect("by leaving, and started anew, is another life", () =>
    Effect.gen(function* () {
      const { a, b, c, world } = yield* mesh()
      yield* c.stop
      yield* TestClock.adjust("1 second")
      const again = yield* world.start("c", { peers: names })
      yield* until("the mesh is full again", allSee([a, b, again], names), 15_000)
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Left", "Up"])
    })
  )

  it.effect("all of whose links are cut at once is back within a second, without a word", () =>
    Effect.gen(function* () {
      const { a, b, c, network } = yield* mesh()
      yield* network.cut("a", "c")
      yield* network.cut("b", "c")
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* allSee([a, b, c], names))
      yield* TestClock.adjust("1 minute")
      for (const node of [a, b, c]) assert.isTrue(node.events.every((event) => event._tag === "Up"))
    })
  )

  it.effect("that stands still is down for the others; it says nothing of them, and is back at once", () =>
    Effect.gen(function* () {
      const { a, b, c, network } = yield* mesh()
      yield* network.pause("c")
      yield* TestClock.adjust("30 seconds")
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Suspected", "Down timeout"])
      yield* network.resume("c")
      yield* until("the mesh is full again", allSee([a, b, c], names), 2_000)
      yield* TestClock.adjust("1 minute")
      for (const node of [a, b]) assert.deepStrictEqual(told(node, "c"), ["Up", "Suspected", "Down timeout", "Up"])
      for (const other of ["a", "b"]) assert.notInclude(told(c, other), "Down timeout")
      for (const node of [a, b, c]) assertGrammar(node.events)
    })
  )

  it.effect("on one path only is unreachable, not down, while others hear it", () =>
    Effect.gen(function* () {
      const { a, b, c, network } = yield* mesh()
      yield* network.blackhole(["a", "c"])
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(told(a, "c"), ["Up", "Suspected", "Unreachable"])
      assert.deepStrictEqual(told(c, "a"), ["Up", "Suspected", "Unreachable"])
      assert.deepStrictEqual(told(b, "c"), ["Up"])
      const member = (yield* a.cluster.members).find((each) => each.name === c.cluster.self.name)
      assert.strictEqual(member?.state, "unreachable")
      yield* network.heal
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(told(a, "c"), ["Up", "Suspected", "Unreachable", "Reachable"])
      assert.deepStrictEqual(told(c, "a"), ["Up", "Suspected", "Unreachable", "Reachable"])
    })
  )
})

describe("a partition", () => {
  it.effect("splits the cluster, and healed it is whole again", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const all = ["a", "b", "c", "d"]
      const nodes = yield* world.startAll(all)
      yield* until("the mesh is full", allSee(nodes, all))
      yield* world.network.partition([
        ["a", "b"],
        ["c", "d"]
      ])
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* allSee(nodes.slice(0, 2), ["a", "b"]))
      assert.isTrue(yield* allSee(nodes.slice(2), ["c", "d"]))
      yield* world.network.heal
      yield* until("the mesh is full again", allSee(nodes, all), 35_000)
      yield* TestClock.adjust("1 minute")
      for (const node of nodes) {
        const others = all.filter((name) => name !== node.name)
        for (const other of others) {
          const together = "ab".includes(node.name) === "ab".includes(other)
          assert.deepStrictEqual(told(node, other), together ? ["Up"] : ["Up", "Suspected", "Down timeout", "Up"])
        }
      }
    })
  )
})
