/**
 * What the program is asked for on its command line.
 */
import { parseArgs } from "node:util"
import { scenarios } from "./scenarios/all.ts"
import type { Scenario } from "./scenarios/scenario.ts"

/** What to play, and how to tell it. */
export interface Options {
  readonly nodes: number
  readonly json: boolean
  readonly chosen: ReadonlyArray<Scenario>
}

/** What a command line means. */
export type Asked =
  | { readonly _tag: "Run"; readonly options: Options }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }

/** What `--help` prints. */
export const help = `Real processes, real faults: what a cluster sees of them and when, against the figures of the protocol.

  npm run processes -- [--nodes N] [--only SCENARIO[,SCENARIO]] [--json]

  --nodes N   how many processes, 4 to 30 (default 10)
  --only S    play only these scenarios
  --json      print one JSON object instead of a table
  --help      print this

${scenarios.map(({ about, name, namespaces }) => `  ${name.padEnd(12)} ${about}${namespaces ? " *" : ""}`).join("\n")}

  * needs Linux, root, iproute2 and iptables: each node lives in a network namespace of its own.

The exit code is 1 when a bound is missed, 2 for a wrong option, and 0 when all are kept. Ctrl-C ends everything; a second one at once.
`

const [fewest, most] = [4, 30]

/** Reads the command line. */
export const readArguments = (args: ReadonlyArray<string>): Asked => {
  const parsed = parse(args)
  if (typeof parsed === "string") return wrong(parsed)
  if (parsed.help === true) return { _tag: "Help" }
  const nodes = Number(parsed.nodes ?? 10)
  if (!Number.isInteger(nodes) || nodes < fewest || nodes > most) {
    return wrong(`--nodes is ${parsed.nodes}, expected a whole number from ${fewest} to ${most}`)
  }
  const names = (parsed.only ?? []).flatMap((only) => only.split(","))
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name))
  if (unknown !== undefined) {
    return wrong(`there is no scenario "${unknown}", only ${scenarios.map(({ name }) => name).join(", ")}`)
  }
  const chosen = names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name))
  return { _tag: "Run", options: { nodes, json: parsed.json === true, chosen } }
}

const wrong = (message: string): Asked => ({
  _tag: "Wrong",
  message: `processes: ${message} (--help explains the options)`
})

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        nodes: { type: "string" },
        only: { type: "string", multiple: true },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" }
      }
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split(/\.\s|\n/)[0] ?? error.message) : String(error)
  }
}
