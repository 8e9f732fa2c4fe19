import { paint, printable } from "../output.ts"
import type { Finding, Status } from "./finding.ts"
import type { Summary } from "./examine.ts"

const words: Readonly<Record<Status, string>> = {
  ok: paint.green("ok     "),
  warning: paint.yellow("warning"),
  failed: paint.red("FAILED "),
  skipped: paint.dim("skipped")
}

/** A finding for people: what was looked at, what was seen, and on a line of its own what to do. */
export const linesOf = ({ about, detail, reason, remedy, status, step }: Finding): string => {
  const what = about === "" ? "" : `${paint.bold(printable(about))}: `
  const why = reason === undefined ? "" : ` ${paint.dim(`[${reason}]`)}`
  const first = `${words[status]} ${step.padEnd(13)} ${what}${printable(detail)}${why}`
  return remedy === undefined || remedy === ""
    ? first
    : `${first}\n${" ".repeat(22)}${paint.cyan("→")} ${printable(remedy)}`
}

const count = (number: number, word: string): string => `${number} ${word}`

/** The last line. */
export const lineOfSummary = ({ counts, ok }: Summary): string => {
  const rest = [count(counts.ok, "ok"), count(counts.warning, "to be looked at"), count(counts.skipped, "skipped")]
  return ok
    ? `${paint.green("no problem found")} (${rest.join(", ")})`
    : `${paint.red(counts.failed === 1 ? "one problem" : count(counts.failed, "problems"))} (${rest.join(", ")})`
}
