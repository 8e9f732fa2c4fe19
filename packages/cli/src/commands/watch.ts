import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { flags } from "../internal/doctor/entranceFlags.ts"
import { config, json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"
import { untilStopped } from "../internal/stopping.ts"

export const watch = Command.make("watch", { config, ...flags, json }).pipe(
  Command.withDescription(
    "Show who is in the cluster, and then everything that happens to the members, until Ctrl-C. When the node goes that tells it, another one is asked, and only what differs is shown. This program becomes no member."
  ),
  Command.withShortDescription("Show what happens in the cluster"),
  Command.withExamples([
    { command: "gcluster watch --config a.json", description: "The cluster of a.json" },
    { command: "gcluster watch --via rosa:4370 --cluster orders", description: "Beginning with the node at rosa:4370" },
    { command: "gcluster watch --json | jq -r 'select(.event == \"down\") | .node'", description: "Who goes" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const { enter } = yield* Effect.promise(() => import("../internal/doctor/entrance.ts"))
      const { watchCluster } = yield* Effect.promise(() => import("../internal/doctor/watching.ts"))
      const { lineOf } = yield* Effect.promise(() => import("../internal/events.ts"))
      const watching = Effect.flatMap(enter(given), (entrance) =>
        watchCluster(entrance, {
          emit: (record) => (given.json ? printJson(record) : print(lineOf(record))),
          say: note
        })
      )
      yield* untilStopped(Effect.scoped(watching))
    })
  )
)
