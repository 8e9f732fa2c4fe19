import { assert, describe, it } from "@effect/vitest"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { allSee, makeWorld, type TestNode, until } from "./support/world.ts"

const names = ["a", "b", "c"]

const mesh = Effect.fnUntraced(function* () {
  const world = yield* makeWorld()
  const nodes = yield* world.startAll(names)
  yield* until("the mesh is full", allSee(nodes, names))
  const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
  return { world, network: world.network, a, b, c }
})

/** A subscriber of its own: what it was given so far, and its fiber. */
const subscribe = Effect.fnUntraced(function* (node: TestNode) {
  const events: Array<ClusterEvent> = []
  const fiber = yield* Stream.runForEach(node.cluster.events, (event) =>
    Effect.sync(() => void events.push(event))
  ).pipe(Effect.forkScoped({ startImmediately: true }))
  return { events, fiber }
})

const texts = (events: ReadonlyArray<ClusterEvent>) => events.map(({ _tag, member }) => `${_tag} ${member.name}`)

/** The members that remain when all events have been applied. */
const fold = (events: ReadonlyArray<ClusterEvent>): ReadonlyArray<string> => {
  const members = new Set<string>()
  for (const { _tag, member } of events) {
    if (_tag === "Up") members.add(member.name)
    if (_tag === "Down" || _tag === "Left") members.delete(member.name)
  }
  return [...members].toSorted()
}

describe("events", () => {
  it.effect("begin with the present members, whenever one subscribes, and go on without gap or repeat", () =>
    Effect.gen(function* () {
      const { a, c, network, world } = yield* mesh()
      const subscribers = [yield* subscribe(a)]
      const between = (wait: number) =>
        Effect.gen(function* () {
          yield* TestClock.adjust(wait)
          subscribers.push(yield* subscribe(a))
        })
      assert.deepStrictEqual(texts(subscribers[0]!.events), ["Up a@a", "Up b@b", "Up c@c"])
      yield* world.kill(c)
      for (let time = 0; time < 20; time++) yield* between(1)
      yield* TestClock.adjust("1 second")
      yield* network.restart("c")
      const again = yield* world.start("c", { peers: names })
      for (let time = 0; time < 300; time += 15) yield* between(15)
      yield* again.cluster.leave
      for (let time = 0; time < 5; time++) yield* between(1)
      yield* TestClock.adjust("1 minute")
      for (const { events } of subscribers) {
        assertGrammar(events)
        assert.deepStrictEqual(fold(events), ["a@a", "b@b"])
      }
      const whole = texts(subscribers[0]!.events)
      assert.deepStrictEqual(whole.slice(3), ["Down c@c", "Up c@c", "Left c@c"])
      for (const { events } of subscribers) {
        const changes = texts(events).filter((text) => text.endsWith("c@c"))
        const all = whole.filter((text) => text.endsWith("c@c"))
        assert.deepStrictEqual(changes, all.slice(all.length - changes.length))
      }
    })
  )

  it.effect("are not told twice to one who subscribes while they are published", () =>
    Effect.gen(function* () {
      const { a, c, network, world } = yield* mesh()
      const late: Array<ReadonlyArray<ClusterEvent>> = []
      yield* Stream.runForEach(a.cluster.events, (event) =>
        event._tag === "Down" ? Effect.map(subscribe(a), ({ events }) => void late.push(events)) : Effect.void
      ).pipe(Effect.forkScoped({ startImmediately: true }))
      // Its end is not seen: the new life ends the old one and comes up in one step.
      yield* network.partition([["c"]])
      yield* world.kill(c)
      yield* network.restart("c")
      yield* TestClock.adjust("1 second")
      yield* network.heal
      yield* world.start("c", { peers: names })
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(texts(a.events).slice(3), ["Down c@c", "Up c@c"])
      assert.lengthOf(late, 1)
      assertGrammar(late[0]!)
      assert.deepStrictEqual(fold(late[0]!), ["a@a", "b@b", "c@c"])
    })
  )

  it.effect("agree with the members at every event", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ jitter: "10 millis" })
      const node = yield* world.start("n0", { peers: ["n0", "n1", "n2", "n3"] })
      let checked = 0
      const seen = new Set<string>()
      yield* Stream.runForEach(node.cluster.events, (event) =>
        Effect.gen(function* () {
          if (event._tag === "Up") seen.add(event.member.name)
          if (event._tag === "Down" || event._tag === "Left") seen.delete(event.member.name)
          const members = (yield* node.cluster.members).map((member) => member.name)
          for (const name of seen) assert.include(members, name)
          checked++
        })
      ).pipe(Effect.orDie, Effect.forkScoped)
      const others = yield* Effect.forEach(["n1", "n2", "n3"], (name) => world.start(name, { peers: ["n0"] }))
      yield* TestClock.adjust("5 seconds")
      yield* others[0]!.cluster.leave
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(checked, 5)
    })
  )

  it.effect("show new metadata once per change", () =>
    Effect.gen(function* () {
      const { a, b } = yield* mesh()
      yield* b.cluster.updateMetadata({ role: "api" })
      yield* TestClock.adjust("1 second")
      yield* b.cluster.updateMetadata({ role: "api" })
      yield* TestClock.adjust("1 second")
      for (const node of [a, b]) {
        const updates = node.events.filter((event) => event._tag === "Updated")
        assert.deepStrictEqual(texts(updates), ["Updated b@b"])
        assert.deepStrictEqual({ ...updates[0]?.member.metadata }, { role: "api" })
        assert.strictEqual(updates[0]?.member.self, node === b)
      }
      const member = (yield* a.cluster.members).find((each) => each.name === "b@b")
      assert.deepStrictEqual({ ...member?.metadata }, { role: "api" })
      assert.deepStrictEqual({ ...(yield* b.cluster.members)[0]?.metadata }, { role: "api" })
    })
  )

  it.effect("end when this node leaves, after everything that was said", () =>
    Effect.gen(function* () {
      const { a } = yield* mesh()
      const { events, fiber } = yield* subscribe(a)
      yield* a.cluster.leave
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(texts(events), ["Up a@a", "Up b@b", "Up c@c"])
      const late = yield* Stream.runCollect(a.cluster.events)
      assert.isTrue(
        late.every((event) => event._tag === "Up"),
        "a subscription that comes too late ends, too"
      )
    })
  )

  it.effect("a slow subscriber is given the difference when it is too far behind, and slows nobody", () =>
    Effect.gen(function* () {
      const { a, b, c, world } = yield* mesh()
      const gate = yield* Latch.make()
      const slow: Array<ClusterEvent> = []
      yield* Stream.runForEach(a.cluster.events, (event) =>
        Effect.andThen(
          gate.await,
          Effect.sync(() => void slow.push(event))
        )
      ).pipe(Effect.forkScoped({ startImmediately: true }))
      const changes = 1_500
      for (let change = 1; change <= changes; change++) {
        yield* b.cluster.updateMetadata({ change: String(change) })
        yield* TestClock.adjust("2 millis")
      }
      yield* world.kill(c)
      yield* TestClock.adjust("2 seconds")
      const updates = a.events.filter((event) => event._tag === "Updated")
      assert.lengthOf(updates, changes, "another subscriber was told everything")
      assert.lengthOf(slow, 0)
      yield* gate.open
      yield* TestClock.adjust("1 millis")
      assertGrammar(slow)
      assert.deepStrictEqual(texts(slow), ["Up a@a", "Up b@b", "Up c@c", "Down c@c", "Updated b@b"])
      assert.deepStrictEqual({ ...slow.at(-1)?.member.metadata }, { change: String(changes) })
      yield* b.cluster.updateMetadata({ change: "last" })
      yield* TestClock.adjust("10 millis")
      assert.strictEqual(texts(slow).at(-1), "Updated b@b", "and from then on every change again")
      assert.lengthOf(slow, 6)
      const lagged = (yield* Metric.snapshot).find(({ attributes }) => attributes?.["event"] === "events_lagged")
      assert.strictEqual(lagged?.type === "Counter" ? Number(lagged.state.count) : 0, 1, "counted once")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
