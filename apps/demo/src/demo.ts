/**
 * The demo as a whole: processes, story, display and summary.
 */
import * as Effect from "effect/Effect"
import type { Options } from "./arguments.ts"
import { Board } from "./board.ts"
import type { Display } from "./display/display.ts"
import { jsonDisplay } from "./display/json.ts"
import { linesDisplay } from "./display/lines.ts"
import { liveDisplay } from "./display/live.ts"
import { makeFleet } from "./fleet.ts"
import type { Observations } from "./observations.ts"
import { nodeNames, play } from "./story.ts"
import { summarize } from "./summary.ts"

const write = (text: string) => void process.stdout.write(text)

const displayFor = ({ json }: Options, observations: Observations, nodes: ReadonlyArray<string>): Display => {
  if (json) return jsonDisplay(write)
  const { stdout } = process
  return stdout.isTTY && process.env["TERM"] !== "dumb"
    ? liveDisplay(observations, nodes, stdout)
    : linesDisplay(observations, nodes, write)
}

/** Runs the demo and shows it; when this ends, however it ends, no process of it is left. */
export const demo = Effect.fnUntraced(function* (options: Options) {
  const board = new Board()
  const nodes = nodeNames(options.nodes)
  const display = yield* Effect.acquireRelease(
    Effect.sync(() => displayFor(options, board.observations, nodes)),
    (display) => Effect.sync(() => display.close())
  )
  const fleet = yield* makeFleet({
    reported: (report) => {
      if (board.add(report)) display.reported(report)
    },
    failed: (problem) => board.fail(problem)
  })
  const finish = Effect.uninterruptible(
    Effect.gen(function* () {
      board.close()
      const late = yield* fleet.end
      const problems = [...board.problems, ...late.map((name) => `${name} did not end in time and was killed`)]
      const summary = summarize(board.observations, nodes, problems)
      display.finish(summary)
      return summary
    })
  )
  yield* Effect.raceFirst(
    play(options, { board, fleet, enter: display.enter }),
    board.until(() => (board.problems.length > 0 ? true : undefined))
  ).pipe(
    Effect.timeoutOrElse({
      duration: options.within,
      orElse: () =>
        Effect.sync(() => board.fail(`not everything was observed within ${options.within / 1_000} seconds`))
    }),
    Effect.onInterrupt(() =>
      Effect.andThen(
        Effect.sync(() => board.fail("stopped by a signal")),
        finish
      )
    )
  )
  return yield* finish
}, Effect.scoped)
