/**
 * The report for docs/benchmarks.md.
 */
import type { Section } from "../section.ts"
import { type Environment, environmentText } from "./environment.ts"
import { measurementTables, ratioTable, type Table } from "./tables.ts"

const cellText = (text: string): string => text.replaceAll("|", "\\|")

const line = (cells: ReadonlyArray<string>): string => `| ${cells.map(cellText).join(" | ")} |\n`

/** A table of Markdown; a formatter aligns it. */
export const markdownTable = ({ columns, rows }: Table): string =>
  [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("")

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const ofSection = ({ measurements, name, ratios }: Section): string =>
  [
    `## ${capital(name)}\n\n`,
    ...(ratios.length === 0 ? [] : [`${markdownTable(ratioTable(ratios))}\n`]),
    ...measurementTables(measurements).map(
      ({ table, what }) => `### ${capital(name)}: ${what}\n\n${markdownTable(table)}\n`
    )
  ].join("")

const plotLink = "![Formation, rest and broadcasts against the number of nodes](benchmarks.svg)\n\n"

/** What one run says: where it took place, and each section. */
export const reportMarkdown = (
  sections: ReadonlyArray<Section>,
  where: Environment,
  { quick, rounds }: { readonly quick: boolean; readonly rounds: number }
): string => {
  const what = quick ? "A quick run" : `A run of ${rounds} rounds`
  const plot = sections.some(({ name }) => name === "growth") ? plotLink : ""
  return `${what}, ${where.at.slice(0, 10)}: ${environmentText(where)}.\n\n${plot}${sections.map(ofSection).join("")}`
}
