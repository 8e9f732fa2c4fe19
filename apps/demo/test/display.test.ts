import { assert, describe, it } from "@effect/vitest"
import { frame, type Paint, type Scene } from "../src/display/frame.ts"
import { linesDisplay } from "../src/display/lines.ts"
import { Observations } from "../src/observations.ts"
import { type StepName, stepNames } from "../src/steps.ts"
import { nodeNames } from "../src/story.ts"
import { summarize } from "../src/summary.ts"
import { nodes, sees, story } from "./support/reports.ts"

const observed = (until: number) => {
  const observations = new Observations()
  for (const report of story) if (report.at <= until) observations.add(report)
  return observations
}

const scene = (given: Partial<Scene>): Scene => ({
  observations: observed(Infinity),
  nodes,
  current: undefined,
  about: new Map<StepName, string | undefined>(stepNames.map((step) => [step, nodes[1]])),
  elapsed: 1_234,
  recent: ["n1 sees n2 come up"],
  columns: 80,
  rows: 24,
  paint: (_, text) => text,
  ...given
})

describe("the live view", () => {
  it("shows in a row for each node whom it sees", () => {
    const rows = (until: number) =>
      frame(scene({ observations: observed(until) })).filter((line) => /^ n\d /.test(line))
    assert.deepStrictEqual(rows(1_041), [" n1   ·  ●  ●", " n2   ●  ·   ", " n3   ●     ·"])
    assert.deepStrictEqual(rows(1_215), [" n1   ·  ×  ●", " n2         ".padEnd(13), " n3   ●  ?  ·"])
    assert.deepStrictEqual(rows(Infinity), [" n1   ·  ●  −", " n2   ●  ·  −", " n3         ".padEnd(13)])
  })

  it("shows how far a step is, and how long it took", () => {
    const step = (until: number) => frame(scene({ observations: observed(until), current: "mesh" }))[1]?.trimEnd()
    assert.match(step(1_050) ?? "", /▸ every node sees every other +5\/6$/)
    assert.match(step(1_070) ?? "", /✔ every node sees every other +50 ms$/)
  })

  for (const [columns, rows] of [
    [80, 24],
    [40, 12],
    [20, 5],
    [200, 60]
  ] as const) {
    it(`fits 30 nodes into ${columns} × ${rows}`, () => {
      const many = nodeNames(30)
      const observations = new Observations()
      for (const node of many) {
        observations.add({ event: "listening", node, instance: node.slice(0, 2) + "-1", at: 1, pid: 1, address: "" })
        for (const peer of many) if (peer !== node) observations.add(sees(node, "up", peer, 2))
      }
      const lines = frame(scene({ observations, nodes: many, columns, rows }))
      assert.isBelow(lines.length, rows)
      if (columns >= 40) assert.isTrue(lines.every((line) => line.length < columns))
    })
  }

  it("paints only where it is asked to", () => {
    const paint: Paint = (look, text) => `<${look}>${text}</>`
    assert.isTrue(frame(scene({ paint })).some((line) => line.includes("<good>●</>")))
  })
})

describe("the plain lines", () => {
  it("tell who has seen all of a step, once, and end with the summary", () => {
    const observations = new Observations()
    let text = ""
    const display = linesDisplay(observations, nodes, (line) => (text += line))
    const begins: Record<number, readonly [StepName, string?]> = {
      1_000: ["mesh"],
      1_100: ["chat"],
      1_200: ["kill", nodes[1] as string],
      1_500: ["rejoin", nodes[1] as string],
      1_600: ["leave", nodes[2] as string]
    }
    for (const report of story) {
      const begun = begins[report.at]
      if (begun !== undefined) display.enter(...begun)
      observations.add(report)
      display.reported(report)
    }
    display.finish(summarize(observations, nodes, []))
    const lines = text.split("\n")
    for (const line of [
      "every node sees every other",
      "  0.040 s  n1 sees every other node",
      "kill -9 n2: the others notice",
      "  0.215 s  n3: n2 is suspected",
      "  0.220 s  n3 noticed that n2 is down",
      "  0.530 s  n2 is back and sees every other node",
      "  0.605 s  n2 saw n3 leave",
      "  All 3 nodes observed every step. (somebody was suspected once)"
    ]) {
      assert.strictEqual(lines.filter((each) => each === line).length, 1, line)
    }
    assert.notInclude(text, "\u001B")
  })
})
