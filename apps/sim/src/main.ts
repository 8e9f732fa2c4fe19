#!/usr/bin/env node
/**
 * The simulator of the protocol: `npm run sim -- [options]`, see docs/simulation.md.
 *
 * It prints a table of figures against the bounds of GC/1 section 8, and for each seed that missed one the command that
 * replays it. The exit code is 0 when everything was met.
 */
import { parseArgs } from "node:util"
import { catchMutants } from "./hunt.ts"
import { mutantOf } from "./mutants.ts"
import { mutate } from "./mutate.ts"
import { type Job, runJobs } from "./pool.ts"
import { complaints, isMet, type Row, summarize, table } from "./report.ts"
import type { Outcome, Scenario } from "./run.ts"
import { scenarioOf, scenarios } from "./scenarios/index.ts"

const usage = `npm run sim -- [options]
  --short, --long       fewer seeds (CI) or more, up to N = 500
  --scenario a,b        only these of: ${scenarios.map(({ name }) => name).join(", ")}
  --n 10,50             only these sizes
  --seeds 5             so many seeds of each
  --seed 17             this seed alone
  --mutant name         a protocol with a fault in it
  --mutants             catch every mutant
  --threads 2           worker threads
  --json                the figures as JSON`

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((each) => each !== "--"),
  options: {
    short: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    scenario: { type: "string" },
    n: { type: "string" },
    seeds: { type: "string" },
    seed: { type: "string" },
    mutant: { type: "string" },
    mutants: { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})

const numbers = (text: string | undefined): ReadonlyArray<number> | undefined => text?.split(",").map(Number)

/** Which seeds of which sizes of a scenario. */
const planOf = (scenario: Scenario): ReadonlyArray<readonly [size: number, seeds: ReadonlyArray<number>]> => {
  const plan = scenario.plan[options.long ? "long" : options.short ? "short" : "default"]
  const sizes = numbers(options.n) ?? (options.seed === undefined ? Object.keys(plan).map(Number) : [10])
  return sizes.map((size) => {
    if (options.seed !== undefined) return [size, [Number(options.seed)]]
    const count = Number(options.seeds ?? plan[size] ?? 1)
    return [size, Array.from({ length: count }, (_, index) => index + 1)]
  })
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Runs every job and tells how far it is, at most once a second. */
const runAll = async (jobs: ReadonlyArray<Job>): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  const began = Date.now()
  let told = began
  await runJobs(jobs, Number(options.threads), (outcome) => {
    outcomes.push(outcome)
    const now = Date.now()
    if (now - told < 1_000 && outcomes.length < jobs.length) return
    told = now
    const { scenario, size } = outcome
    say(
      `${Math.round((now - began) / 1_000)} s: ${outcomes.length} of ${jobs.length} runs, last ${scenario} N = ${size}`
    )
  })
  return outcomes
}

const simulate = async (): Promise<boolean> => {
  const chosen = options.scenario === undefined ? scenarios : options.scenario.split(",").map(scenarioOf)
  const mutated = options.mutant === undefined ? undefined : mutate(mutantOf(options.mutant))
  const jobs = chosen.flatMap((scenario) =>
    planOf(scenario).flatMap(([size, seeds]) =>
      seeds.map((seed): Job => ({ scenario: scenario.name, size, seed, ...(mutated && { protocol: mutated.module }) }))
    )
  )
  const outcomes = await runAll(jobs).finally(() => mutated?.dispose())
  const rows = chosen.flatMap((scenario) =>
    planOf(scenario).map(([size]): Row => {
      const own = outcomes.filter((each) => each.scenario === scenario.name && each.size === size)
      return summarize(scenario, size, own)
    })
  )
  const hashes = outcomes.map(({ hash, scenario, seed, size }) => ({ scenario, size, seed, hash }))
  if (options.json) process.stdout.write(`${JSON.stringify({ rows, hashes }, undefined, 2)}\n`)
  else process.stdout.write(`${table(rows)}\n`)
  if (outcomes.length === 1) say(`event log: ${outcomes[0]?.events} events, hash ${outcomes[0]?.hash}`)
  for (const line of complaints(rows, options.mutant)) say(line)
  const nodeHours = outcomes.reduce((sum, each) => sum + each.nodeHours, 0)
  say(
    `${outcomes.length} runs, ${nodeHours.toFixed(1)} simulated node-hours: ${rows.every(isMet) ? "all met" : "MISSED"}`
  )
  return rows.every(isMet)
}

if (options.help) process.stdout.write(`${usage}\n`)
else process.exitCode = (options.mutants ? await catchMutants(say) : await simulate()) ? 0 : 1
