import * as Effect from "effect/Effect"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, delays, type Pair, pairs } from "../harness/stories.ts"
import { times, unexpected } from "../report/rows.ts"
import { loopbackFleet, type Scenario, seatOf } from "./scenario.ts"

const rounds = 5

/** A node is told to leave and comes back, some times over. */
export const term: Scenario = {
  name: "term",
  about: "SIGTERM of one node after the other",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const samples: Array<number> = []
    const told: Array<Pair> = []
    const leavers: Array<NodeProcess> = []
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`)
      const leaver = fleet.live[(round * 3 + 1) % nodes] as NodeProcess
      const seat = seatOf(fleet, leaver)
      const [successor] = yield* fleet.prepare([seat])
      leavers.push(leaver)
      const at = yield* fleet.terminate(leaver)
      const observed = pairs(fleet.live, [leaver])
      yield* fleet.waitUntil(() => allSaw(observed, "Left", at), 15_000)
      samples.push(...delays(observed, "Left", at))
      told.push(...observed)
      yield* fleet.expect("the end of a process that left", () => leaver.hasEnded)
      fleet.join(successor as NodeProcess, seat)
      yield* fleet.mesh
    }
    yield* fleet.reported
    const stayed = fleet.lives.filter((life) => !leavers.includes(life))
    return [
      times("Left at each other, from SIGTERM", samples, told.length, { p99: 250 }),
      unexpected("other stories of the one that leaves than Left", told, /^Up Left$/),
      unexpected("events about anybody else", pairs(fleet.lives, stayed), /^(Up)?$/)
    ]
  })
}
