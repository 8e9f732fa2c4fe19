import type { Report } from "../messages.ts"
import type { Observations } from "../observations.ts"
import { progress, type StepName } from "../steps.ts"
import type { Display } from "./display.ts"
import { doneBy, summaryLines, titleOf, wordsOf } from "./words.ts"

const alwaysTold: ReadonlySet<Report["event"]> = new Set([
  "listening",
  "suspected",
  "recovered",
  "unreachable",
  "reachable",
  "conflict",
  "last-words",
  "leaving",
  "failed",
  "log"
])

/** For logs and pipes: a line for each node that has seen all of a step, and for whatever else matters. */
export const linesDisplay = (
  observations: Observations,
  nodes: ReadonlyArray<string>,
  write: (text: string) => void
): Display => {
  let current: StepName = "mesh"
  let done = new Set<string>()

  const tell = (at: number, text: string) => {
    const elapsed = (at - (observations.startedAt ?? at)) / 1_000
    write(`${elapsed.toFixed(3).padStart(7)} s  ${text}\n`)
  }

  const tellDone = (report: Report) => {
    if (done.has(report.node)) return
    const { node, pairs } = progress(current, observations, nodes)
    const own = pairs.filter(({ observer }) => observer === report.node)
    if (own.length === 0 || own.some(({ sight }) => sight === undefined)) return
    done.add(report.node)
    tell(report.at, doneBy(current, report.node, node))
  }

  return {
    enter: (step, node) => {
      current = step
      done = new Set()
      write(`${titleOf(step, node)}\n`)
    },
    reported: (report) => {
      const words = alwaysTold.has(report.event) ? wordsOf(report) : undefined
      if (words !== undefined) tell(report.at, words)
      tellDone(report)
    },
    finish: (summary) => write(`\n${summaryLines(summary).join("\n")}\n`),
    close: () => {}
  }
}
