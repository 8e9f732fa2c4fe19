/**
 * What the demo is asked for on its command line.
 */
import { parseArgs } from "node:util"

/** Something told wrong to the last node, so that a test can see the demo fail. */
type Fault = "cookie" | "peer"

/** What to show, and how. */
export interface Options {
  readonly nodes: number
  readonly json: boolean
  readonly fault: Fault | undefined
  /** How long everything may take before the demo gives up, in milliseconds. */
  readonly within: number
}

/** What a command line means. */
export type Asked =
  | { readonly _tag: "Run"; readonly options: Options }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }

/** What `--help` prints. */
export const help = `A cluster of real processes on this machine.

  npm run demo -- [--nodes N] [--json]

  --nodes N   how many processes, 2 to 30 (default 3)
  --json      print one JSON object per event, and the summary last
  --help      print this

The nodes find each other over one seed, chat on a typed channel, lose one to kill -9, get it back as a new
instance, and see one leave. The exit code is 0 only if every node observed every step. Ctrl-C ends all of it;
a second Ctrl-C ends it at once.
`

const [fewest, most] = [2, 30]

/** 3 nodes end within 15 seconds and 30 within 45; more than four of these seconds are for leaving. */
const patience = (nodes: number): number => 10_500 + Math.max(0, nodes - 3) * (30_000 / 27)

/** Reads the command line. The options `--fault` and `--within` (seconds) are for the tests. */
export const readArguments = (args: ReadonlyArray<string>): Asked => {
  const parsed = parse(args)
  if (typeof parsed === "string") return wrong(parsed)
  if (parsed.help === true) return { _tag: "Help" }
  const nodes = Number(parsed.nodes ?? 3)
  if (!Number.isInteger(nodes) || nodes < fewest || nodes > most) {
    return wrong(`--nodes is ${parsed.nodes}, expected a whole number from ${fewest} to ${most}`)
  }
  const { fault } = parsed
  if (fault !== undefined && fault !== "cookie" && fault !== "peer") return wrong("--fault is cookie or peer")
  const within = parsed.within === undefined ? patience(nodes) : Number(parsed.within) * 1_000
  if (!(within > 0)) return wrong("--within is a number of seconds")
  return { _tag: "Run", options: { nodes, json: parsed.json === true, fault, within } }
}

const wrong = (message: string): Asked => ({ _tag: "Wrong", message: `demo: ${message} (--help explains the options)` })

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        nodes: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        fault: { type: "string" },
        within: { type: "string" }
      }
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split(/\.\s|\n/)[0] ?? error.message) : String(error)
  }
}
