import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { requireConfiguration } from "../internal/context.ts"
import { lengthOf, listenFor } from "../internal/doctor/listenFor.ts"
import { failure } from "../internal/failure.ts"
import { config, json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"

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
      const length = yield* lengthOf(given.for)
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
      const listening = length ?? defaultListening
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
