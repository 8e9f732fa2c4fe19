import { describe, expect, it } from "vitest"
import { costOf } from "../src/estimate.ts"
import { hours, type Row } from "../src/report.ts"
import type { Scenario } from "../src/run.ts"
import { scenarioOf, scenarios } from "../src/scenarios/index.ts"

/** The table of GC/1 section 8, but for the rolling restart, which it asks of N = 30. */
const tabled =
  "kill silent silent-loss1 silent-loss5 silent-loss20 stopped still loss5 proxy stall one-way half crash leave start cost".split(
    " "
  )

const threadMinutes = (plan: "short" | "default" | "long"): number => {
  const cost = (scenario: Scenario): number =>
    Object.entries(scenario.plan[plan]).reduce(
      (sum, [size, seeds]) => sum + seeds * costOf({ scenario: scenario.name, size: Number(size) }),
      0
    )
  return scenarios.reduce((sum, scenario) => sum + cost(scenario), 0) / 60
}

describe("the plans", () => {
  it.each(tabled)("run %s with 10, 50 and 200 nodes by default", (name) => {
    const plan = scenarioOf(name).plan.default
    for (const size of [10, 50, 200]) expect(plan[size]).toBeGreaterThan(0)
  })

  it("run the rolling restart with 30 nodes", () => expect(scenarioOf("restart").plan.default[30]).toBeGreaterThan(0))

  it.each(["start", "kill", "proxy", "cost", "silent", "stall", "one-way", "leave"])(
    "run %s with 500 nodes when they are long",
    (name) => expect(scenarioOf(name).plan.long[500]).toBeGreaterThan(0)
  )

  it("have twenty seeds of ten node-hours at 5 % loss", () => {
    const seeds = Object.values(scenarioOf("loss5").plan.default).reduce((sum, each) => sum + each, 0)
    expect(seeds).toBeGreaterThanOrEqual(20)
  })

  it("are estimated at 4 minutes and at half an hour of two threads", () => {
    expect(threadMinutes("default") / 2).toBeLessThan(4)
    expect(threadMinutes("long") / 2).toBeLessThan(30)
  })
})

describe("the report", () => {
  it("sums the node-hours, and those without a fault", () => {
    const row: Row = {
      scenario: "loss5",
      title: "",
      size: 10,
      seeds: 12,
      nodeHours: 120,
      faultless: true,
      tookSeconds: 1,
      figures: [],
      failed: []
    }
    expect(hours([row, { ...row, size: 50, seeds: 8, nodeHours: 80 }, { ...row, faultless: false }])).toBe(
      "320.0 simulated node-hours; of these 200.0 without a fault, at 0 to 5 % loss (N = 10, 50; 20 seeds): 0 false Down."
    )
  })
})
