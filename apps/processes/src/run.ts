/**
 * The scenarios as this process's one task, with its signals and its exit code.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { constants } from "node:os"
import type { Options } from "./arguments.ts"
import { unavailable } from "./harness/namespaces.ts"
import { isFine, machine, type Outcome } from "./report/outcome.ts"
import { table } from "./report/table.ts"
import type { Scenario, Stage } from "./scenarios/scenario.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** The first signal ends everything in order, the second at once. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let code: number | undefined
  for (const signal of signals) {
    process.on(signal, () => {
      if (code !== undefined) process.exit(code)
      code = 128 + constants.signals[signal]
      fiber.interruptUnsafe()
    })
  }
  fiber.addObserver((exit) => teardown(exit, (ended) => process.exit(code ?? ended)))
})

const progress = (text: string): void => void process.stderr.write(`${text}\n`)

const playOne = Effect.fnUntraced(function* ({ about, name, namespaces, play }: Scenario, stage: Stage) {
  const reason = namespaces === true ? yield* unavailable : undefined
  if (reason !== undefined) return { scenario: name, about, skipped: reason } satisfies Outcome as Outcome
  progress(`${name}: ${about}`)
  return yield* Effect.scoped(play({ ...stage, progress: (text) => progress(`${name}: ${text}`) })).pipe(
    Effect.map((rows): Outcome => ({ scenario: name, about, rows })),
    Effect.catch((error) => Effect.succeed<Outcome>({ scenario: name, about, failed: error.message }))
  )
})

const play = Effect.fnUntraced(function* ({ chosen, json, nodes }: Options) {
  const outcomes: Array<Outcome> = []
  for (const scenario of chosen) outcomes.push(yield* playOne(scenario, { nodes, progress }))
  const ok = isFine(outcomes)
  const report = { ok, nodes, machine: machine(), outcomes }
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : table(outcomes, report.machine))
  return ok
})

/** Plays the chosen scenarios; the exit code is 0 when every bound was kept, 1 when not, and 128 + n after signal n. */
export const run = (options: Options): void => {
  process.stdout.on("error", () => process.exit(1))
  runMain(play(options), { teardown: (exit, end) => end(Exit.isSuccess(exit) && exit.value === true ? 0 : 1) })
}
