import { paint, printable, printableLines } from "../output.ts"
import type { Finding, Status } from "./finding.ts"
import type { Summary } from "./examine.ts"

const words: Readonly<Record<Status, string>> = {
  ok: paint.green("ok     "),
  warning: paint.yellow("warning"),
  failed: paint.red("FAILED "),
  skipped: paint.dim("skipped")
}

const indent = " ".repeat(22)

/** A text of one or more lines. */
const lines = (text: string): string => printableLines(text).replaceAll("\n", `\n${indent}`)

/** A finding for people: what was looked at, what was seen, and on a line of its own what to do. */
export const linesOf = ({ about, detail, reason, remedy, status, step }: Finding): string => {
  const what = about === "" ? "" : `${paint.bold(printable(about))}: `
  const why = reason === undefined ? "" : ` ${paint.dim(`[${printable(reason)}]`)}`
  const first = `${words[status]} ${step.padEnd(13)} ${what}${lines(detail)}${why}`
  return remedy === undefined || remedy === "" ? first : `${first}\n${indent}${paint.cyan("→")} ${lines(remedy)}`
}

const count = (number: number, word: string): string => `${number} ${word}`

/** The last line. */
export const lineOfSummary = ({ counts, ok }: Summary): string => {
  const rest = [count(counts.ok, "ok"), count(counts.warning, "to be looked at"), count(counts.skipped, "skipped")]
  return ok
    ? `${paint.green("no problem found")} (${rest.join(", ")})`
    : `${paint.red(counts.failed === 1 ? "one problem" : count(counts.failed, "problems"))} (${rest.join(", ")})`
}
