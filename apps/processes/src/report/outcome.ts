/**
 * What came of each scenario, and of all.
 */
import { availableParallelism, loadavg } from "node:os"
import type { Row } from "./rows.ts"

/** What came of a scenario: its measurements, why it was not played, or what broke it. */
export type Outcome =
  | { readonly scenario: string; readonly about: string; readonly rows: ReadonlyArray<Row> }
  | { readonly scenario: string; readonly about: string; readonly skipped: string }
  | { readonly scenario: string; readonly about: string; readonly failed: string }

/** What the figures were measured on. */
export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpus: number
  /** The load of the last minute when the run ended: others may have been at work. */
  readonly load: number
}

/** This machine. */
export const machine = (): Machine => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpus: availableParallelism(),
  load: loadavg()[0] ?? 0
})

/** Whether every bound was kept. What the machine does not allow is no failure. */
export const isFine = (outcomes: ReadonlyArray<Outcome>): boolean =>
  outcomes.every((outcome) => ("rows" in outcome ? outcome.rows.every(({ ok }) => ok) : "skipped" in outcome))
