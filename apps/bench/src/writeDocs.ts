/**
 * Writes what a run measured to docs/benchmarks.md, between its marks, and the plot to docs/benchmarks.svg.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const document = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url))
const picture = fileURLToPath(new URL("../../../docs/benchmarks.svg", import.meta.url))

const [begin, end] = ["<!-- measured -->\n", "<!-- /measured -->\n"]

/** The text with what stands between the marks replaced. */
export const replaceMeasured = (text: string, measured: string): string => {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error("docs/benchmarks.md has no marks to write between")
  return `${text.slice(0, from + begin.length)}\n${measured.trimEnd()}\n\n${text.slice(to)}`
}

/** Writes both; the plot only where there is something to draw. */
export const writeDocs = (measured: string, plot: string | undefined): void => {
  writeFileSync(document, replaceMeasured(readFileSync(document, "utf8"), measured))
  execFileSync("oxfmt", [document], { stdio: ["ignore", 2, 2] })
  if (plot !== undefined) writeFileSync(picture, plot)
}
