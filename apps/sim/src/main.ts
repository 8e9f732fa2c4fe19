#!/usr/bin/env node
/**
 * The simulator of the protocol: `npm run sim -- [options]`, see docs/simulation.md.
 *
 * It prints a table of figures against the bounds of GC/1 section 8, and for each seed that missed one the command that
 * replays it. The exit code is 0 when everything was met, 1 when not, and 2 for an argument that cannot be meant.
 */
import { costOf, minutes } from "./estimate.ts"
import { catchMutants } from "./hunt.ts"
import { mutantOf } from "./mutants.ts"
import { mutate } from "./mutate.ts"
import { type Options, parse, usage, WrongArgument } from "./options.ts"
import { type Job, runJobs } from "./pool.ts"
import { complaints, hours, isMet, type Row, summarize, table } from "./report.ts"
import type { Outcome, Scenario } from "./run.ts"
import { scenarioOf } from "./scenarios/index.ts"

/** Which seeds of which sizes of a scenario. */
const planOf = (
  scenario: Scenario,
  options: Options
): ReadonlyArray<readonly [size: number, seeds: ReadonlyArray<number>]> => {
  const plan = scenario.plan[options.plan]
  const sizes = options.sizes ?? (options.seed === undefined ? Object.keys(plan).map(Number) : [10])
  return sizes.map((size) => {
    if (options.seed !== undefined) return [size, [options.seed]]
    const count = options.seeds ?? plan[size] ?? 1
    return [size, Array.from({ length: count }, (_, index) => index + 1)]
  })
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Runs every job; tells first how long that will take, and then how far it is, every 5 to 30 seconds. */
const runAll = async (jobs: ReadonlyArray<Job>, threads: number): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  const whole = jobs.reduce((sum, job) => sum + costOf(job), 0)
  const workers = Math.min(threads, jobs.length)
  if (jobs.length > 1) say(`${jobs.length} runs on ${workers} threads: about ${minutes(whole / workers)}`)
  const began = performance.now()
  let told = began
  let done = 0
  const tell = (): void => {
    told = performance.now()
    const seconds = (told - began) / 1_000
    const last = outcomes.at(-1)
    const latest = last === undefined ? "" : `, last ${last.scenario} N = ${last.size}`
    const left = done === 0 || done >= whole ? "" : `, about ${minutes((seconds * (whole - done)) / done)} to go`
    say(`${Math.round(seconds)} s: ${outcomes.length} of ${jobs.length} runs${latest}${left}`)
  }
  const slow = setInterval(tell, 30_000)
  await runJobs(jobs, threads, (outcome) => {
    outcomes.push(outcome)
    done += costOf(outcome)
    if (performance.now() - told >= 5_000 || outcomes.length === jobs.length) tell()
  }).finally(() => clearInterval(slow))
  return outcomes
}

const simulate = async (options: Options): Promise<boolean> => {
  const chosen = options.scenarios.map(scenarioOf)
  const mutated = options.mutant === undefined ? undefined : mutate(mutantOf(options.mutant))
  const jobs = chosen.flatMap((scenario) =>
    planOf(scenario, options).flatMap(([size, seeds]) =>
      seeds.map((seed): Job => ({ scenario: scenario.name, size, seed, ...(mutated && { protocol: mutated.module }) }))
    )
  )
  const outcomes = await runAll(jobs, options.threads).finally(() => mutated?.dispose())
  const rows = chosen.flatMap((scenario) =>
    planOf(scenario, options).map(([size]): Row => {
      const own = outcomes.filter((each) => each.scenario === scenario.name && each.size === size)
      return summarize(scenario, size, own)
    })
  )
  const hashes = outcomes.map(({ hash, scenario, seed, size }) => ({ scenario, size, seed, hash }))
  if (options.json) process.stdout.write(`${JSON.stringify({ rows, hashes }, undefined, 2)}\n`)
  else process.stdout.write(`${table(rows)}\n\n${hours(rows)}\n`)
  if (outcomes.length === 1) say(`event log: ${outcomes[0]?.events} events, hash ${outcomes[0]?.hash}`)
  for (const line of complaints(rows, options.mutant)) say(line)
  say(`${outcomes.length} runs: ${rows.every(isMet) ? "all met" : "MISSED"}`)
  return rows.every(isMet)
}

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  const options = parse(args)
  if (options.help) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  return (options.mutants ? await catchMutants(say) : await simulate(options)) ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof WrongArgument)) throw error
  say(error.message)
  process.exitCode = 2
}
