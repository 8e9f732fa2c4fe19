/**
 * Where the reports come together, and where the demo waits for what they say.
 */
import * as Effect from "effect/Effect"
import type { Report } from "./messages.ts"
import { Observations } from "./observations.ts"

/** The observations, and those who wait for them. */
export class Board {
  readonly observations = new Observations()
  readonly problems: Array<string> = []
  readonly #waiting = new Set<() => void>()
  #closed = false
  #stirring = false

  /** Takes a report in; false when it comes too late to matter. */
  add(report: Report): boolean {
    if (this.#closed) return false
    this.observations.add(report)
    if (report.event === "failed") this.problems.push(`${report.node || "a node"}: ${report.message}`)
    this.#stir()
    return true
  }

  fail(problem: string): void {
    this.problems.push(problem)
    this.#stir()
  }

  /** The story is over: what is reported from now on is only how everybody leaves. */
  close(): void {
    this.#closed = true
  }

  /** Waits until `look` finds something. */
  until<A>(look: () => A | undefined): Effect.Effect<A> {
    return Effect.callback((resume) => {
      const check = () => {
        const found = look()
        if (found === undefined) return
        this.#waiting.delete(check)
        resume(Effect.succeed(found))
      }
      this.#waiting.add(check)
      check()
      return Effect.sync(() => this.#waiting.delete(check))
    })
  }

  /** Looks again, once for all reports that came together. */
  #stir(): void {
    if (this.#stirring) return
    this.#stirring = true
    setImmediate(() => {
      this.#stirring = false
      for (const check of this.#waiting) check()
    })
  }
}
