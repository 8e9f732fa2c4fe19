/**
 * How a process reports: one JSON object a line on stdout.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Logger from "effect/Logger"
import { now } from "../clock.ts"
import type { Report } from "../messages.ts"

type WithoutTime<R> = R extends Report ? Omit<R, "at"> : never

const write = (fields: WithoutTime<Report>): void => {
  process.stdout.write(`${JSON.stringify({ ...fields, at: now() })}\n`)
}

/** Reports what has just happened. */
export const report = (fields: WithoutTime<Report>): Effect.Effect<void> => Effect.sync(() => write(fields))

/** A logger's lines are reports too. */
export const reportLog = ({ cause, logLevel, message }: Logger.Options<unknown>): void => {
  const words = [message].flat().map(String)
  if (cause.reasons.length > 0) words.push(Cause.pretty(cause))
  write({ report: "log", level: logLevel, message: words.join(" ") })
}

// Whoever reads the reports is gone, and with it the reason to be here.
process.stdout.on("error", () => process.exit(1))
