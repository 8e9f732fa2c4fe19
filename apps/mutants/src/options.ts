import { parseArgs } from "node:util"
import { mutants } from "./mutants/index.ts"
import type { Mutant } from "./mutants/types.ts"

/** What to run. */
export interface Options {
  readonly mutants: ReadonlyArray<Mutant>
  readonly jobs: number
  readonly whole: boolean
  readonly json: boolean
  readonly table: boolean
  readonly help: boolean
}

const plugins = [...new Set(mutants.map(({ plugin }) => plugin))]

export const usage = `npm run mutants -- [options]
  --only a,b     only these mutants, or all of these packages: ${plugins.join(", ")}
  --jobs 3       how many at once
  --whole        each mutant through its whole suite, up to the first check that fails
  --table        prints the mutants as a table, and runs none
  --json         the verdicts as JSON`

/** An argument that cannot be meant: one line, which names the flag and what it takes. */
export class WrongArgument extends Error {}

const flags = {
  only: { type: "string" },
  jobs: { type: "string", default: "3" },
  whole: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  table: { type: "boolean", default: false },
  help: { type: "boolean", default: false }
} as const

const read = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new WrongArgument(`npm run mutants: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

const chosen = (only: string): ReadonlyArray<Mutant> => {
  const names = only.split(",").map((name) => name.trim())
  const unknown = names.filter((name) => !mutants.some((each) => each.name === name || each.plugin === name))
  if (unknown.length > 0) {
    const all = mutants.map(({ name }) => name).join(", ")
    throw new WrongArgument(`npm run mutants: --only ${unknown.join(", ")}: expected of ${plugins.join(", ")}, ${all}`)
  }
  return mutants.filter(({ name, plugin }) => names.includes(name) || names.includes(plugin))
}

/** Reads the arguments; throws `WrongArgument`. */
export const parse = (args: ReadonlyArray<string>): Options => {
  const { jobs, only, ...given } = read(args)
  const count = Number(jobs)
  if (!Number.isInteger(count) || count < 1 || count > 16) {
    throw new WrongArgument(`npm run mutants: --jobs ${jobs}: expected a whole number from 1 to 16`)
  }
  return { ...given, jobs: count, mutants: only === undefined ? mutants : chosen(only) }
}
