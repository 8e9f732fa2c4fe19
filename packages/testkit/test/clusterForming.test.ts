import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { allSee, makeWorld, until } from "./support/world.ts"

describe("a cluster on a simulated network", () => {
  it.effect("three nodes find each other", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const names = ["a", "b", "c"]
      const nodes = yield* world.startAll(names)
      const took = yield* until("the mesh is full", allSee(nodes, names))
      assert.isBelow(took, 1_000)
    })
  )
})
