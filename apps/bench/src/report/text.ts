/**
 * The report for a terminal.
 */
import type { Section } from "../section.ts"
import { type Environment, environmentText } from "./environment.ts"
import { measurementTables, ratioTable, type Table } from "./tables.ts"

const widthOf = (text: string): number => Array.from(text).length

/** Columns under each other. */
const aligned = ({ columns, rows }: Table): string => {
  const all = [columns, ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => widthOf(row[index] ?? ""))))
  const lines = all.map((row) =>
    row
      .map((text, index) => text + " ".repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text))))
      .join("  ")
      .trimEnd()
  )
  return lines.map((line) => `  ${line}\n`).join("")
}

/** The ratios of all sections, then what was measured. */
export const reportText = (sections: ReadonlyArray<Section>, where: Environment): string => {
  const ratios = sections
    .filter((section) => section.ratios.length > 0)
    .map(({ name, ratios }) => `${name}: ratios\n${aligned(ratioTable(ratios))}\n`)
  const measured = sections.flatMap(({ measurements, name }) =>
    measurementTables(measurements).map(({ table, what }) => `${name}: ${what}\n${aligned(table)}\n`)
  )
  return [...ratios, ...measured, `${environmentText(where)}\n`].join("")
}
