import * as Effect from "effect/Effect"
import { loopbackFleet, type Scenario, seatOf } from "./scenario.ts"
import { allSaw, delays, type Pair, pairs } from "../harness/stories.ts"
import { times, unexpected } from "../report/rows.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"

const rounds = 5

/** A node is killed and comes back, some times over. */
export const kill: Scenario = {
  name: "kill",
  about: "SIGKILL of one node after the other",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const samples: Array<number> = []
    const told: Array<Pair> = []
    const victims: Array<NodeProcess> = []
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`)
      const victim = fleet.live[(round * 3 + 1) % nodes] as NodeProcess
      const seat = seatOf(fleet, victim)
      const [successor] = yield* fleet.prepare([seat])
      victims.push(victim)
      const at = yield* fleet.kill(victim)
      const observed = pairs(fleet.live, [victim])
      yield* fleet.waitUntil(() => allSaw(observed, "Down", at), 15_000)
      samples.push(...delays(observed, "Down", at))
      told.push(...observed)
      fleet.join(successor as NodeProcess, seat)
      yield* fleet.mesh
    }
    yield* fleet.reported
    const spared = fleet.lives.filter((life) => !victims.includes(life))
    return [
      times("Down at each survivor", samples, told.length, { p50: 50, p99: 1_000 }),
      unexpected("other stories of the killed than one Down (closed)", told, /^Up (Suspected )?Down:closed$/),
      unexpected("events about anybody else", pairs(fleet.lives, spared), /^(Up)?$/)
    ]
  })
}
