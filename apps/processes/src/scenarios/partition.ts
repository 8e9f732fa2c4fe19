import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { allSaw, delays, pairs } from "../harness/stories.ts"
import { times, unexpected } from "../report/rows.ts"
import { bothWays, formed, reunited } from "./network.ts"
import { type Scenario, seatOf } from "./scenario.ts"

const apartMillis = 60_000

/** Two halves do not reach each other for a while. */
export const partition: Scenario = {
  name: "partition",
  about: "two halves that do not reach each other for 60 s; then healed",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(nodes)
    const { live } = fleet
    const [left, right] = [live.slice(0, nodes / 2), live.slice(nodes / 2)]
    const seats = (half: typeof live) => half.map((life) => seatOf(fleet, life))
    const across = bothWays(pairs(left, right))
    progress(`apart for ${apartMillis / 1_000} s`)
    const cut = now()
    yield* network.part(seats(left), seats(right))
    yield* fleet.waitUntil(() => allSaw(across, "Down", cut), 30_000)
    const downs = delays(across, "Down", cut)
    yield* Effect.sleep(Math.max(0, cut + apartMillis - now()))
    progress("healed")
    const healed = now()
    yield* Effect.forEach(fleet.seats, network.heal, { discard: true })
    const backs = yield* reunited(fleet, healed, across)
    return [
      times("Down of the other half, from the cut", downs, across.length, { p99: 6_600 }),
      unexpected("other stories of the other half than one Down, one Up", across, /^Up Suspected Down:timeout Up$/),
      unexpected("events within a half", [...pairs(left, left), ...pairs(right, right)], /^Up$/),
      times("everybody alive again, from healing", backs, across.length, { p50: 10_000, p99: 35_000 })
    ]
  })
}
