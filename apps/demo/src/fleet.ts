/**
 * All processes of a demo, and the promise that none outlives it.
 */
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { NodeProcess, type Watcher } from "./nodeProcess.ts"

/** What the processes are given to leave when the demo ends, in milliseconds. */
const leaveWithin = 4_000

/** All processes of a demo. */
export class Fleet {
  readonly #watcher: Watcher
  readonly #running = new Set<NodeProcess>()

  constructor(watcher: Watcher) {
    this.#watcher = watcher
  }

  start(name: string): NodeProcess {
    const node = new NodeProcess(name, this.#watcher)
    this.#running.add(node)
    void node.ended.then(() => this.#running.delete(node))
    return node
  }

  /** Ends all at once, without a word. */
  killAll(): void {
    for (const node of this.#running) node.kill()
  }

  /** Lets all leave and waits for their ends; gives the names of those that had to be killed. */
  readonly end: Effect.Effect<ReadonlyArray<string>> = Effect.gen({ self: this }, function* () {
    for (const node of this.#running) node.dismiss()
    yield* Effect.timeoutOption(Effect.interruptible(this.#ended), leaveWithin)
    const late = [...this.#running].map(({ name }) => name)
    this.killAll()
    yield* this.#ended
    return late
  })

  readonly #ended = Effect.suspend(() =>
    Effect.promise(() => Promise.all([...this.#running].map(({ ended }) => ended)))
  )
}

/** A fleet for as long as the scope is open: when it closes, and whatever else ends this process, every process ends. */
export const makeFleet = (watcher: Watcher): Effect.Effect<Fleet, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const fleet = new Fleet(watcher)
      const lastResort = () => fleet.killAll()
      process.on("exit", lastResort)
      return { fleet, lastResort }
    }),
    ({ fleet, lastResort }) =>
      Effect.andThen(
        fleet.end,
        Effect.sync(() => process.off("exit", lastResort))
      )
  ).pipe(Effect.map(({ fleet }) => fleet))
