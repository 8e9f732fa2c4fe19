import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { now } from "../clock.ts"
import { occurrences, times, unexpected } from "../report/rows.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { pairs } from "../harness/stories.ts"
import { formed } from "./network.ts"
import { type Scenario, seatOf } from "./scenario.ts"

const rounds = 3

/** All connections of a node that lives are reset at once, as by a proxy that restarts. */
export const sever: Scenario = {
  name: "sever",
  about: "all connections of a live node reset at once",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(nodes)
    const { live } = fleet
    const samples: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const victim = live[1 + round] as NodeProcess
      progress(`round ${round + 1} of ${rounds}`)
      yield* fleet.account([victim])
      const before = victim.usage?.usage.links ?? 0
      const back = () => (victim.usage?.usage.links ?? 0) - before >= nodes - 1
      const cut = now()
      yield* network.sever(seatOf(fleet, victim))
      yield* fleet.account([victim]).pipe(Effect.repeat({ until: back, schedule: Schedule.spaced(50), times: 200 }))
      if (back()) samples.push((victim.usage?.usage.linkAt ?? 0) - cut)
      yield* fleet.mesh
    }
    yield* fleet.reported
    return [
      times("the last link of the node is back, from the cut", samples, rounds, { max: 1_000 }),
      occurrences("Down anywhere", pairs(live, live), /^Down/, 0),
      unexpected("other stories than Up, or Suspected and Recovered", pairs(live, live), /^Up( Suspected Recovered)*$/),
      occurrences("Suspected", pairs(live, live), /^Suspected/)
    ]
  })
}
