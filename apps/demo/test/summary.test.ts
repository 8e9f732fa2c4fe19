import { assert, describe, it } from "@effect/vitest"
import type { Report } from "../src/messages.ts"
import { Observations } from "../src/observations.ts"
import { type StepName, stepNames } from "../src/steps.ts"
import { summarize } from "../src/summary.ts"
import { hears, nodes, seesDown, story } from "./support/reports.ts"

const [n1, n2, n3] = nodes as [string, string, string]

const of = (reports: ReadonlyArray<Report>, problems: ReadonlyArray<string> = []) => {
  const observations = new Observations()
  for (const report of reports) observations.add(report)
  return summarize(observations, nodes, problems)
}

const without = (gone: (report: Report) => boolean) => story.filter((report) => !gone(report))

describe("the summary", () => {
  it("counts each step's time from where it began to its last sight", () => {
    const { millis, ok, steps, suspected, wronged } = of(story)
    assert.isTrue(ok)
    assert.deepStrictEqual(
      stepNames.map((step) => steps[step].millis),
      [50, 8, 20, 30, 5]
    )
    assert.deepStrictEqual(
      stepNames.map((step) => steps[step].of),
      [6, 6, 2, 4, 2]
    )
    assert.deepStrictEqual({ millis, suspected, wronged }, { millis: 605, suspected: 1, wronged: 0 })
  })

  it("is the same in whatever order the reports of different nodes come", () => {
    const byNode = nodes.flatMap((node) => story.filter((report) => report.node === node))
    assert.deepStrictEqual(of(byNode), of(story))
  })

  for (const report of story) {
    if (report.event === "suspected") continue
    it(`is not fine without ${report.node}'s "${report.event}" at ${report.at}`, () => {
      assert.isFalse(of(without((each) => each === report)).ok)
    })
  }

  it("names who has not seen whom", () => {
    const { steps } = of(without(({ event, node }) => event === "down" && node === n3))
    assert.deepStrictEqual(steps.kill, {
      ok: false,
      seen: 1,
      of: 2,
      node: n2,
      missing: [{ node: n3, peer: n2 }]
    })
  })

  const unfit: ReadonlyArray<readonly [string, StepName, Report, Report]> = [
    ["other words than those that were said", "chat", hears(n3, n2, 1_108), hears(n3, n2, 1_108, "hello")],
    ["a leaver that seems to go down", "leave", story.at(-2) as Report, seesDown(n1, n3, 1_601)]
  ]
  for (const [what, step, right, wrong] of unfit) {
    it(`does not take ${what} for the step`, () => {
      const { ok, steps } = of(
        story.map((report) => (JSON.stringify(report) === JSON.stringify(right) ? wrong : report))
      )
      assert.isFalse(ok)
      assert.isFalse(steps[step].ok)
    })
  }

  it("is not fine when somebody live was taken for down", () => {
    const { ok, steps, wronged } = of([...story, seesDown(n3, n1, 1_550)])
    assert.isTrue(stepNames.every((step) => steps[step].ok))
    assert.deepStrictEqual({ ok, wronged }, { ok: false, wronged: 1 })
  })

  it("is not fine when there was a problem", () => {
    assert.isFalse(of(story, ["n1 ended with SIGSEGV"]).ok)
  })
})
