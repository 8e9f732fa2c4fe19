import { describe, expect, it } from "vitest"
import { detection } from "../src/detection.ts"
import { formation } from "../src/formation.ts"
import { growth } from "../src/growth.ts"
import { idle } from "../src/idle.ts"
import { imports } from "../src/imports.ts"
import type { RunContext, Section } from "../src/section.ts"

/** From sources, and without the rivals. */
const context: RunContext = {
  published: false,
  contestants: ["raw-mesh", "gc"],
  quick: true,
  rounds: 1,
  progress: () => {},
  signal: new AbortController().signal
}

/** What was measured of whom, without what it is. */
const measured = ({ measurements }: Section) =>
  measurements.map(({ contestant, unit, what }) => `${what}: ${contestant}, ${unit}`)

const odd = ({ measurements }: Section) =>
  measurements.filter(({ note, samples }) => note !== undefined || samples.some((sample) => !(sample > 0)))

describe("clusters of real processes", () => {
  it("form", { timeout: 120_000 }, async () => {
    const section = await formation(context)
    expect(odd(section)).toStrictEqual([])
    expect(measured(section)).toStrictEqual([
      '3 processes until each sees all: raw-mesh, ms from "go"',
      "3 processes until each sees all: raw-mesh, ms from the first spawn",
      '3 processes until each sees all: gc, ms from "go"',
      "3 processes until each sees all: gc, ms from the first spawn"
    ])
    const [from, to] = [section.measurements[2], section.measurements[0]]
    expect(section.ratios.map(({ of, target, to, value }) => ({ of, target, to, value }))).toStrictEqual([
      {
        of: "gc",
        target: { op: "<=", bound: 3 },
        to: "raw-mesh",
        value: (from?.samples[0] ?? Number.NaN) / (to?.samples[0] ?? Number.NaN)
      }
    ])
  })

  it("see who joins, is killed and leaves", { timeout: 180_000 }, async () => {
    const section = await detection(context)
    expect(odd(section)).toStrictEqual([])
    for (const contestant of ["raw-mesh", "gc"]) {
      const own = section.measurements.filter((one) => one.contestant === contestant)
      expect(own.map(({ samples, what }) => [what.split(",", 1)[0], samples.length])).toStrictEqual([
        ["one joins 9", 2],
        ["SIGKILL of one of 10", 1],
        ["one of 10 leaves", 1]
      ])
    }
  })

  it("rest, beside a process that loaded effect", { timeout: 120_000 }, async () => {
    const { measurements } = await idle(context)
    const memory = (contestant: string) =>
      Math.min(
        ...measurements.flatMap((one) => (one.contestant === contestant ? one.samples : [])).filter((x) => x > 20)
      )
    expect(memory("effect loaded, idle")).toBeGreaterThan(20)
    expect(memory("gc")).toBeGreaterThan(20)
  })

  it("broadcast", { timeout: 120_000 }, async () => {
    const section = await growth(context)
    expect(odd(section)).toStrictEqual([])
    expect(section.measurements.map(({ contestant }) => contestant)).toStrictEqual(["raw-mesh", "raw-mesh", "gc", "gc"])
  })

  it("end with the run, whatever is under way", { timeout: 60_000 }, async () => {
    const abort = new AbortController()
    const said: Array<string> = []
    const progress = (line: string) => {
      said.push(line)
      setTimeout(() => abort.abort(new Error("enough")), 300)
    }
    await expect(formation({ ...context, progress, signal: abort.signal })).rejects.toThrow("enough")
    expect(said).toHaveLength(1)
  })
})

describe("imports", () => {
  it("are of gc, and of the modules of effect that it uses", { timeout: 120_000 }, async () => {
    const section = await imports(context)
    expect(odd(section)).toStrictEqual([])
    expect(section.measurements.map(({ samples }) => samples.length)).toStrictEqual([5, 5])
    expect(section.ratios[0]?.of).toBe("@gc/core")
  })
})
