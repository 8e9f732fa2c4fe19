/**
 * What the program is asked for on its command line.
 */
import { parseArgs } from "node:util"
import { contestants as clusters } from "./cluster/contestants.ts"
import { contestants } from "./links/contestants.ts"
import { sections } from "./sections.ts"

/** What to measure, and how to tell it. */
export interface Options {
  readonly only: ReadonlyArray<string>
  readonly quick: boolean
  readonly json: boolean
  readonly writeDocs: boolean
  readonly rounds: number
  readonly contestants?: ReadonlyArray<string>
  readonly sizes?: ReadonlyArray<number>
  readonly cpuProf?: string
}

/** What a command line means. */
export type Asked =
  | { readonly _tag: "Run"; readonly options: Options }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }

/** What `--help` prints. */
export const help = `gc beside what people would pick instead, in one run: ratios first, then medians with their spread.

  npm run bench -- [--quick] [--only SECTION[,SECTION]] [--rounds N] [--json] [--write-docs]

  --quick           a look, in less than a minute
  --only S          only these sections
  --rounds N        so many rounds, 1 to 50 (default 5; 1 with --quick)
  --json            print one JSON object instead of tables
  --write-docs      write the tables to docs/benchmarks.md and the plot to docs/benchmarks.svg
  --contestants C   of links, memory and clusters only these
  --sizes BYTES     of links only these sizes, one way
  --cpu-prof DIR    a CPU profile of every process of links, into DIR
  --help            print this

sections:
${sections.map(({ about, name }) => `  ${name.padEnd(16)}  ${about}`).join("\n")}

contestants of links and memory:
${contestants.map(({ about, name }) => `  ${name.padEnd(16)}  ${about}`).join("\n")}

contestants of formation, detection and growth:
  ${clusters.map(({ name }) => name).join(", ")}

The exit code is 1 when a required figure is missed or a section fails, 2 for a wrong option. Ctrl-C ends everything.
`

/** Reads the command line. */
export const readArguments = (args: ReadonlyArray<string>): Asked => {
  const parsed = parse(args)
  if (typeof parsed === "string") return wrong(parsed)
  if (parsed.help === true) return { _tag: "Help" }
  const quick = parsed.quick === true
  const rounds = Number(parsed.rounds ?? (quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) {
    return wrong(`--rounds is ${parsed.rounds}, expected a whole number from 1 to 50`)
  }
  const only = list(parsed.only)
  const noSection = unknown(only, sections)
  if (noSection !== undefined) return wrong(`there is no section "${noSection}", only ${names(sections)}`)
  const named = list(parsed.contestants)
  const everybody = [...contestants, ...clusters.filter(({ name }) => unknown([name], contestants) !== undefined)]
  const nobody = unknown(named, everybody)
  if (nobody !== undefined) return wrong(`there is no contestant "${nobody}", only ${names(everybody)}`)
  const sizes = list(parsed.sizes)
  const noSize = sizes.find((size) => !/^\d+$/.test(size) || Number(size) < 8 || Number(size) > 1_048_576)
  if (noSize !== undefined) return wrong(`--sizes has "${noSize}", expected bytes from 8 to 1048576`)
  return {
    _tag: "Run",
    options: {
      only: only.length === 0 ? sections.map(({ name }) => name) : only,
      quick,
      rounds,
      json: parsed.json === true,
      writeDocs: parsed["write-docs"] === true,
      ...(named.length === 0 ? {} : { contestants: named }),
      ...(sizes.length === 0 ? {} : { sizes: sizes.map(Number) }),
      ...(parsed["cpu-prof"] === undefined ? {} : { cpuProf: parsed["cpu-prof"] })
    }
  }
}

interface Named {
  readonly name: string
}

const list = (given: ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  (given ?? []).flatMap((one) => one.split(","))

const names = (all: ReadonlyArray<Named>): string => all.map(({ name }) => name).join(", ")

const unknown = (given: ReadonlyArray<string>, all: ReadonlyArray<Named>): string | undefined =>
  given.find((one) => !all.some(({ name }) => name === one))

const wrong = (message: string): Asked => ({
  _tag: "Wrong",
  message: `bench: ${message} (--help explains the options)`
})

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean" },
        only: { type: "string", multiple: true },
        rounds: { type: "string" },
        json: { type: "boolean" },
        "write-docs": { type: "boolean" },
        contestants: { type: "string", multiple: true },
        sizes: { type: "string", multiple: true },
        "cpu-prof": { type: "string" },
        help: { type: "boolean", short: "h" }
      }
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split(/\.\s|\n/)[0] ?? error.message) : String(error)
  }
}
