/**
 * What happens in the demo, from the first process to the one that leaves.
 */
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import type { Options } from "./arguments.ts"
import type { Board } from "./board.ts"
import type { Display } from "./display/display.ts"
import type { Fleet } from "./fleet.ts"
import type { Configuration } from "./messages.ts"
import type { NodeProcess } from "./nodeProcess.ts"
import { progress, type StepName } from "./steps.ts"

/** The names of so many nodes. */
export const nodeNames = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `n${index + 1}@127.0.0.1`)

const newCookie = () => `hex:${randomBytes(32).toString("hex")}`

/** Nothing of the demo listens there. */
const nowhere = "tls://127.0.0.1:1"

/** Plays all steps; ends when every node observed the last one. `enter` hears of each step that begins. */
export const play = Effect.fnUntraced(function* (
  options: Options,
  { board, enter, fleet }: { readonly board: Board; readonly fleet: Fleet; readonly enter: Display["enter"] }
) {
  const names = nodeNames(options.nodes)
  const [seed, victim, leaver] = [names[0], names[1], names.at(-1)] as [string, string, string]
  const cookie = newCookie()
  const { observations } = board
  const observed = (step: StepName) => board.until(() => progress(step, observations, names).complete || undefined)

  const processes = new Map<string, NodeProcess>()
  const processOf = (name: string) => processes.get(name) as NodeProcess
  const start = (name: string, peers: ReadonlyArray<string>) => {
    const process = fleet.start(name)
    const told: Configuration = { name, cluster: "demo", cookie, peers }
    process.configure(name === leaver ? misled(options, told) : told)
    processes.set(name, process)
  }

  enter("mesh")
  start(seed, [])
  const { address } = yield* board.until(() => observations.lives(seed)[0])
  for (const name of names.slice(1)) start(name, [address])
  yield* observed("mesh")

  enter("chat")
  for (const process of processes.values()) process.tell("chat")
  yield* observed("chat")

  enter("kill", victim)
  processOf(victim).tell("last-words")
  yield* board.until(() => observations.lives(victim)[0]?.lastWordsAt)
  processOf(victim).kill()
  yield* observed("kill")

  enter("rejoin", victim)
  start(victim, [address])
  yield* observed("rejoin")

  enter("leave", leaver)
  processOf(leaver).tell("leave")
  yield* observed("leave")
})

const misled = ({ fault }: Options, told: Configuration): Configuration => {
  if (fault === "cookie") return { ...told, cookie: newCookie() }
  return fault === "peer" ? { ...told, peers: [nowhere] } : told
}
