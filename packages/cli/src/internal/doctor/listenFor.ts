import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import { type CliFailure, failure } from "../failure.ts"

/** How long sources that only listen are listened to. */
export const listenFor = Flag.String("for").pipe(
  Flag.withDescription(
    'How long to listen to sources that only listen (gossip): "10 seconds" or 10s. Default: 6 seconds'
  ),
  Flag.optional
)

const longest = Duration.hours(1)
const units: Readonly<Record<string, string>> = { ms: "millis", s: "seconds", m: "minutes" }

/** `"10 seconds"`, as everywhere, and `10s`, as on a command line. */
const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim()) ?? []
  const written = count === undefined ? text.trim() : `${count} ${units[unit]}`
  return Option.filter(
    Duration.fromInput(written as Duration.Input),
    (length) => Duration.isPositive(length) && Duration.isLessThanOrEqualTo(length, longest)
  )
}

/** The length that the flag gives; `undefined` without one. */
export const lengthOf = (flag: Option.Option<string>): Effect.Effect<Duration.Duration | undefined, CliFailure> =>
  Option.match(flag, {
    onNone: () => Effect.succeed(undefined),
    onSome: (text) =>
      Option.match(durationOf(text), {
        onNone: () =>
          Effect.fail(failure("usage", 'the flag --for wants a time up to an hour, such as "10 seconds" or 10s')),
        onSome: (length) => Effect.succeed(length)
      })
  })
