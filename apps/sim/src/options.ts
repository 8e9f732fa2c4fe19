import { parseArgs } from "node:util"
import { mutants } from "./mutants.ts"
import { scenarios } from "./scenarios/index.ts"

/** What to run. */
export interface Options {
  readonly plan: "short" | "default" | "long"
  readonly scenarios: ReadonlyArray<string>
  /** `undefined`: those of the plan. */
  readonly sizes: ReadonlyArray<number> | undefined
  readonly seeds: number | undefined
  readonly seed: number | undefined
  readonly mutant: string | undefined
  readonly mutants: boolean
  readonly threads: number
  readonly json: boolean
  readonly help: boolean
}

const names = scenarios.map(({ name }) => name)

export const usage = `npm run sim -- [options]
  --short, --long       fewer seeds (CI) or more, up to N = 500
  --scenario a,b        only these of: ${names.join(", ")}
  --n 10,50             only these sizes
  --seeds 5             so many seeds of each
  --seed 17             this seed alone, of N = 10 unless --n says otherwise
  --mutant name         a protocol with a fault in it: ${mutants.map(({ name }) => name).join(", ")}
  --mutants             catch every mutant
  --threads 2           worker threads
  --json                the figures as JSON`

/** An argument that cannot be meant: one line, which names the flag and what it takes. */
export class WrongArgument extends Error {}

const flags = {
  short: { type: "boolean" },
  long: { type: "boolean" },
  scenario: { type: "string" },
  n: { type: "string" },
  seeds: { type: "string" },
  seed: { type: "string" },
  mutant: { type: "string" },
  mutants: { type: "boolean" },
  threads: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" }
} as const

type Given = Readonly<Record<string, string | boolean | undefined>>

const wrong = (problem: string): never => {
  throw new WrongArgument(`npm run sim: ${problem}`)
}

/** Reads the arguments; throws `WrongArgument`. */
export const parse = (args: ReadonlyArray<string>): Options => {
  const given = read(args)
  const { json = false, help = false, mutants: all = false, long = false, short = false } = given
  exclude(given, "short", "long")
  exclude(given, "seed", "seeds")
  if (all === true) for (const other of ["scenario", "n", "seed", "seeds", "mutant"]) exclude(given, "mutants", other)
  return {
    plan: long === true ? "long" : short === true ? "short" : "default",
    scenarios: given["scenario"] === undefined ? names : listed(given, "scenario", names),
    sizes: given["n"] === undefined ? undefined : split(given, "n").map((text) => whole("n", text, 2, 1_000)),
    seeds: number(given, "seeds", 1, 1_000_000),
    seed: number(given, "seed", 0, 4_294_967_295),
    mutant: given["mutant"] === undefined ? undefined : oneOf("mutant", String(given["mutant"]), mutantNames),
    mutants: all === true,
    threads: number(given, "threads", 1, 64) ?? 2,
    json: json === true,
    help: help === true
  }
}

const mutantNames = mutants.map(({ name }) => name)

const read = (args: ReadonlyArray<string>): Given => {
  const { tokens } = parseArgs({
    args: args.filter((each) => each !== "--"),
    options: flags,
    strict: false,
    allowPositionals: true,
    tokens: true
  })
  const given: Record<string, string | boolean> = {}
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue
    if (token.kind === "positional") return wrong(`"${token.value}" is no option; --help lists them`)
    const { name, rawName, value } = token
    if (!Object.hasOwn(flags, name) || rawName !== `--${name}`)
      return wrong(`there is no option ${rawName}; --help lists them`)
    const { type } = flags[name as keyof typeof flags]
    if (name in given) return wrong(`--${name} is there twice; give it once, with commas between several values`)
    if (type === "boolean" && value !== undefined) return wrong(`--${name} takes no value; leave out "${value}"`)
    if (type === "string" && (value === undefined || value === "" || value.startsWith("--"))) {
      return wrong(`--${name} needs a value; --help shows which`)
    }
    given[name] = value ?? true
  }
  return given
}

const exclude = (given: Given, one: string, other: string): void => {
  if (given[one] !== undefined && given[other] !== undefined)
    wrong(`--${one} and --${other} exclude each other; leave one out`)
}

const split = (given: Given, flag: string): ReadonlyArray<string> => [...new Set(String(given[flag]).split(","))]

const listed = (given: Given, flag: string, all: ReadonlyArray<string>): ReadonlyArray<string> =>
  split(given, flag).map((text) => oneOf(flag, text, all))

const oneOf = (flag: string, text: string, all: ReadonlyArray<string>): string =>
  all.includes(text) ? text : wrong(`--${flag} does not know "${text}"; it takes ${all.join(", ")}`)

const number = (given: Given, flag: string, least: number, most: number): number | undefined =>
  given[flag] === undefined ? undefined : whole(flag, String(given[flag]), least, most)

const whole = (flag: string, text: string, least: number, most: number): number => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most
    ? value
    : wrong(`--${flag} takes whole numbers from ${least} to ${most}, not "${text}"`)
}
