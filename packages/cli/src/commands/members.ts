import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { flags } from "../internal/doctor/entranceFlags.ts"
import { config, json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"

export const members = Command.make("members", { config, ...flags, json }).pipe(
  Command.withDescription(
    "Show who is in the cluster, as the first node sees it that can be reached: the one of the configuration on this machine, or one that its discovery finds, or the one of --via. This program becomes no member."
  ),
  Command.withShortDescription("Show who is in the cluster"),
  Command.withExamples([
    { command: "gcluster members --config a.json", description: "The cluster of a.json" },
    { command: "gcluster members --via rosa:4370 --cluster orders", description: "As the node at rosa:4370 sees it" },
    { command: "gcluster members --json | jq -r .node", description: "The names" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const { enter } = yield* Effect.promise(() => import("../internal/doctor/entrance.ts"))
      const { snapshot } = yield* Effect.promise(() => import("../internal/doctor/watching.ts"))
      const { recordOfMember, tableOf } = yield* Effect.promise(() => import("../internal/doctor/printMembers.ts"))
      const { by, view } = yield* Effect.scoped(Effect.flatMap(enter(given), snapshot))
      if (given.json) {
        yield* Effect.forEach(view.members, (member) => printJson(recordOfMember(member)), { discard: true })
      } else {
        const { columns, isTTY } = process.stdout
        yield* Effect.forEach(tableOf(view.members, isTTY ? columns : undefined), print, { discard: true })
        yield* note(`as ${by.node.name} sees it`)
      }
    })
  )
)
