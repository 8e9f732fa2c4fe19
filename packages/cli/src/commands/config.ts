import type { ConfigurationError } from "@gc/core/Configuration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { nothing, placeOf, readPlace, wrong } from "../internal/context.ts"
import { type CliFailure, failure } from "../internal/failure.ts"
import { config as configFlag, json } from "../internal/flags.ts"
import { print, printJson } from "../internal/output.ts"

const check = Command.make("check", {
  file: Argument.File("file").pipe(
    Argument.withDescription("The file. Default: GC_CONFIG, or else gc.json in the working directory"),
    Argument.optional
  ),
  json
}).pipe(
  Command.withDescription(
    "Say what a configuration would start, or everything that is wrong with it. Nothing is started."
  ),
  Command.withShortDescription("Check a configuration"),
  Command.withExamples([
    { command: "gcluster config check gc.json", description: "All wrong values at once; exit code 3" },
    { command: "gcluster config check --json | jq .problems", description: "For a program" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const { linesOf, recordOf } = yield* Effect.promise(() => import("../internal/config/describe.ts"))
      const place = placeOf(given.file)
      const told = (error: ConfigurationError | CliFailure) =>
        Effect.gen(function* () {
          const cliFailure = error._tag === "CliFailure" ? error : wrong(error)
          if (!given.json) return yield* cliFailure
          const problems =
            error._tag === "ConfigurationError" && error.reason._tag === "ValuesInvalid" ? error.reason.problems : []
          yield* printJson({ ok: false, message: error.message, problems })
          return yield* failure(cliFailure.kind, "")
        })
      const found = yield* readPlace(place).pipe(Effect.catch(told))
      if (Option.isNone(found)) return yield* told(nothing(place))
      if (given.json) return yield* printJson(recordOf(found.value))
      for (const line of linesOf(found.value)) yield* print(line)
    })
  )
)

const schema = Command.make("schema", { config: configFlag }).pipe(
  Command.withDescription(
    "Print the JSON Schema of the configuration file: with what the installed packages take, and those that the file names."
  ),
  Command.withShortDescription("Print the JSON Schema of the file"),
  Command.withExamples([
    {
      command: "gcluster config schema > gc.schema.json",
      description: 'For editors: { "$schema": "./gc.schema.json" }'
    }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const { jsonSchema } = yield* Effect.promise(() => import("@gc/core/Configuration"))
      const { allPlugins } = yield* Effect.promise(() => import("../internal/config/plugins.ts"))
      yield* print(JSON.stringify(jsonSchema(yield* allPlugins(placeOf(given.config))), null, 2))
    })
  )
)

const reference = Command.make("reference", { config: configFlag, json }).pipe(
  Command.withDescription(
    "Print every key of the configuration file with its environment variable, its default and what it expects, with those of the installed packages."
  ),
  Command.withShortDescription("Print every key and variable"),
  Command.withExamples([
    { command: "gcluster config reference", description: "Everything" },
    { command: "gcluster config reference --json | jq -r .environment", description: "The variables" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const Configuration = yield* Effect.promise(() => import("@gc/core/Configuration"))
      const { allPlugins } = yield* Effect.promise(() => import("../internal/config/plugins.ts"))
      const { linesOf } = yield* Effect.promise(() => import("../internal/config/reference.ts"))
      for (const row of Configuration.reference(yield* allPlugins(placeOf(given.config)))) {
        if (given.json) yield* printJson(row)
        else for (const line of linesOf(row)) yield* print(line)
      }
    })
  )
)

export const config = Command.make("config").pipe(
  Command.withDescription("Check a configuration, or see what can stand in one."),
  Command.withShortDescription("Check a configuration, or see what can stand in one"),
  Command.withExamples([{ command: "gcluster config check gc.json", description: "What is wrong with a file" }]),
  Command.withSubcommands([check, schema, reference])
)
