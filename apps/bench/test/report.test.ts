import { describe, expect, it } from "vitest"
import { linkRatios } from "../src/links/ratios.ts"
import { figureOf, keeps, median, percentile, ratioOf } from "../src/report/statistics.ts"
import { isFine, measurementTables, shortly, verdict } from "../src/report/tables.ts"
import { markdownTable } from "../src/report/markdown.ts"
import type { Measurement } from "../src/section.ts"
import { replaceMeasured } from "../src/writeDocs.ts"

const measured = (contestant: string, samples: ReadonlyArray<number>, what = "one way, 64 B"): Measurement => ({
  section: "links",
  what,
  contestant,
  unit: "messages/s",
  samples
})

const text = { what: "one way", likeForLike: "alike" }

describe("a ratio", () => {
  it("is the median of the ratios of the rounds, not the ratio of the medians", () => {
    const [ratio] = ratioOf(measured("a", [10, 90, 30]), measured("b", [10, 30, 60]), text)
    // Of rounds 1, 3 and 0.5; the medians are 30 and 30.
    expect(ratio).toStrictEqual({ ...text, of: "a", to: "b", value: 1, spread: [0.5, 3] })
    const [other] = ratioOf(measured("a", [10, 40, 30]), measured("b", [20, 20, 10]), text)
    expect(other?.value).toBe(2)
  })

  it("is of the rounds that both have, and is none where one has none", () => {
    expect(ratioOf(measured("a", [4, 6, 100]), measured("b", [2, 2]), text)[0]?.spread).toStrictEqual([2, 3])
    expect(ratioOf(measured("a", [1]), undefined, text)).toStrictEqual([])
    expect(ratioOf(measured("a", [1]), measured("b", []), text)).toStrictEqual([])
  })

  it("keeps to a target, or misses it; only what is required fails a run", () => {
    const given = { ...text, target: { op: ">=", bound: 0.5 }, required: { op: ">=", bound: 0.25 } } as const
    const of = (value: number) => ratioOf(measured("a", [value]), measured("b", [1]), given)
    const verdicts = [0.5, 0.49, 0.25, 0.24, Number.NaN].map((value) => of(value).map(verdict)[0])
    expect(verdicts).toStrictEqual(["kept", "missed", "missed", "MISSED, required ≥ 0.25", "MISSED, required ≥ 0.25"])
    const fine = (value: number) => isFine([{ name: "links", measurements: [], ratios: of(value) }])
    expect([0.25, 0.24].map(fine)).toStrictEqual([true, false])
    expect(keeps(6.6, { op: "<=", bound: 6.6 })).toBe(true)
    expect(keeps(6.7, { op: "<=", bound: 6.6 })).toBe(false)
  })

  it("can be a figure of its own", () => {
    expect(figureOf(measured("a", [1, 2, 9]), text)[0]).toStrictEqual({
      ...text,
      of: "a",
      to: "",
      value: 2,
      spread: [1, 9]
    })
  })
})

describe("the targets of links", () => {
  const unit = (measurement: Measurement, unit: string): Measurement => ({ ...measurement, unit })

  it("compare gc with the right ones", () => {
    const ratios = linkRatios([
      measured("slab", [100]),
      measured("cork", [50]),
      measured("gc-tcp-batch", [40]),
      measured("gc-tcp-send", [25])
    ])
    expect(
      ratios.map(({ of, required, target, to, value }) => [of, to, value, target?.bound, required?.bound])
    ).toEqual([
      ["gc-tcp-batch", "slab", 0.4, 0.5, 0.25],
      ["gc-tcp-send", "cork", 0.5, 0.35, undefined]
    ])
  })

  it("take the best of raw where bytes count", () => {
    const what = "one way, 256 KiB"
    const ratios = linkRatios(
      [measured("write", [10], what), measured("cork", [40], what), measured("slab", [30], what)]
        .concat(measured("gc-tcp-batch", [20], what))
        .map((one) => unit(one, "MB/s"))
    )
    expect(ratios.map(({ of, to, value }) => [of, to, value])).toEqual([["gc-tcp-batch", "cork", 0.5]])
  })
})

describe("the report", () => {
  it("knows percentiles", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toStrictEqual([2, 2.5, Number.NaN])
    expect(percentile([0, 10], 0.99)).toBeCloseTo(9.9)
  })

  it("writes figures shortly", () => {
    const figures = [11_700_000, 411_000, 9_320, 99.96, 31.52, 0.354, 0.0141, 0, Number.NaN]
    expect(figures.map(shortly)).toStrictEqual([
      "11.7 M",
      "411 k",
      "9320",
      "100.0",
      "31.5",
      "0.35",
      "0.014",
      "0.00",
      "–"
    ])
  })

  it("has a table for each thing, a row for each contestant and a column for each unit", () => {
    const [one] = measurementTables([
      measured("a", [1, 3, 2]),
      { ...measured("a", [5]), unit: "MB/s", note: "no copy" },
      measured("b", [4])
    ])
    expect(one?.table).toStrictEqual({
      columns: ["", "messages/s", "MB/s", "note"],
      rows: [
        ["a", "2.00 (1.00..3.00)", "5.00", "no copy"],
        ["b", "4.00", "", ""]
      ]
    })
    expect(markdownTable({ columns: ["a", "b"], rows: [["1|2", ""]] })).toBe("| a | b |\n| --- | --- |\n| 1\\|2 |  |\n")
  })

  it("replaces what stands between the marks of the document, and nothing else", () => {
    const document = (inside: string) => `before\n<!-- measured -->\n${inside}<!-- /measured -->\nafter\n`
    expect(replaceMeasured(document("old\n"), "new\n")).toBe(document("\nnew\n\n"))
    expect(() => replaceMeasured("no marks", "new")).toThrow("no marks to write between")
  })
})
