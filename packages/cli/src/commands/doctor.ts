import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Command from "effect/cli/Command"
import { placeOf, requireConfiguration } from "../internal/context.ts"
import { lengthOf, listenFor } from "../internal/doctor/listenFor.ts"
import { type CliFailure, failure } from "../internal/failure.ts"
import { config, json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"

const reasons: Partial<Record<CliFailure["kind"], readonly [reason: string, remedy: string]>> = {
  configuration: ["configuration_wrong", "correct what it names; gcluster config check tells it again"],
  nothingConfigured: ["nothing_configured", "write a configuration, or name it with --config"],
  package: ["package_missing", "install what it names"]
}

export const doctor = Command.make("doctor", { config, for: listenFor, json }).pipe(
  Command.withDescription(
    "Find out what keeps a node out of its cluster: take every step from the configuration and the cookie over the sources, the ports and the certificates to the handshake with each peer, and say of each what is wrong and what to do. Nothing is announced and nothing joined: the cluster stays as it is. Exits with 1 when there is a problem, with 3 when the configuration is wrong."
  ),
  Command.withShortDescription("Find out what keeps a node out of its cluster"),
  Command.withExamples([
    { command: "gcluster doctor --config a.json", description: "Examine the set-up of the node that a.json describes" },
    { command: "gcluster doctor --json | jq -r 'select(.status == \"failed\") | .remedy'", description: "What to do" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const length = yield* lengthOf(given.for)
      const { linesOf, lineOfSummary } = yield* Effect.promise(() => import("../internal/doctor/print.ts"))
      const { failed } = yield* Effect.promise(() => import("../internal/doctor/finding.ts"))
      const { examine } = yield* Effect.promise(() => import("../internal/doctor/examine.ts"))
      const tell = (finding: Parameters<typeof linesOf>[0]) =>
        given.json ? printJson(finding) : print(linesOf(finding))
      const conclude = (summary: Parameters<typeof lineOfSummary>[0]) =>
        given.json ? printJson({ step: "summary", ...summary }) : print(lineOfSummary(summary))
      const read = yield* Effect.result(requireConfiguration(given.config))
      if (Result.isFailure(read)) {
        const { kind, message } = read.failure
        const { path } = placeOf(given.config)
        // The finding names the file, as most messages do.
        const named = [`${path}: `, `${path} `].find((start) => message.startsWith(start)) ?? ""
        const [reason, remedy] = reasons[kind] ?? ["configuration_wrong", ""]
        yield* tell(failed("configuration", path, reason, message.slice(named.length), remedy))
        yield* conclude({ ok: false, counts: { ok: 0, warning: 0, failed: 1, skipped: 0 } })
        return yield* failure(kind, "")
      }
      const isWatched = !given.json && process.stderr.isTTY
      const summary = yield* examine(read.success, {
        tell,
        listenFor: length,
        progress: (text) => (isWatched ? note(`… ${text}`) : Effect.void)
      })
      yield* conclude(summary)
      if (!summary.ok) return yield* failure("failed", "")
    })
  )
)
