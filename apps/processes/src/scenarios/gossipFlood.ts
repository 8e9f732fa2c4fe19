import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { fileURLToPath } from "node:url"
import { now } from "../clock.ts"
import { run } from "../harness/commands.ts"
import type { Fleet } from "../harness/fleet.ts"
import { pairs } from "../harness/stories.ts"
import { amount, type Row, times, unexpected } from "../report/rows.ts"
import { trio } from "./alone.ts"
import { groupFleet, loopbackGroup } from "./byGossip.ts"
import type { Scenario } from "./scenario.ts"

const program = fileURLToPath(new URL("../node/flood.ts", import.meta.url))

const packetsPerSecond = 20_000

const floodMillis = 10_000

/** Between two questions to all nodes. */
const everyMillis = 50

/** In which a wrong Down would come: the silence after which a member is down, and a second. */
const afterwards = 7_000

/** Where gossip sends by default. */
const group = "230.1.1.251"

/** For junk that lasts as long; gives how many packets were sent. */
export const flood = (port: number, millis: number) =>
  Effect.map(
    run(process.execPath, [
      "--no-warnings",
      program,
      ...[port, group, loopbackGroup, packetsPerSecond, millis].map(String)
    ]),
    Number
  )

/** Asks all nodes again and again; gives how late they answered, and what they used. */
const watch = Effect.fnUntraced(function* (fleet: Fleet) {
  const { live } = fleet
  yield* fleet.account(live)
  const before = live.map(({ usage }) => ({ at: usage?.at ?? 0, ...usage?.usage }))
  const until = now() + floodMillis
  const answers: Array<number> = []
  while (now() < until) {
    answers.push(...(yield* fleet.ask))
    yield* Effect.sleep(everyMillis)
  }
  yield* fleet.account(live)
  const grown = (key: "cpuMillis" | "junk") =>
    live.map(({ usage }, index) => {
      const seconds = ((usage?.at ?? 0) - (before[index]?.at ?? 0)) / 1_000
      return ((usage?.usage[key] ?? 0) - (before[index]?.[key] ?? 0)) / seconds
    })
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, each) => sum + each, 0) / values.length
  return { answers, cpu: mean(grown("cpuMillis")) / 10, junk: mean(grown("junk")) }
})

const rowsOf = (when: string, { answers, cpu }: Effect.Success<ReturnType<typeof watch>>, most?: number) => [
  times(`${when}: how late a node answers`, answers, answers.length, most === undefined ? {} : { p99: most }),
  amount(`${when}: CPU of a node, mean`, cpu, "%")
]

/** Somebody sends junk to the group. */
export const gossipFlood: Scenario = {
  name: "gossip-flood",
  about: `${packetsPerSecond} packets of junk a second to the group of three nodes, for ${floodMillis / 1_000} s`,
  play: Effect.fnUntraced(function* ({ progress }) {
    const { fleet, finding } = yield* groupFleet
    yield* fleet.form
    const { live } = fleet
    // The first seconds of a process are not those that are compared.
    yield* Effect.sleep(afterwards)
    progress("without junk")
    const calm = yield* watch(fleet)
    progress("with junk")
    const junk = yield* Effect.forkChild(flood(finding.port, floodMillis + everyMillis))
    const flooded = yield* watch(fleet)
    const sent = yield* Fiber.join(junk)
    yield* Effect.sleep(afterwards)
    yield* fleet.reported
    const rows: ReadonlyArray<Row> = [
      ...rowsOf("without junk", calm),
      ...rowsOf("with junk", flooded, 250),
      amount("junk sent", (sent / (floodMillis + everyMillis)) * 1_000, "/s"),
      amount("junk that a node read and passed over, mean", flooded.junk, "/s"),
      unexpected(`other stories among the ${trio} than one Up`, pairs(live, live), /^Up$/)
    ]
    return rows
  })
}
