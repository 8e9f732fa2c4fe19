import type { Run, Scenario } from "../run.ts"
import { usual } from "./plans.ts"

const counted = (run: Run, counter: string): number =>
  run.world.nodes.reduce((sum, { state }) => sum + (state.counters.get(counter) ?? 0), 0)

const start: Scenario = {
  name: "start",
  title: "all start at once: full mesh",
  figures: (size) => [
    { name: "full mesh", max: size <= 50 ? 5_000 : size <= 200 ? 15_000 : 30_000 },
    { name: "handshakes a pair", ...(size > 200 ? { shown: "values" } : size < 10 ? { p50: 1.3 } : { max: 1.3 }) },
    { name: "dials a pair", shown: "values" }
  ],
  plan: usual,
  run: (run) => {
    run.now(() => run.world.startAll(20))
    run.world.runUntil(() => run.world.isWhole(), 60_000)
    run.measure("full mesh", run.world.now - run.since)
    const pairs = (run.size * (run.size - 1)) / 2
    run.measure("handshakes a pair", run.world.handshakes / pairs)
    run.measure("dials a pair", counted(run, "dials") / pairs)
    run.quiet()
    run.expect(run.count("Up") === run.size * (run.size - 1), `${run.count("Up")} Up`)
  }
}

/** In milliseconds: the twenty seeds of `loss5` make the 200 node-hours of section 8. */
const tenNodeHours = 36_000_000

const still = (name: string, loss: number, plan: Scenario["plan"]): Scenario => ({
  name,
  title: `no fault, ${loss * 100} % loss: false Down`,
  figures: () => [
    { name: "false Down", total: 0 },
    { name: "Suspected", ...(loss > 0 ? { shown: "total" } : { total: 0 }) },
    { name: "Unreachable", shown: "total" }
  ],
  faultless: true,
  plan,
  run: (run) => {
    run.form()
    run.world.network.loss = loss
    run.now(() => run.world.runFor(tenNodeHours / run.size))
    run.countFalse("false Down", "Down")
    run.countFalse("Suspected", "Suspected")
    run.countFalse("Unreachable", "Unreachable")
    run.world.network.loss = 0
    run.quiet()
  }
})

const cost: Scenario = {
  name: "cost",
  title: "steady cost of a node",
  figures: (size) => [
    { name: "messages/s", max: 1.2 * (size - 1) },
    { name: "bytes/s", max: 150 * (size - 1) }
  ],
  plan: { short: { 10: 1 }, default: { 10: 3, 50: 2, 200: 1 }, long: { 10: 5, 50: 5, 200: 2, 500: 1 } },
  run: (run) => {
    run.form()
    const { streams } = run.world
    const { bytes, sent } = streams
    run.world.runFor(30_000)
    run.measure("messages/s", (streams.sent - sent) / 30 / run.size)
    run.measure("bytes/s", (streams.bytes - bytes) / 30 / run.size)
  }
}

export const quiet: ReadonlyArray<Scenario> = [
  start,
  still("still", 0, { short: { 10: 1 }, default: { 10: 2, 50: 1, 200: 1 }, long: { 10: 20, 50: 10, 200: 2 } }),
  still("loss1", 0.01, { short: { 10: 1 }, default: { 10: 2, 50: 1 }, long: { 10: 20, 50: 10, 200: 2 } }),
  still("loss5", 0.05, { short: { 10: 2 }, default: { 10: 14, 50: 5, 200: 1 }, long: { 10: 20, 50: 10, 200: 3 } }),
  cost
]
