/**
 * Three real processes on loopback that find each other by one source alone: no list, no peer exchange. `npm run processes` plays
 * the failures of each source, and measures.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Fleet } from "../src/harness/fleet.ts"
import { allSaw, pairs } from "../src/harness/stories.ts"
import { meshTime } from "../src/scenarios/alone.ts"
import { listedFleet } from "../src/scenarios/byDns.ts"
import { registered, served } from "../src/scenarios/byEpmd.ts"
import { groupFleet } from "../src/scenarios/byGossip.ts"
import { flood } from "../src/scenarios/gossipFlood.ts"
import { assertStories } from "./assertions.ts"

/** For a machine that runs other tests; `npm run processes` has bounds. */
const generous = 5_000

/** Everybody saw everybody come, once, and soon after the last one listened. */
const assertFormed = (fleet: Fleet): void => {
  assert.lengthOf(fleet.live, 3)
  assertStories(pairs(fleet.live, fleet.live), /^Up$/)
  assert.isAtMost(meshTime(fleet), generous)
}

describe("three nodes that find each other", () => {
  it.live("by DNS alone", () =>
    Effect.gen(function* () {
      const fleet = yield* listedFleet("scripted")
      yield* fleet.form
      yield* fleet.reported
      assertFormed(fleet)
    })
  )

  it.live("by gossip alone, and junk in their group tells them nothing", () =>
    Effect.gen(function* () {
      const { fleet, finding } = yield* groupFleet
      yield* fleet.form
      assert.isAbove(yield* flood(finding.port, 1_000), 0)
      yield* fleet.account(fleet.live)
      for (const { usage } of fleet.live) assert.isAbove(usage?.usage.junk ?? 0, 0)
      yield* fleet.reported
      assertFormed(fleet)
    })
  )

  it.live(
    "by epmd alone, without Erlang: the node that serves is killed, another one serves, all are there again",
    () =>
      Effect.gen(function* () {
        const { fleet, holder, port } = yield* served(3)
        yield* fleet.reported
        assertFormed(fleet)
        const survivors = fleet.live.filter((life) => life !== holder)
        const of = pairs(survivors, [holder])
        const killed = yield* fleet.kill(holder)
        yield* registered(port, survivors)
        yield* fleet.expect("Down at every survivor", () => allSaw(of, "Down", killed))
        yield* fleet.reported
        assertStories(of, /^Up (Suspected )?Down:closed$/)
        assertStories(pairs(survivors, survivors), /^Up$/)
      })
  )
})
