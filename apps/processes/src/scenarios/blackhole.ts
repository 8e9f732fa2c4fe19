import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { allSaw, delays, type Pair, pairs } from "../harness/stories.ts"
import { times, unexpected } from "../report/rows.ts"
import { bothWays, formed, reunited } from "./network.ts"
import { type Scenario, seatOf } from "./scenario.ts"

/** All packets of a node are lost, and later come through again; then those of another. */
export const blackhole: Scenario = {
  name: "blackhole",
  about: "every packet of one node dropped, both ways; then healed",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(nodes)
    const [downs, backs]: [Array<number>, Array<number>] = [[], []]
    const told: Array<Pair> = []
    const victims = fleet.live.slice(1, 3)
    for (const victim of victims) {
      const observed = pairs(fleet.live, [victim])
      progress(`cut ${victim.name}`)
      const cut = now()
      yield* network.cut(seatOf(fleet, victim))
      yield* fleet.waitUntil(() => allSaw(bothWays(observed), "Down", cut), 30_000)
      downs.push(...delays(observed, "Down", cut))
      told.push(...observed)
      progress(`heal ${victim.name}`)
      const healed = now()
      yield* network.heal(seatOf(fleet, victim))
      backs.push(...(yield* reunited(fleet, healed, bothWays(observed))))
    }
    const spared = fleet.live.filter((life) => !victims.includes(life))
    return [
      times("Down at each other, from the cut", downs, told.length, { p99: 6_600 }),
      unexpected(
        "other stories of the one cut off than one Down, one Up",
        bothWays(pairs(spared, victims)),
        /^Up Suspected Down:timeout Up$/
      ),
      unexpected("events among the others", pairs(spared, spared), /^Up$/),
      times("everybody alive again, from healing", backs, 2 * told.length, { p50: 10_000, p99: 35_000 })
    ]
  })
}
