/** Samples that are gathered round by round, for contestants that take turns. */
import type { Measurement, RunContext } from "../section.ts"
import { type Contestant, contestants } from "./contestants.ts"
import type { Samples } from "./figures.ts"

interface Kept {
  readonly contestant: string
  readonly what: string
  readonly unit: string
  readonly samples: Array<number>
  readonly notes: Set<string>
}

/** What was measured of whom so far. */
export class Trials {
  readonly #section: string
  readonly #kept = new Map<string, Kept>()

  constructor(section: string) {
    this.#section = section
  }

  /** Adds a sample. */
  add(contestant: string, what: string, unit: string, sample: number, note?: string): void {
    const key = `${what}\0${contestant}`
    const kept = this.#kept.get(key) ?? { contestant, what, unit, samples: [], notes: new Set() }
    this.#kept.set(key, kept)
    kept.samples.push(sample)
    if (note !== undefined) kept.notes.add(note)
  }

  /** Adds a time, or the limit where it did not happen before that. */
  addTime(contestant: string, what: string, millis: number | undefined, limit: number): void {
    const note = millis === undefined ? `not within ${limit / 1_000} s: the limit stands for it` : undefined
    this.add(contestant, what, "ms", millis ?? limit, note)
  }

  /** The samples of one at one thing. */
  of(contestant: string, what: string): Samples | undefined {
    return this.#kept.get(`${what}\0${contestant}`)
  }

  /** Whether it happened in each round. */
  happened(contestant: string, what: string): boolean {
    return (this.#kept.get(`${what}\0${contestant}`)?.notes.size ?? 0) === 0
  }

  /** Everything. */
  get measurements(): ReadonlyArray<Measurement> {
    return [...this.#kept.values()].map(({ notes, ...kept }) => ({
      section: this.#section,
      ...kept,
      ...(notes.size > 0 && { note: [...notes].join("; ") })
    }))
  }
}

/** Who takes part. */
export const chosen = ({ contestants: names }: RunContext): ReadonlyArray<Contestant> =>
  contestants.filter(({ name }) => names === undefined || names.includes(name))
