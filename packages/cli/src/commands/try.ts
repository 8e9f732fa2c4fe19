import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { json } from "../internal/flags.ts"

export const tryIt = Command.make("try", {
  name: Argument.String("name").pipe(
    Argument.withDescription("The node's name. Default: the first of a, b, c … that is free on this machine"),
    Argument.optional
  ),
  json
}).pipe(
  Command.withDescription(
    'See a cluster work: run this in two terminals. The nodes find each other by epmd, on this machine alone, and what is typed in one appears in the other. The cluster is "dev", the cookie that of ~/.gc.cookie, which the first start makes.'
  ),
  Command.withShortDescription("See a cluster work, in two terminals"),
  Command.withExamples([
    { command: "gcluster try", description: "In each of two or more terminals" },
    { command: "gcluster try rosa", description: "A node with a name" },
    { command: "echo hello | gcluster try", description: "Wait for another node, say hello and leave" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const { runTry } = yield* Effect.promise(() => import("../internal/try/try.ts"))
      const level = yield* GlobalFlag.LogLevel
      yield* Effect.provideService(
        runTry(given.name, given.json),
        References.MinimumLogLevel,
        Option.getOrElse(level, () => "Warn" as const)
      )
    })
  )
)
