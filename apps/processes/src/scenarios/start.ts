import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import type { Fleet } from "../harness/fleet.ts"
import { pairs } from "../harness/stories.ts"
import { amount, occurrences, type Row, times } from "../report/rows.ts"
import { loopbackFleet, type Scenario } from "./scenario.ts"

/** For a full mesh of so many nodes, in milliseconds. */
const meshBound = (nodes: number): number => (nodes <= 50 ? 5_000 : 15_000)

/** Starts everybody at once and tells how that went. */
const startTogether = Effect.fnUntraced(function* (fleet: Fleet) {
  const began = yield* fleet.start
  yield* fleet.mesh
  yield* fleet.reported
  yield* fleet.account(fleet.live)
  const { live } = fleet
  const all = pairs(live, live)
  const ups = all.map(({ observer, subject }) => (observer.story(subject)[0]?.at ?? now()) - began)
  const handshakes = live.reduce((sum, { usage }) => sum + (usage?.usage.handshakes ?? 0), 0)
  const rows: ReadonlyArray<Row> = [
    times(`${live.length} nodes: Up of everybody at everybody`, ups, all.length, { max: meshBound(live.length) }),
    amount(`${live.length} nodes: handshakes a pair`, handshakes / (all.length / 2), "", 1.3),
    occurrences(`${live.length} nodes: Down`, all, /^Down/, 0),
    occurrences(`${live.length} nodes: Suspected`, all, /^Suspected/)
  ]
  return rows
})

/** Everybody is started at once. */
export const start: Scenario = {
  name: "start",
  about: "N nodes, and 50, told to join at the same moment",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const rows: Array<Row> = []
    for (const size of new Set([nodes, 50])) {
      progress(`${size} nodes`)
      rows.push(...(yield* Effect.scoped(Effect.flatMap(loopbackFleet(size), startTogether))))
    }
    return rows
  })
}
