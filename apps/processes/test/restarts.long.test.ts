/**
 * Ten real processes on loopback, each restarted at its address: what everybody sees of the old life and of the new one.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { pairs } from "../src/harness/stories.ts"
import { restartAll } from "../src/scenarios/rolling.ts"
import { loopbackFleet } from "../src/scenarios/scenario.ts"
import { assertStories, assertMostWithin } from "./assertions.ts"

const nodes = 10

describe("a rolling restart of ten nodes", () => {
  for (const [signal, end, story] of [
    ["SIGKILL", "Down", /^Up (Suspected )?Down:(closed|restarted)$/],
    ["SIGTERM", "Left", /^Up Left$/]
  ] as const) {
    it.live(
      `by ${signal}: ${end} of the old life and then Up of the new one, at everybody and once`,
      () =>
        Effect.gen(function* () {
          const fleet = yield* loopbackFleet(nodes)
          yield* fleet.form
          const pass = yield* restartAll(fleet, end, () => {})
          assert.lengthOf(pass.old, nodes * (nodes - 1))
          assertStories(pass.old, story)
          assert.strictEqual(pass.disorder, 0)
          assertStories(pairs(fleet.live, fleet.live), /^Up$/)
          assertMostWithin(pass.ups, nodes * (nodes - 1), 1_500)
        }),
      90_000
    )
  }
})
