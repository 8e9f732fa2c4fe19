/**
 * What the scenarios share in which nodes have one source and nothing else: no list, no peer exchange.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Fleet } from "../harness/fleet.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import type { HarnessError } from "../harness/seats.ts"
import { type Pair, pairs, sees } from "../harness/stories.ts"
import { type Row, type TimeBounds, times, unexpected } from "../report/rows.ts"
import { bothWays } from "./network.ts"

/** How many nodes find each other. */
export const trio = 3

/** From the moment at which the last one listened until the last one saw the last. */
export const meshTime = ({ live }: Fleet): number => {
  const listening = Math.max(...live.map(({ listeningAt }) => listeningAt ?? Infinity))
  const ups = pairs(live, live).map(({ observer, subject }) => observer.story(subject)[0]?.at ?? Infinity)
  return Math.max(0, Math.max(...ups) - listening)
}

/** Starts fleets, one after the other, each with processes of its own. */
export const meshes = Effect.fnUntraced(function* (
  runs: number,
  fleet: Effect.Effect<Fleet, HarnessError, Scope.Scope>,
  { bounds, progress }: { readonly bounds: TimeBounds; readonly progress: (text: string) => void }
) {
  const samples: Array<number> = []
  const others: Array<Row> = []
  for (let run = 1; run <= runs; run++) {
    progress(`run ${run} of ${runs}`)
    const formed = Effect.tap(fleet, (each) => Effect.andThen(each.form, each.reported))
    yield* Effect.scoped(
      Effect.map(formed, (each) => {
        samples.push(meshTime(each))
        others.push(unexpected("other stories than one Up", pairs(each.live, each.live), /^Up$/))
      })
    )
  }
  const rows: ReadonlyArray<Row> = [
    times(`full mesh of ${trio}, from the last one listening`, samples, runs, bounds),
    ...merged(others)
  ]
  return rows
})

/** One row for those of all runs. */
const merged = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
  rows.slice(0, 1).map((row) => ({
    ...row,
    value: rows.reduce((sum, { value = 0 }) => sum + value, 0),
    ok: rows.every(({ ok }) => ok),
    notes: rows.flatMap(({ notes }) => notes)
  }))

/** The last seat's node, and everybody else with it, both ways. */
export const newcomer = (fleet: Fleet): { readonly fourth: NodeProcess; readonly ways: ReadonlyArray<Pair> } => {
  const fourth = fleet.live.at(-1) as NodeProcess
  return { fourth, ways: bothWays(pairs(fleet.live.slice(0, -1), [fourth])) }
}

/** Waits until the newcomer and the others see each other; gives how long that took each of them. */
export const cameIn = Effect.fnUntraced(function* (fleet: Fleet, ways: ReadonlyArray<Pair>, since: number) {
  yield* fleet.waitUntil(() => ways.every(({ observer, subject }) => sees(observer, subject)), 60_000)
  yield* fleet.reported
  return ways
    .flatMap(({ observer, subject }) => (observer.story(subject)[0]?.at ?? Infinity) - since)
    .filter(Number.isFinite)
})
