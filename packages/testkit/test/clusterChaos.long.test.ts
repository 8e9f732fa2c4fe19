import { assert, describe, it } from "@effect/vitest"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import { SeededEntropy } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { assertGrammar } from "./support/grammar.ts"
import { allSee, makeWorld, type TestNode, until } from "./support/world.ts"

const names = ["a", "b", "c", "d", "e"]

type World = Effect.Success<ReturnType<typeof makeWorld>>

/** Five nodes, those that live, and what every life saw. */
const makeFleet = Effect.fnUntraced(function* (world: World) {
  const alive = new Map<string, TestNode>()
  const leaving = new Set<string>()
  const views: Array<ReadonlyArray<ClusterEvent>> = []

  const begin = Effect.fnUntraced(function* (name: string) {
    yield* world.network.restart(name)
    const node = yield* world.start(name, { peers: names })
    alive.set(name, node)
    views.push(node.events)
  })

  /** Does something with a node that lives. */
  const ifAlive = (name: string, act: (node: TestNode) => Effect.Effect<unknown, never>) =>
    Effect.suspend((): Effect.Effect<unknown> => {
      const node = alive.get(name)
      return node === undefined ? Effect.void : act(node)
    })

  const kill = (name: string) =>
    ifAlive(name, (node) => {
      alive.delete(name)
      return world.kill(node)
    })

  const leave = (name: string) =>
    ifAlive(name, (node) => {
      alive.delete(name)
      leaving.add(name)
      const left = Effect.sync(() => leaving.delete(name))
      return Effect.forkDetach(Effect.ensuring(node.stop, left))
    })

  const gone = () => names.filter((name) => !alive.has(name) && !leaving.has(name))
  for (const name of names) world.network.transport(name)
  yield* Effect.forEach(names, begin)
  return { alive, views, begin, ifAlive, kill, leave, gone }
})

/** Whatever can happen, at random times, forty times; then quiet. */
const chaos = Effect.fnUntraced(function* (seed: number) {
  const random = SeededEntropy.make(`chaos ${seed}`)
  const below = (limit: number) => (random.bytes(1)[0] ?? 0) % limit
  const pick = () => names[below(names.length)]!
  const world = yield* makeWorld({ latency: 1, jitter: 20, loss: 0.01, seed })
  const { network } = world
  const fleet = yield* makeFleet(world)
  const freeze = (name: string) =>
    Effect.andThen(
      network.pause(name),
      Effect.forkDetach(Effect.andThen(Effect.sleep("5 seconds"), network.resume(name)))
    )
  const acts: ReadonlyArray<(name: string) => Effect.Effect<unknown>> = [
    fleet.kill,
    fleet.kill,
    fleet.leave,
    freeze,
    (name) => network.cut(name, pick()),
    (name) => network.partition([[name, pick()]]),
    (name) => network.blackhole({ from: name, to: pick() }),
    () => network.heal,
    () => network.heal,
    (name) => fleet.ifAlive(name, (node) => Effect.forkDetach(Stream.runHead(node.cluster.events)))
  ]
  for (let step = 0; step < 40; step++) {
    yield* acts[below(acts.length)]!(pick())
    yield* TestClock.adjust(100 + below(30) * 100)
    const gone = fleet.gone()
    if (gone.length > 2 || (gone.length > 0 && below(3) === 0)) yield* fleet.begin(gone[0]!)
  }
  yield* network.heal
  yield* Effect.forEach(names, network.resume)
  yield* TestClock.adjust("10 seconds")
  yield* Effect.forEach(fleet.gone(), fleet.begin)
  return { fleet, nodes: [...fleet.alive.values()] }
})

describe("whatever happened to five nodes", () => {
  for (const seed of [1, 2, 3]) {
    it.effect(`they find together again, nobody was told nonsense, and nothing of gc broke (seed ${seed})`, () => {
      const errors: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Error") errors.push(String(message))
      })
      return Effect.gen(function* () {
        const { fleet, nodes } = yield* chaos(seed)
        yield* until("everybody sees everybody", allSee(nodes, names), 60_000, 500)
        yield* TestClock.adjust("30 seconds")
        assert.isTrue(yield* allSee(nodes, names), "and that lasts")
        for (const events of fleet.views) assertGrammar(events)
        // A killed host's listener is gone under its program, which says so.
        assert.deepStrictEqual(
          errors.filter((error) => !error.startsWith("the listener broke")),
          []
        )
      }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
    })
  }
})
