import * as Effect from "effect/Effect"
import { pairs } from "../harness/stories.ts"
import { occurrences } from "../report/rows.ts"
import { loopbackFleet, type Scenario } from "./scenario.ts"

/** Longer than the silence after which a member is down. */
const pausedMillis = 10_000

/** In which a wrong Down would come. */
const afterwards = 10_000

const rounds = 2

/** The whole machine stands still, as a laptop that sleeps or a virtual machine that is moved. */
export const pause: Scenario = {
  name: "pause",
  about: "SIGSTOP of all nodes at once for 10 s; then SIGCONT, one after the other",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const { live } = fleet
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`)
      yield* Effect.forEach(live, fleet.freeze, { discard: true })
      yield* Effect.sleep(pausedMillis)
      yield* Effect.forEach(live, fleet.thaw, { discard: true })
      yield* Effect.sleep(afterwards)
    }
    yield* fleet.mesh
    yield* fleet.reported
    return [
      occurrences("Down anywhere", pairs(live, live), /^Down/, 0),
      occurrences("Suspected", pairs(live, live), /^Suspected/, 0)
    ]
  })
}
