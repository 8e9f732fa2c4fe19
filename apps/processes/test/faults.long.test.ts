/**
 * Real processes on loopback. What they see is asserted strictly, when they see it by the outer bounds of GC/1 section 8.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { loopbackFleet, seatOf } from "../src/scenarios/scenario.ts"
import { allSaw, delays, pairs, tell } from "../src/harness/stories.ts"
import type { NodeProcess } from "../src/harness/nodeProcess.ts"
import { assertStories, assertWithin } from "./assertions.ts"

const nodes = 4

const formed = Effect.tap(loopbackFleet(nodes), (fleet) => fleet.form)

describe("real processes", () => {
  it.live("a killed node is down for every survivor, once, and comes back as another life", () =>
    Effect.gen(function* () {
      const fleet = yield* formed
      const [victim, ...survivors] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
      const seat = seatOf(fleet, victim)
      const [successor] = (yield* fleet.prepare([seat])) as [NodeProcess]
      const told = pairs(survivors, [victim])

      const at = yield* fleet.kill(victim)
      yield* fleet.expect("Down at every survivor", () => allSaw(told, "Down", at))
      fleet.join(successor, seat)
      yield* fleet.mesh
      yield* fleet.reported

      assertStories(told, /^Up (Suspected )?Down:closed$/)
      assertStories(pairs(survivors, survivors), /^Up$/)
      assertStories(pairs(survivors, [successor]), /^Up$/)
      assertStories(pairs([successor], survivors), /^Up$/)
      assert.strictEqual(tell({ observer: successor, subject: victim }), "")
      assertWithin(delays(told, "Down", at), told.length, 1_000)
    })
  )

  it.live(
    "a stopped node is down for the others, once, up again when it goes on, and takes nobody for down itself",
    () =>
      Effect.gen(function* () {
        const fleet = yield* formed
        const [victim, ...others] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
        const told = pairs(others, [victim])

        const stopped = yield* fleet.freeze(victim)
        yield* fleet.expect("Down at every other", () => allSaw(told, "Down", stopped))
        const resumed = yield* fleet.thaw(victim)
        yield* fleet.expect("Up at every other", () => allSaw(told, "Up", resumed))
        yield* fleet.mesh
        yield* fleet.reported

        assertStories(told, /^Up Suspected Down:timeout Up$/)
        assertStories(pairs([victim], others), /^Up( Suspected Recovered)?$/)
        assertStories(pairs(others, others), /^Up$/)
        assertWithin(delays(told, "Down", stopped), told.length, 6_600)
        assertWithin(delays(told, "Up", resumed), told.length, 2_000)
      })
  )

  it.live("a node that is told to end has left for everybody, and nobody ever suspects it", () =>
    Effect.gen(function* () {
      const fleet = yield* formed
      const [leaver, ...others] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
      const told = pairs(others, [leaver])

      const at = yield* fleet.terminate(leaver)
      yield* fleet.expect("Left at every other", () => allSaw(told, "Left", at))
      yield* fleet.expect("the end of the process", () => leaver.hasEnded)
      yield* fleet.reported

      assertStories(told, /^Up Left$/)
      assertStories(pairs([leaver], others), /^Up$/)
      assertStories(pairs(others, others), /^Up$/)
      assertWithin(delays(told, "Left", at), told.length, 250)
    })
  )
})
