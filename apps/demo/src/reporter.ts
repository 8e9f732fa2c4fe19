/**
 * How a node reports: one JSON object a line on stdout.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Logger from "effect/Logger"
import type { Report } from "./messages.ts"

/** Who reports. The instance is empty until the node is in its cluster. */
export const self = { node: "", instance: "" }

type Omitted<R> = R extends Report ? Omit<R, "node" | "instance" | "at"> : never

const write = (fields: Omitted<Report>, at: number): void => {
  const { event, ...rest } = fields
  process.stdout.write(`${JSON.stringify({ event, ...self, at, ...rest })}\n`)
}

/** Reports what has just happened. */
export const report = (fields: Omitted<Report>): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (at) => write(fields, at))

/** A logger's lines are reports too. */
export const reportLog = ({ cause, date, logLevel, message }: Logger.Options<unknown>): void => {
  const words = [message].flat().map(String)
  if (cause.reasons.length > 0) words.push(Cause.pretty(cause))
  write({ event: "log", level: logLevel, message: words.join(" ") }, date.getTime())
}

// Whoever reads the reports is gone, and with it the reason to be here.
process.stdout.on("error", () => process.exit(1))
