import type { Report } from "../messages.ts"
import type { StepName } from "../steps.ts"
import type { Summary } from "../summary.ts"

/** Who shows the demo to whoever started it. It hears of a report after the observations have taken it in. */
export interface Display {
  /** A step begins; `node` is the one that is killed, comes back or leaves. */
  readonly enter: (step: StepName, node?: string) => void
  readonly reported: (report: Report) => void
  readonly finish: (summary: Summary) => void
  /** Gives the terminal back. Called once, at the very end. */
  readonly close: () => void
}
