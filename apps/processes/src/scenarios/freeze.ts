import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, delays, type Pair, pairs } from "../harness/stories.ts"
import { occurrences, times, unexpected } from "../report/rows.ts"
import { loopbackFleet, type Scenario } from "./scenario.ts"

/** How long nodes stand still at least, one after the other; the first goes on as soon as everybody took it for down. */
const holds = [0, 30_000]

/** In which a wrong Down would come: the silence that is allowed, and the time after a stall in which nobody is judged. */
const afterwards = 10_000

/** A node is stopped until everybody has taken it for down, and goes on. */
export const freeze: Scenario = {
  name: "freeze",
  about: "SIGSTOP until everybody took it for down, and once for 30 s; then SIGCONT",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const downs: Array<number> = []
    const ups: Array<number> = []
    const told: Array<Pair> = []
    const victims: Array<NodeProcess> = []
    for (const [index, hold] of holds.entries()) {
      const victim = fleet.live[1 + index] as NodeProcess
      victims.push(victim)
      const observed = pairs(fleet.live, [victim])
      progress(`stop ${index + 1} of ${holds.length}`)
      const stopped = yield* fleet.freeze(victim)
      yield* fleet.waitUntil(() => allSaw(observed, "Down", stopped), 30_000)
      yield* Effect.sleep(Math.max(0, stopped + hold - now()))
      const resumed = yield* fleet.thaw(victim)
      yield* fleet.waitUntil(() => allSaw(observed, "Up", resumed), 60_000)
      downs.push(...delays(observed, "Down", stopped))
      ups.push(...delays(observed, "Up", resumed))
      told.push(...observed)
      yield* fleet.mesh
      progress("watching")
      yield* Effect.sleep(afterwards)
    }
    yield* fleet.reported
    const others = fleet.live.filter((life) => !victims.includes(life))
    return [
      times("Down at each other, from SIGSTOP", downs, told.length, { p99: 6_600 }),
      times("Up at each other, from SIGCONT", ups, told.length, { p99: 2_000 }),
      unexpected("other stories of the stopped than one Down, one Up", told, /^Up Suspected Down:timeout Up$/),
      occurrences("Down by the stopped about others", pairs(victims, others), /^Down/, 0),
      unexpected("events among the others", pairs(others, others), /^Up$/),
      occurrences("Suspected by the stopped about others", pairs(victims, others), /^Suspected/)
    ]
  })
}
