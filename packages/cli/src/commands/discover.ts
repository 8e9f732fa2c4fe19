import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { requireConfiguration } from "../internal/context.ts"
import { failure } from "../internal/failure.ts"
import { config, json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"

const listenFor = Flag.String("for").pipe(
  Flag.withDescription(
    'How long to listen to sources that only listen (gossip), such as "10 seconds". Default: 6 seconds'
  ),
  Flag.optional
)

const longest = Duration.hours(1)

/** `"10 seconds"`, as everywhere, and `10s`, as on a command line. */
const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const short = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim())
  const units = { ms: "millis", s: "seconds", m: "minutes" } as const
  const written = short === null ? text.trim() : `${short[1]} ${units[short[2] as keyof typeof units]}`
  return Option.filter(
    Duration.fromInput(written as Duration.Input),
    (length) => Duration.isPositive(length) && Duration.isLessThanOrEqualTo(length, longest)
  )
}

export const discover = Command.make("discover", { config, for: listenFor, json }).pipe(
  Command.withDescription(
    "Show whom each discovery source of a configuration finds now, and why one finds nobody. Nothing is announced, registered or dialed. Exits with 1 when a source does not answer."
  ),
  Command.withShortDescription("Show whom the sources find"),
  Command.withExamples([
    { command: "gcluster discover --config a.json", description: "Ask every source of a.json" },
    { command: "gcluster discover --for 20s", description: "Listen to gossip for longer" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const length = Option.map(given.for, durationOf)
      if (Option.isSome(length) && Option.isNone(length.value)) {
        return yield* failure("usage", 'the flag --for wants a time up to an hour, such as "10 seconds" or 10s')
      }
      const configuration = yield* requireConfiguration(given.config)
      const { prepare } = yield* Effect.promise(() => import("../internal/doctor/prepare.ts"))
      const { defaultListening, listens, lookAtAll } = yield* Effect.promise(
        () => import("../internal/doctor/sources.ts")
      )
      const { linesOfSeen, recordsOfSeen } = yield* Effect.promise(() => import("../internal/doctor/printPeers.ts"))
      const { discoveries } = configuration
      if (discoveries.length === 0) {
        return yield* failure("failed", `${configuration.source} names no discovery: this node looks for nobody`)
      }
      const listening = Option.getOrElse(Option.flatten(length), () => defaultListening)
      if (!given.json && discoveries.some(({ key }) => listens(key))) {
        yield* note(`listening for ${Duration.toSeconds(listening)} s …`)
      }
      const seen = yield* Effect.scoped(
        Effect.gen(function* () {
          const { context } = yield* prepare(configuration)
          return yield* lookAtAll({
            discoveries,
            context,
            listenFor: listening,
            tell: (each) =>
              given.json
                ? Effect.forEach(recordsOfSeen(each), printJson, { discard: true })
                : Effect.forEach(linesOfSeen(each), print, { discard: true })
          })
        })
      )
      if (seen.some(({ error }) => error !== undefined)) return yield* failure("failed", "")
    })
  )
)
