import * as Effect from "effect/Effect"
import { allSaw, delays, pairs } from "../harness/stories.ts"
import { times, unexpected } from "../report/rows.ts"
import { loopbackFleet, type Scenario } from "./scenario.ts"

/** A good part of the nodes dies at once. */
export const crash: Scenario = {
  name: "crash",
  about: "30 % of the nodes killed at once",
  play: Effect.fnUntraced(function* ({ nodes }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const victims = fleet.live.slice(1, 1 + Math.round(nodes * 0.3))
    const [at = 0] = yield* Effect.forEach(victims, fleet.kill)
    const survivors = fleet.live
    const told = pairs(survivors, victims)
    yield* fleet.waitUntil(() => allSaw(told, "Down", at), 15_000)
    yield* fleet.reported
    return [
      times("Down of each at each survivor", delays(told, "Down", at), told.length, { p99: 6_600 }),
      unexpected("other stories of the killed than one Down", told, /^Up (Suspected )?Down:(closed|timeout)$/),
      unexpected("events among the survivors", pairs(survivors, survivors), /^Up$/)
    ]
  })
}
