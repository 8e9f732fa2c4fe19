import * as Effect from "effect/Effect"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { type Pair, pairs } from "../harness/stories.ts"
import { occurrences, unexpected } from "../report/rows.ts"
import { loopbackFleet, type Scenario } from "./scenario.ts"

const rounds = 3

/** More than the silence after which a node is suspected, less than that after which it is down, if only just. */
const blockedMillis = 5_000

/** In which a wrong Down would come. */
const afterwards = 8_000

/** A node's event loop is blocked for a while. */
export const block: Scenario = {
  name: "block",
  about: "an event loop that is blocked for 5 s",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const told: Array<Pair> = []
    const victims: Array<NodeProcess> = []
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`)
      const victim = fleet.live[1 + round] as NodeProcess
      victims.push(victim)
      told.push(...pairs(fleet.live, [victim]))
      yield* fleet.block(victim, blockedMillis)
      yield* fleet.mesh
      yield* Effect.sleep(afterwards)
    }
    yield* fleet.reported
    const others = fleet.live.filter((life) => !victims.includes(life))
    return [
      occurrences("Down by the blocked about others", pairs(victims, others), /^Down/, 0),
      unexpected(
        "other stories of the blocked than Suspected, and Recovered or Down and Up",
        told,
        /^Up Suspected (Recovered|Down:timeout Up)$/
      ),
      unexpected("events among the others", pairs(others, others), /^Up$/),
      occurrences("Recovered at others (silent for less than 6 s)", told, /^Recovered$/),
      occurrences("Down at others (silent for 6 s: blocked, and idle before)", told, /^Down/),
      occurrences("Suspected by the blocked about others", pairs(victims, others), /^Suspected/, 0)
    ]
  })
}
