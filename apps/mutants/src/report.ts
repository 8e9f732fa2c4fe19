import type { Mutant } from "./mutants/types.ts"
import type { Sound, Verdict } from "./types.ts"

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** A table of Markdown with columns of equal width, as the formatter has it. */
const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((cells) => cells[column]?.length ?? 0)))
  const padded = (cells: ReadonlyArray<string>) => row(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return [padded(head), row(widths.map((width) => "-".repeat(width))), ...rows.map(padded)].join("\n")
}

/** The mutants as they stand in the documentation. */
export const tableOfMutants = (mutants: ReadonlyArray<Mutant>): string =>
  tableOf(
    ["mutant", "the fault", "in", "caught by"],
    mutants.map(({ caughtBy, file, name, what }) => [`\`${name}\``, what, `\`${file}\``, caughtBy])
  )

export const lineOf = ({ by, caught, mutant, seconds, shows, what }: Verdict): string =>
  `${caught ? "caught" : "NOT CAUGHT"} ${mutant} (${what}), ${seconds} s\n    by ${by}\n    ${shows}`

export const lineOfSound = ({ ok, passed, plugin, problems, retried, seconds, skipped }: Sound): string =>
  [
    `${ok ? "sound" : "NOT SOUND"} ${plugin}: ${passed} checks passed, ${skipped} skipped, ${seconds} s`,
    ...retried.map((check) => `    at the second try: ${check}`),
    ...problems.slice(0, 20).map((problem) => `    ${problem}`)
  ].join("\n")

/** The last line. */
export const summary = (sounds: ReadonlyArray<Sound>, verdicts: ReadonlyArray<Verdict>, seconds: number): string => {
  const caught = verdicts.filter((verdict) => verdict.caught).length
  const sound = sounds.filter(({ ok }) => ok).length
  return `${caught} of ${verdicts.length} mutants caught; ${sound} of ${sounds.length} plug-ins pass as they are; ${seconds} s`
}
