/**
 * The outcomes as a table that people read, in Markdown.
 */
import type { Machine, Outcome } from "./outcome.ts"
import type { Row } from "./rows.ts"

const heads = ["scenario", "what", "n", "p50", "p99", "max", "bound", "kept"] as const

type Line = ReadonlyArray<string>

const figure = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return ""
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

const verdict = ({ bound, ok }: Row): string => (bound === undefined ? "" : ok ? "yes" : "NO")

const lineOf = (scenario: string, row: Row): Line =>
  row.value === undefined
    ? [scenario, row.measure, ...[row.samples, row.p50, row.p99, row.max].map(figure), row.bound ?? "", verdict(row)]
    : [scenario, row.measure, "", "", "", `${figure(row.value)} ${row.unit}`.trimEnd(), row.bound ?? "", verdict(row)]

const linesOf = (outcome: Outcome): ReadonlyArray<Line> => {
  const { scenario } = outcome
  if ("skipped" in outcome) return [[scenario, `not played: ${outcome.skipped}`, "", "", "", "", "", ""]]
  if ("failed" in outcome) return [[scenario, `broke: ${outcome.failed}`, "", "", "", "", "", "NO"]]
  return outcome.rows.map((row, index) => lineOf(index === 0 ? scenario : "", row))
}

const numeric = (column: number): boolean => column >= 2 && column <= 5

/** The table, what is to say about its rows, and the machine. */
export const table = (outcomes: ReadonlyArray<Outcome>, { cpus, load, node, platform }: Machine): string => {
  const lines = outcomes.flatMap(linesOf)
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...lines.map((line) => line[column]?.length ?? 0))
  )
  const format = (line: Line): string =>
    `| ${line
      .map((text, column) => (numeric(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join(" | ")} |`
  const rule = `| ${widths.map((width, column) => (numeric(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`
  const notes = outcomes.flatMap((outcome) =>
    "rows" in outcome
      ? outcome.rows.flatMap(({ measure, notes }) => notes.map((note) => `- ${outcome.scenario}, ${measure}: ${note}`))
      : []
  )
  const where = `Times in milliseconds. Node ${node}, ${platform}, ${cpus} CPUs, load ${load.toFixed(1)} at the end.`
  return [format(heads), rule, ...lines.map(format), "", ...notes, ...(notes.length > 0 ? [""] : []), where, ""].join(
    "\n"
  )
}
