import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../bootstrap.mjs"

const document = readFileSync(join(root, "docs/limits.md"), "utf8")

const units = { KiB: 1024, MiB: 1024 ** 2, ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/** The figure of a row as the source has it: times in milliseconds, sizes in bytes. */
const figureOf = (text) => {
  const [, digits, unit] = /^([\d,]+)(?: (\S+))?$/.exec(text) ?? []
  return Number(digits?.replaceAll(",", "")) * (unit === undefined ? 1 : units[unit])
}

const number = String.raw`(seconds\()?(\d[\d_]*(?: \* \d[\d_]*)*)`

/** The forms in which a figure is declared: a constant or a default, an entry, an option, an option's time. */
const formsOf = (name) => [
  String.raw`\b${name} = (?:Duration\.)?${number}`,
  String.raw`\b${name} = [^\n]*\?\? ${number}`,
  String.raw`^ +${name}: ${number}`,
  String.raw`positive\("${name}", options\["${name}"\], ${number}\)`,
  String.raw`\b${name}: \(.*\) \?\? Duration\.${number}`
]

/** Every value that a source declares under a name; 0 and 1 are where counting begins, and the least that options take. */
const valuesOf = (source, name) =>
  formsOf(name).flatMap((form) =>
    [...source.matchAll(new RegExp(form, "gm"))].map(([, seconds, product]) => {
      const factors = product.split(" * ").map((factor) => Number(factor.replaceAll("_", "")))
      return factors.reduce((all, factor) => all * factor, seconds === undefined ? 1 : 1000)
    })
  )

const rows = document
  .split("\n")
  .filter((line) => /^\|.*`[^`]+\.ts` `\w+` *\|$/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, bound, figure, , where]) => ({
    bound,
    figure,
    where: [...where.matchAll(/`([^`]+)`/g)].map(([, part]) => part)
  }))

describe("docs/limits.md", () => {
  it("says where each figure stands", () => {
    const all = document.split("\n").filter((line) => line.startsWith("| ") && !/^\| (bound|-)/.test(line))
    expect(rows.length).toBe(all.length)
    expect(rows.length).toBeGreaterThan(60)
  })

  it.each(rows)("$bound: $figure", ({ figure, where: [file, name] }) => {
    const values = valuesOf(readFileSync(join(root, "packages", file), "utf8"), name).filter((value) => value > 1)
    expect([...new Set(values)]).toEqual([figureOf(figure)])
  })
})
