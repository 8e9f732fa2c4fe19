import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, delays, pairs } from "../harness/stories.ts"
import { occurrences, times } from "../report/rows.ts"
import { formed } from "./network.ts"
import { type Scenario, seatOf, type Stage } from "./scenario.ts"

/** How long packets are lost before somebody dies. */
const lossyMillis = 60_000

const playLoss = (part: number, deathWithin: number) =>
  Effect.fnUntraced(function* ({ nodes, progress }: Stage) {
    const { fleet, network } = yield* formed(nodes)
    yield* network.lose(part)
    progress(`${lossyMillis / 1_000} s of loss`)
    yield* Effect.sleep(lossyMillis)
    yield* fleet.reported
    const everybody = pairs(fleet.live, fleet.live)
    const calm = [
      occurrences(`false Down in ${lossyMillis / 1_000} s`, everybody, /^Down/, 0),
      occurrences("Suspected", everybody, /^Suspected/),
      occurrences("Unreachable", everybody, /^Unreachable/)
    ]
    const [killed, silenced, ...survivors] = fleet.live as [NodeProcess, NodeProcess, ...Array<NodeProcess>]
    progress("SIGKILL")
    const ofKilled = pairs(survivors, [killed])
    const killedAt = yield* fleet.kill(killed)
    yield* fleet.waitUntil(() => allSaw(ofKilled, "Down", killedAt), 40_000)
    progress("silent death")
    const ofSilenced = pairs(survivors, [silenced])
    const cut = now()
    yield* network.cut(seatOf(fleet, silenced))
    yield* fleet.kill(silenced)
    yield* fleet.waitUntil(() => allSaw(ofSilenced, "Down", cut), 40_000)
    yield* fleet.reported
    const bound = { p99: deathWithin }
    return [
      ...calm,
      times("Down of a killed node at each survivor", delays(ofKilled, "Down", killedAt), ofKilled.length, bound),
      times("Down of one that died silently", delays(ofSilenced, "Down", cut), ofSilenced.length, bound),
      occurrences("false Down among the survivors until the end", pairs(survivors, survivors), /^Down/, 0)
    ]
  })

/** Some packets of everybody are lost. */
export const loss5: Scenario = {
  name: "loss-5",
  about: "5 % of all packets dropped; then a node is killed, and one dies silently",
  namespaces: true,
  play: playLoss(0.05, 7_000)
}

/** Many packets of everybody are lost. */
export const loss20: Scenario = {
  name: "loss-20",
  about: "20 % of all packets dropped; then a node is killed, and one dies silently",
  namespaces: true,
  play: playLoss(0.2, 10_000)
}
