import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { allSee, makeWorld, peersOf, seenBy, until } from "./support/world.ts"

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`)

describe("nodes that are started", () => {
  it.effect("three of them find each other, and each says so once", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const names = ["a", "b", "c"]
      const nodes = yield* world.startAll(names)
      const took = yield* until("the mesh is full", allSee(nodes, names))
      assert.isAtMost(took, 1_000)
      yield* TestClock.adjust("1 minute")
      for (const node of nodes) {
        assert.deepStrictEqual(
          node.events.map((event) => event._tag),
          ["Up", "Up", "Up"]
        )
        const members = yield* node.cluster.members
        assert.strictEqual(members[0]?.name, node.cluster.self.name, "self first")
        assert.deepStrictEqual(
          members.map((member) => member.self),
          [true, false, false]
        )
        const others = members.slice(1).map((member) => member.name)
        assert.deepStrictEqual(others, others.toSorted())
      }
    })
  )

  it.effect(
    "fifty of them form a full mesh within five seconds, without a doubt about anybody",
    () =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const names = numbered(50)
        const nodes = yield* world.startAll(names)
        yield* until("the mesh is full", allSee(nodes, names), 5_000)
        yield* TestClock.adjust("1 second")
        for (const node of nodes) {
          assert.lengthOf(node.events, 50)
          assert.isTrue(node.events.every((event) => event._tag === "Up"))
        }
        assert.isAtMost(
          world.connections(),
          1.3 * ((50 * 49) / 2) + 50,
          "few pairs shake hands twice, and each finds itself once"
        )
      }),
    90_000
  )

  it.effect("one address is enough to find everybody", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const names = numbered(8)
      const nodes = yield* Effect.forEach(names, (name) => world.start(name, { peers: ["n0"] }))
      yield* until("the mesh is full", allSee(nodes, names), 20_000)
      yield* TestClock.adjust("1 minute")
      for (const { events } of nodes) assert.isTrue(events.every((event) => event._tag === "Up"))
    })
  )

  it.effect("without peer exchange they know whom discovery lists, and who dials them", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const nodes = yield* Effect.forEach(["a", "b", "c"], (name) =>
        world.start(name, { peers: ["a"], peerExchange: false })
      )
      yield* TestClock.adjust("30 seconds")
      const views = yield* Effect.forEach(nodes, seenBy)
      assert.deepStrictEqual(views, [
        ["a", "b", "c"],
        ["a", "b"],
        ["a", "c"]
      ])
    })
  )

  it.effect("an address of one's own in the list is dialed once and then left alone", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const node = yield* world.start("a", { peers: ["a"] })
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(world.dials(), 1)
      assert.deepStrictEqual(
        node.events.map((event) => event._tag),
        ["Up"]
      )
    })
  )

  it.effect("dead addresses keep nobody waiting", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const silent = ["s0", "s1", "s2"]
      for (const host of silent) world.network.transport(host)
      yield* world.network.partition([silent])
      const listed = ["x", "a", ...silent, "b"]
      const nodes = yield* Effect.forEach(["a", "b"], (name) => world.start(name, { peers: listed }))
      const took = yield* until("they are linked", allSee(nodes, ["a", "b"]))
      assert.isAtMost(took, 1_000)
    })
  )
})

describe("several clusters in one process", () => {
  const names = ["a", "b", "c"]

  it.effect("of different names do not see each other, whatever discovery lists", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const hosts = ["red-a", "red-b", "blue-a", "blue-b"]
      const nodes = yield* Effect.forEach(hosts, (host) =>
        world.start(host, { peers: hosts, cluster: host.split("-")[0]! })
      )
      yield* until("red is whole", allSee(nodes.slice(0, 2), ["red-a", "red-b"]))
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(yield* allSee(nodes.slice(0, 2), ["red-a", "red-b"]))
      assert.isTrue(yield* allSee(nodes.slice(2), ["blue-a", "blue-b"]))
      for (const { events } of nodes)
        assert.deepStrictEqual(
          events.map((event) => event._tag),
          ["Up", "Up"]
        )
    })
  )

  it.effect("of one name but different cookies do not see each other", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const hosts = ["red-a", "red-b", "blue-a", "blue-b"]
      const nodes = yield* Effect.forEach(hosts, (host) =>
        world.start(host, { peers: hosts, cookie: `hex:${(host.startsWith("red") ? "1" : "2").repeat(64)}` })
      )
      yield* until("red is whole", allSee(nodes.slice(0, 2), ["red-a", "red-b"]))
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(yield* allSee(nodes.slice(0, 2), ["red-a", "red-b"]))
      assert.isTrue(yield* allSee(nodes.slice(2), ["blue-a", "blue-b"]))
    })
  )

  it.effect("share one discovery, and node names, when their transports differ", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const other = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const discovery = Discovery.poll({ name: "shared", lookup: () => Effect.succeed(peersOf(names)) })
      const here = yield* Effect.forEach(names, (name) => world.start(name, { peers: discovery }))
      const there = yield* Effect.forEach(names.slice(0, 2), (name) =>
        world.start(name, { peers: discovery, transport: other.transport(name, { port: 4370 }) })
      )
      yield* until("both are whole", allSee(here, names))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* allSee(here, names))
      assert.isTrue(yield* allSee(there, ["a", "b"]))
    })
  )
})

describe("chance", () => {
  /** A small history with loss, jitter, a partition, a crash and a leave, as text. */
  const history = (seed: number) =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ latency: "2 millis", jitter: "20 millis", loss: 0.02, seed })
      const names = numbered(6)
      const nodes = yield* world.startAll(names)
      yield* TestClock.adjust("5 seconds")
      yield* world.network.partition([["n0", "n1"]])
      yield* TestClock.adjust("12 seconds")
      yield* world.network.heal
      yield* TestClock.adjust("35 seconds")
      yield* world.kill(nodes[5]!)
      yield* TestClock.adjust("5 seconds")
      yield* nodes[4]!.cluster.leave
      yield* TestClock.adjust("5 seconds")
      for (const { events } of nodes) assertGrammar(events)
      const packets = (yield* world.network.events).map(
        ({ at, bytes, event, from, to }) => `${at} ${event} ${from} ${to} ${bytes}`
      )
      return { events: world.log.join("\n"), packets: packets.join("\n") }
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))

  it.effect("comes from the seed alone: one seed gives one log of events and of packets", () =>
    Effect.gen(function* () {
      const first = yield* history(1)
      const again = yield* history(1)
      const other = yield* history(2)
      assert.include(first.events, "Down n5")
      assert.include(first.events, "Left n4")
      assert.strictEqual(again.events, first.events)
      assert.strictEqual(again.packets, first.packets)
      assert.notStrictEqual(other.packets, first.packets)
      assert.notStrictEqual(other.events, first.events)
    })
  )
})
