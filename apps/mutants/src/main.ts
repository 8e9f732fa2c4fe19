#!/usr/bin/env node
/**
 * Plug-ins with one line wrong, against their conformance suites: `npm run mutants -- [options]`, see docs/testkit.md.
 *
 * Each package runs its suites as it is, and each mutant against the check that must catch it. The exit code is 0 when every
 * plug-in passes and every mutant is caught, 1 when not, and 2 for an argument that cannot be meant.
 */
import { hunt, verify } from "./hunt.ts"
import { mutated } from "./mutate.ts"
import { parse, usage, WrongArgument } from "./options.ts"
import { lineOf, lineOfSound, summary, tableOfMutants } from "./report.ts"
import { endAll } from "./runProbe.ts"
import type { Sound, Verdict } from "./types.ts"

/** The longest that everything may take, in minutes. */
const limit = 15

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Runs at most so many tasks at once, in order. */
const runAll = async (tasks: ReadonlyArray<() => Promise<void>>, jobs: number): Promise<void> => {
  const rest = tasks.values()
  const work = async (): Promise<void> => {
    for (const task of rest) await task()
  }
  await Promise.all(Array.from({ length: jobs }, work))
}

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  const options = parse(args)
  if (options.help || options.table) {
    process.stdout.write(`${options.help ? usage : tableOfMutants(options.mutants)}\n`)
    return 0
  }
  const began = performance.now()
  const chosen = options.mutants
  for (const mutant of chosen) mutated(mutant)
  const plugins = [...new Set(chosen.map(({ plugin }) => plugin))]
  const sounds: Array<Sound> = []
  const verdicts: Array<Verdict> = []
  say(`${chosen.length} mutants of ${plugins.join(", ")}, ${options.jobs} at once`)
  const total = plugins.length + chosen.length
  const tell = (line: string): void => say(`[${sounds.length + verdicts.length}/${total}] ${line}`)
  const tasks = [
    ...plugins.map((plugin) => async () => {
      const sound = await verify(plugin)
      sounds.push(sound)
      tell(lineOfSound(sound))
    }),
    ...chosen.map((mutant) => async () => {
      const verdict = await hunt(mutant, options.whole)
      verdicts.push(verdict)
      tell(lineOf(verdict))
    })
  ]
  const late = setTimeout(() => {
    say(`not within ${limit} minutes`)
    endAll()
    process.exit(1)
  }, limit * 60_000)
  await runAll(tasks, options.jobs)
  clearTimeout(late)
  if (options.json) process.stdout.write(`${JSON.stringify({ sounds, verdicts }, undefined, 2)}\n`)
  say(summary(sounds, verdicts, Math.round((performance.now() - began) / 1_000)))
  return sounds.every(({ ok }) => ok) && verdicts.every(({ caught }) => caught) ? 0 : 1
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    endAll()
    process.exit(signal === "SIGINT" ? 130 : 143)
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof WrongArgument)) throw error
  say(error.message)
  process.exitCode = 2
}
