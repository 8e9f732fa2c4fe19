import type { Display } from "./display.ts"

/** For programs: each report is a line, the summary is the last one. */
export const jsonDisplay = (write: (text: string) => void): Display => ({
  enter: () => {},
  reported: (report) => write(`${JSON.stringify(report)}\n`),
  finish: (summary) => write(`${JSON.stringify(summary)}\n`),
  close: () => {}
})
