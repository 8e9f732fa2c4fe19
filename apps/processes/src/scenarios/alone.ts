/**
 * What the scenarios share in which nodes have one source and nothing else: no list, no peer exchange.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Fleet } from "../harness/fleet.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import type { HarnessError } from "../harness/seats.ts"
import { type Pair, pairs, sees } from "../harness/stories.ts"
import { type Row, times, unexpected } from "../report/rows.ts"
import { bothWays } from "./network.ts"

/** How many nodes find each other. */
export const trio = 3

/** From the moment at which the last one listened until the last one saw the last. */
export const meshTime = ({ live }: Fleet): number => {
  const listening = Math.max(...live.map(({ listeningAt }) => listeningAt ?? Infinity))
  const ups = pairs(live, live).map(({ observer, subject }) => observer.story(subject)[0]?.at ?? Infinity)
  return Math.max(0, Math.max(...ups) - listening)
}

/** Each joins as soon as all before it are a mesh, and half a second has passed. */
const inTurn = Effect.fnUntraced(function* (fleet: Fleet) {
  const loaded = yield* fleet.prepare(fleet.seats)
  for (const [index, seat] of fleet.seats.entries()) {
    if (index > 0) yield* Effect.sleep(500)
    fleet.join(loaded[index] as NodeProcess, seat)
    yield* fleet.mesh
  }
})

const ways = {
  "one after the other": inTurn,
  "all at once": (fleet: Fleet) => fleet.form
}

/** Starts fleets, one after the other, each with processes of its own, and in both ways; each has a bound, in milliseconds. */
export const meshes = Effect.fnUntraced(function* (
  runs: number,
  fleet: Effect.Effect<Fleet, HarnessError, Scope.Scope>,
  most: Readonly<Record<keyof typeof ways, number>>,
  progress: (text: string) => void
) {
  const rows: Array<Row> = []
  const others: Array<Row> = []
  for (const [way, form] of Object.entries(ways)) {
    const samples: Array<number> = []
    for (let run = 1; run <= runs; run++) {
      progress(`${way}, run ${run} of ${runs}`)
      const formed = Effect.tap(fleet, (each) => Effect.andThen(form(each), each.reported))
      yield* Effect.scoped(
        Effect.map(formed, (each) => {
          samples.push(meshTime(each))
          others.push(unexpected("other stories than one Up", pairs(each.live, each.live), /^Up$/))
        })
      )
    }
    const max = most[way as keyof typeof ways]
    rows.push(times(`started ${way}: full mesh of ${trio}, from the last one listening`, samples, runs, { max }))
  }
  return [...rows, ...merged(others)] as ReadonlyArray<Row>
})

/** One row for those of all runs, each of which was made before its fleet left: leaving is an event, too. */
export const merged = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
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
