/**
 * What a demo with `--json` printed.
 */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Report } from "../../src/messages.ts"
import type { Summary } from "../../src/summary.ts"
import { type Ended, eventually, isFree, isGone, type RunningDemo } from "./runningDemo.ts"

const readReport = Schema.decodeUnknownSync(Schema.fromJsonString(Report))

/** The reports that were printed, and the summary that must stand last. */
export const read = ({ out }: Ended): { readonly reports: ReadonlyArray<Report>; readonly summary: Summary } => {
  const lines = out.trimEnd().split("\n")
  return { reports: lines.slice(0, -1).map((line) => readReport(line)), summary: JSON.parse(lines.at(-1) ?? "") }
}

/** The lives that began. */
export const listeners = (reports: ReadonlyArray<Report>) => reports.filter((report) => report.event === "listening")

const portOf = (address: string) => Number(new URL(address.replace(/^\w+:/, "http:")).port)

/** Waits until no process that reported is left, and nobody listens where one did. */
export const nothingLeft = Effect.fnUntraced(function* (reports: ReadonlyArray<Report>) {
  const born = listeners(reports)
  assert.isTrue(born.length > 0)
  yield* eventually(Effect.sync(() => born.every(({ pid }) => isGone(pid))))
  for (const { address } of born) yield* eventually(isFree(portOf(address)))
})

/** Waits until all three nodes listen and one sees another: the cluster is forming. */
export const forming = Effect.fnUntraced(function* (demo: RunningDemo) {
  const reports = () => demo.lines().map((line) => readReport(line))
  yield* eventually(
    Effect.sync(() => listeners(reports()).length === 3 && reports().some(({ event }) => event === "up"))
  )
  return reports()
})
