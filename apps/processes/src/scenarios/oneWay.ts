import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, delays, type Pair, pairs } from "../harness/stories.ts"
import { occurrences, times, unexpected } from "../report/rows.ts"
import { bothWays, formed, reunited } from "./network.ts"
import { type Scenario, seatOf } from "./scenario.ts"

/** How long a one-way link is watched after both sides have noticed: what would go down has done so. */
const watched = 15_000

/** Packets from one node to another are lost, and later come through again; then those of two others. */
export const oneWay: Scenario = {
  name: "one-way",
  about: "every packet from one node to another dropped, the other direction not; then healed",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(nodes)
    const [unreachable, backs]: [Array<number>, Array<number>] = [[], []]
    const apart: Array<Pair> = []
    const { live } = fleet
    const links = [
      [live[0], live[1]],
      [live[3], live[2]]
    ] as ReadonlyArray<readonly [NodeProcess, NodeProcess]>
    for (const [from, to] of links) {
      const both = bothWays([{ observer: from, subject: to }])
      progress(`drop what ${from.name} sends to ${to.name}`)
      const cut = now()
      yield* network.oneWay(seatOf(fleet, from), seatOf(fleet, to))
      yield* fleet.waitUntil(() => allSaw(both, "Unreachable", cut), 30_000)
      unreachable.push(...delays(both, "Unreachable", cut))
      yield* Effect.sleep(watched)
      apart.push(...both)
      const healed = now()
      yield* network.heal(seatOf(fleet, to))
      backs.push(...(yield* reunited(fleet, healed, both)))
    }
    const others = pairs(live, live).filter(
      ({ observer, subject }) => !apart.some((each) => each.observer === observer && each.subject === subject)
    )
    return [
      times("Unreachable at both, from the loss", unreachable, apart.length, { max: 8_000 }),
      occurrences("Down anywhere", pairs(live, live), /^Down/, 0),
      unexpected("other stories of the two than Unreachable, Reachable", apart, /^Up Suspected Unreachable Reachable$/),
      unexpected("events among the others", others, /^Up$/),
      times("Reachable at both, from healing", backs, apart.length, { p99: 35_000 })
    ]
  })
}
