import * as Effect from "effect/Effect"
import type { Fleet } from "../harness/fleet.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, type Pair, pairs, sawAt } from "../harness/stories.ts"
import { amount, times, unexpected } from "../report/rows.ts"
import { loopbackFleet, type Scenario, seatOf } from "./scenario.ts"

/** What became of the restarts of all nodes. */
interface Pass {
  readonly old: Array<Pair>
  readonly next: Array<Pair>
  readonly ups: Array<number>
  /** Observers that saw the new life before the end of the old one. */
  disorder: number
}

/** Restarts every node at its address, the next one when everybody sees everybody. */
export const restartAll = Effect.fnUntraced(function* (
  fleet: Fleet,
  end: "Down" | "Left",
  progress: (text: string) => void
) {
  const pass: Pass = { old: [], next: [], ups: [], disorder: 0 }
  for (const [index, seat] of fleet.seats.entries()) {
    progress(`restart ${index + 1} of ${fleet.seats.length}`)
    const [successor] = (yield* fleet.prepare([seat])) as [NodeProcess]
    const old = fleet.live.find((life) => seatOf(fleet, life) === seat) as NodeProcess
    yield* end === "Down" ? fleet.kill(old) : fleet.terminate(old)
    yield* fleet.expect("the end of a process", () => old.hasEnded)
    const others = fleet.live
    fleet.join(successor, seat)
    yield* fleet.expect("a node that listens", () => successor.listeningAt !== undefined)
    const [before, after] = [pairs(others, [old]), pairs(others, [successor])]
    yield* fleet.waitUntil(() => allSaw(before, end, 0) && allSaw(after, "Up", 0), 30_000)
    for (const observer of others) {
      const ended = sawAt({ observer, subject: old }, end, 0)
      const up = sawAt({ observer, subject: successor }, "Up", 0)
      if (up !== undefined) pass.ups.push(Math.max(0, up - (successor.listeningAt ?? 0)))
      if (up !== undefined && !(ended !== undefined && ended <= up)) pass.disorder++
    }
    pass.old.push(...before)
    pass.next.push(...after)
    yield* fleet.mesh
  }
  yield* fleet.reported
  return pass
})

/** Every node is killed and restarted at once, and then again with leave to end in order. */
export const rolling: Scenario = {
  name: "rolling",
  about: "every node restarted at its address, by SIGKILL and then by SIGTERM",
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const fleet = yield* loopbackFleet(nodes)
    yield* fleet.form
    const killed = yield* restartAll(fleet, "Down", (text) => progress(`SIGKILL, ${text}`))
    const left = yield* restartAll(fleet, "Left", (text) => progress(`SIGTERM, ${text}`))
    const restarted = /^Up (Suspected )?Down:(closed|restarted)$/
    return [
      times("SIGKILL: Up of the new life, from its listening", killed.ups, killed.next.length, { p99: 1_500 }),
      unexpected("SIGKILL: other stories of the old life than one Down", killed.old, restarted),
      times("SIGTERM: Up of the new life, from its listening", left.ups, left.next.length, { p99: 1_500 }),
      unexpected("SIGTERM: other stories of the old life than Left", left.old, /^Up Left$/),
      amount("new lives that were up before the old one had ended", killed.disorder + left.disorder, "", 0),
      unexpected("events about those who live at the end", pairs(fleet.lives, fleet.live), /^(Up)?$/)
    ]
  })
}
