import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import { requireConfiguration } from "../internal/context.ts"
import { config, json } from "../internal/flags.ts"

export const start = Command.make("start", { config, json }).pipe(
  Command.withDescription(
    "Start a node as a file, the environment or both describe it, and print what happens to the members. Ctrl-C or SIGTERM leaves the cluster; a second signal ends at once."
  ),
  Command.withShortDescription("Start a node and print what happens"),
  Command.withExamples([
    { command: "gcluster start --config a.json", description: "A node as a.json says" },
    { command: "GC_CLUSTER=orders GC_DISCOVERY_EPMD='{}' gcluster start", description: "One without a file" },
    { command: "gcluster start --json | jq -r 'select(.event == \"up\") | .node'", description: "Who comes" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const configuration = yield* requireConfiguration(given.config)
      const Configuration = yield* Effect.promise(() => import("@gc/core/Configuration"))
      const { emit, runNode, tellRecord } = yield* Effect.promise(() => import("../internal/run.ts"))
      const { recordOf } = yield* Effect.promise(() => import("../internal/events.ts"))
      yield* runNode(Configuration.layer(configuration), {
        tell: tellRecord(given.json),
        work: (cluster) => Stream.runForEach(cluster.events, (event) => emit(recordOf(event), given.json))
      })
    })
  )
)
