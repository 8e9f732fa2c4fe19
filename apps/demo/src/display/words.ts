import { type Report, short } from "../messages.ts"
import { type StepName, stepNames } from "../steps.ts"
import type { StepSummary, Summary } from "../summary.ts"

/** What a step is about. */
export const titleOf = (step: StepName, node: string | undefined): string => {
  const name = node === undefined ? "one node" : short(node)
  switch (step) {
    case "mesh":
      return "every node sees every other"
    case "chat":
      return "every node hears every other on a typed channel"
    case "kill":
      return `kill -9 ${name}: the others notice`
    case "rejoin":
      return `${name} returns as a new instance: all see it, it sees all`
    case "leave":
      return `${name} leaves: the others see it go`
  }
}

/** What a node has done when it has seen all that it had to in a step. */
export const doneBy = (step: StepName, observer: string, node: string | undefined): string => {
  const [who, whom] = [short(observer), short(node ?? "")]
  switch (step) {
    case "mesh":
      return `${who} sees every other node`
    case "chat":
      return `${who} heard every other node`
    case "kill":
      return `${who} noticed that ${whom} is down`
    case "rejoin":
      return observer === node ? `${who} is back and sees every other node` : `${who} sees ${whom} again`
    case "leave":
      return `${who} saw ${whom} leave`
  }
}

/** A report in words, where a person may want to read it. */
export const wordsOf = (report: Report): string | undefined => {
  const who = short(report.node)
  switch (report.event) {
    case "listening":
      return `${who} listens at ${report.address}, process ${report.pid}`
    case "up":
      return `${who} sees ${short(report.peer)} come up`
    case "down":
      return `${who} sees ${short(report.peer)} go down (${report.reason})`
    case "left":
      return `${who} sees ${short(report.peer)} leave`
    case "suspected":
    case "recovered":
    case "unreachable":
    case "reachable":
      return `${who}: ${short(report.peer)} is ${report.event}`
    case "conflict":
      return `${who}: two nodes are called ${report.peer}`
    case "heard":
      return `${who} hears ${short(report.peer)}: ${report.text}`
    case "last-words":
      return `${who} is about to be killed`
    case "leaving":
      return `${who} leaves`
    case "failed":
      return `${who || "a node"} failed: ${report.message}`
    case "log":
      return `${who} ${report.level.toLowerCase()}: ${report.message}`
    case "said":
    case "updated":
    case "removed":
      return undefined
  }
}

/** Milliseconds as a person reads them. */
export const duration = (millis: number): string =>
  millis < 1_000 ? `${Math.round(millis)} ms` : `${(millis / 1_000).toFixed(2)} s`

const labels: Readonly<Record<StepName, (summary: StepSummary) => string>> = {
  mesh: () => "full mesh",
  chat: () => "chat",
  kill: ({ node }) => (node === undefined ? "kill -9" : `kill -9 ${short(node)}`),
  rejoin: ({ node }) => (node === undefined ? "rejoin" : `${short(node)} rejoined`),
  leave: ({ node }) => (node === undefined ? "leave" : `${short(node)} left`)
}

const explanations: Readonly<Record<StepName, (summary: StepSummary) => string>> = {
  mesh: () => `from the last node's start until all saw each other`,
  chat: ({ of }) => `until the last of ${of} messages was heard`,
  kill: ({ of }) => `until the last of ${of} noticed`,
  rejoin: () => "until all saw it and it saw all",
  leave: ({ of }) => `until the last of ${of} saw it`
}

const missingOf = ({ missing = [], of, seen }: StepSummary): string => {
  if (of === 0) return "not reached"
  const named = missing.slice(0, 4).map(({ node, peer }) => `${short(node)} of ${short(peer)}`)
  return `${seen} of ${of} seen; missing: ${named.join(", ")}${of - seen > named.length ? ", …" : ""}`
}

/** The summary for a person: one line per step, then what is to be said of the whole. */
export const summaryLines = (summary: Summary): ReadonlyArray<string> => {
  const rows = stepNames.map((step) => {
    const each = summary.steps[step]
    const time = each.millis === undefined ? "–" : duration(each.millis)
    const text = each.ok ? explanations[step](each) : missingOf(each)
    return `  ${labels[step](each).padEnd(13)}${time.padStart(8)}   ${text}`
  })
  return [...rows, ...summary.problems.map((problem) => `  problem: ${problem}`), `  ${verdict(summary)}`]
}

const verdict = ({ nodes, ok, suspected, wronged }: Summary): string => {
  const doubts = [
    ...(suspected > 0 ? [`somebody was suspected ${times(suspected)}`] : []),
    ...(wronged > 0 ? [`a live node was taken for gone ${times(wronged)}`] : [])
  ]
  const whole = ok ? `All ${nodes} nodes observed every step.` : "The demo failed."
  return doubts.length === 0 ? whole : `${whole} (${doubts.join("; ")})`
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)
