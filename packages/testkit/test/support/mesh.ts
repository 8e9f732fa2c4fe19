import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { allSee, makeWorld, type Settings, until } from "./world.ts"

export const names = ["a", "b", "c"]

/** Three nodes that see each other, and nothing more to say. */
export const mesh = Effect.fnUntraced(function* (settings: Settings = {}) {
  const world = yield* makeWorld()
  const nodes = yield* world.startAll(names, settings)
  yield* until("the mesh is full", allSee(nodes, names))
  yield* TestClock.adjust("20 seconds")
  const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  return { world, network: world.network, a, b, c }
})
