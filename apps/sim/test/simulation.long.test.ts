import * as protocol from "@gc/core/protocol"
import { describe, expect, it } from "vitest"
import { isMet, summarize } from "../src/report.ts"
import { runScenario } from "../src/run.ts"
import { scenarioOf, scenarios } from "../src/scenarios/index.ts"

describe("a simulation", () => {
  it.each(["chaos", "half", "stall", "silent-loss20", "crash-loop"])(
    "%s gives the same event log for the same seed, and another for another",
    (name) => {
      const hashes = [7, 7, 8].map((seed) => runScenario(protocol, scenarioOf(name), 10, seed).hash)
      expect(hashes[0]).toBe(hashes[1])
      expect(hashes[0]).not.toBe(hashes[2])
    }
  )

  it.each(scenarios.map(({ name }) => name))(
    "%s keeps its bounds with 10 nodes",
    (name) => {
      const scenario = scenarioOf(name)
      const row = summarize(scenario, 10, [runScenario(protocol, scenario, 10, 1)])
      expect(row.failed).toEqual([])
      expect(row.figures.filter(({ met }) => !met)).toEqual([])
      expect(isMet(row)).toBe(true)
    },
    120_000
  )
})
