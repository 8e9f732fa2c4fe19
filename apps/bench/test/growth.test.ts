import { describe, expect, it } from "vitest"
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { effectModules } from "../src/cluster/modules.ts"
import { freePorts } from "../src/cluster/ports.ts"
import { aloneNodes, places } from "../src/cluster/resting.ts"
import { caveat, roundsOf, Trials } from "../src/cluster/trials.ts"
import { nodesOf, series } from "../src/growth.ts"
import { growthPlot } from "../src/svg.ts"

describe("the plot of growth", () => {
  const trials = new Trials("growth")
  for (const [size, millis] of [
    [10, 1_000],
    [100, 10_000]
  ] as const) {
    trials.addTime("gc", nodesOf(size), series.formation, millis, 60_000)
    trials.addTime("raw-mesh", nodesOf(size), series.formation, size === 10 ? 100 : undefined, 100_000)
  }
  const plot = growthPlot({ name: "growth", measurements: trials.measurements, ratios: [] })

  it("has a point for each size and contestant, in seconds, with its figure", () => {
    expect([...plot.matchAll(/<polyline[^>]*points="([^"]*)"/g)].map(([, points]) => points)).toStrictEqual([
      // 0.1 and 100 s on an axis from 0.1 to 1000.
      "98.6,202.0 410.0,150.0",
      "98.6,254.0 410.0,98.0"
    ])
    expect(plot).toContain(">10</text>")
    expect(plot).toContain("&gt; 100</text>")
  })

  it("draws what only has a limit hollow", () => {
    expect(plot.match(/r="3\.5"[^>]*fill="#ffffff"/g)).toHaveLength(1)
  })

  it("leaves out panels that have nothing", () => {
    expect(plot.match(/<g /g)).toHaveLength(1)
  })
})

describe("a cluster of nodes that share processes", () => {
  it("has the measured ones alone, and all nodes", () => {
    for (const size of [3, 10, 25, 50, 100]) {
      const nodes = places(size)
      expect(nodes.slice(0, aloneNodes)).toStrictEqual([1, 1, 1])
      expect(nodes.reduce((sum, each) => sum + each, 0)).toBe(size)
      expect(Math.max(...nodes)).toBeLessThanOrEqual(10)
    }
  })

  it("gets as many ports as nodes, each another", async () => {
    expect(new Set(await freePorts(50)).size).toBe(50)
  })
})

describe("the modules of effect that gc uses", () => {
  it("are found through gc's own files, without types and without what is imported later", () => {
    const folder = mkdtempSync(join(tmpdir(), "gc-bench-"))
    try {
      mkdirSync(join(folder, "node_modules/@gc/other"), { recursive: true })
      const files = {
        "package.json": "{}",
        "node_modules/@gc/other/package.json": JSON.stringify({ name: "@gc/other", exports: "./index.js" }),
        "node_modules/@gc/other/index.js": `import "effect/Layer"\nexport * from "./a.js"\n`,
        "node_modules/@gc/other/a.js": [
          "/**",
          ` * import * as Config from "effect/Config"`,
          " */",
          `import type { Scope } from "effect/Scope"`,
          `import {`,
          `  hole,`,
          `  flow as f`,
          `} from "effect/Function"`,
          `import * as Own from "./index.js"`,
          `import { thing } from "somebody"`,
          `const later = () => import("effect/Stream")`,
          `export { x } from "effect/Array"`
        ].join("\n")
      }
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
      expect(effectModules(["@gc/other"], folder)).toStrictEqual(["effect/Array", "effect/Function", "effect/Layer"])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("samples", () => {
  it("are kept apart by contestant, thing and unit, and say where a limit stands for a time", () => {
    const trials = new Trials("formation")
    trials.addTime("gc", "3 processes", "ms", 12, 1_000)
    trials.addTime("gc", "3 processes", "ms", undefined, 1_000)
    trials.add("gc", "3 processes", "MiB", 7)
    trials.addTime("raw-mesh", "3 processes", "ms", 4, 1_000)
    const note = "not within 1 s: the limit stands for it"
    const common = { section: "formation", what: "3 processes" }
    expect(trials.measurements).toStrictEqual([
      { ...common, contestant: "gc", unit: "ms", samples: [12, 1_000], note },
      { ...common, contestant: "gc", unit: "MiB", samples: [7] },
      { ...common, contestant: "raw-mesh", unit: "ms", samples: [4] }
    ])
    expect([trials.happened("gc", "3 processes", "ms"), trials.happened("gc", "3 processes", "MiB")]).toStrictEqual([
      false,
      true
    ])
    const of = (contestant: string) => trials.of(contestant, "3 processes", "ms")
    expect([caveat(of("gc"), of("raw-mesh")), caveat(of("raw-mesh"))]).toStrictEqual([
      "; a limit stands for what took longer",
      ""
    ])
  })

  it("come in as many rounds as the time of a run allows", () => {
    const signal = new AbortController().signal
    const context = { published: false, progress: () => {}, signal }
    const rounds = (rounds: number, quick: boolean) =>
      [0, 1, 3].map((ofFive) => roundsOf({ ...context, rounds, quick }, ofFive))
    expect([rounds(5, false), rounds(10, false), rounds(1, false), rounds(5, true)]).toStrictEqual([
      [0, 1, 3],
      [0, 2, 6],
      [0, 1, 1],
      [0, 1, 1]
    ])
  })
})
