/** Samples that are gathered round by round, for contestants that take turns. */
import type { Measurement, RunContext, Target } from "../section.ts"
import { type Contestant, contestants } from "./contestants.ts"

interface Kept extends Measurement {
  readonly samples: Array<number>
  readonly notes: Set<string>
}

const publish = ({ notes, ...kept }: Kept): Measurement => ({
  ...kept,
  ...(notes.size > 0 && { note: [...notes].join("; ") })
})

/** What was measured of whom so far. */
export class Trials {
  readonly #section: string
  readonly #kept: Array<Kept> = []

  constructor(section: string) {
    this.#section = section
  }

  /** Adds a sample. */
  add(contestant: string, what: string, unit: string, sample: number, note?: string): void {
    let kept = this.#find(contestant, what, unit)
    if (kept === undefined) {
      kept = { section: this.#section, what, contestant, unit, samples: [], notes: new Set() }
      this.#kept.push(kept)
    }
    kept.samples.push(sample)
    if (note !== undefined) kept.notes.add(note)
  }

  /** Adds a time, or the limit where it did not happen before that. */
  addTime(contestant: string, what: string, unit: string, millis: number | undefined, limit: number): void {
    const note = millis === undefined ? `not within ${limit / 1_000} s: the limit stands for it` : undefined
    this.add(contestant, what, unit, millis ?? limit, note)
  }

  /** What was measured of one. */
  of(contestant: string, what: string, unit: string): Measurement | undefined {
    const found = this.#find(contestant, what, unit)
    return found && publish(found)
  }

  /** Whether it happened in each round. */
  happened(contestant: string, what: string, unit: string): boolean {
    return (this.#find(contestant, what, unit)?.notes.size ?? 0) === 0
  }

  /** Everything. */
  get measurements(): ReadonlyArray<Measurement> {
    return this.#kept.map(publish)
  }

  #find(contestant: string, what: string, unit: string): Kept | undefined {
    return this.#kept.find((one) => one.contestant === contestant && one.what === what && one.unit === unit)
  }
}

/** What has to be said of a ratio of these, where a limit stands for a time. */
export const caveat = (...measurements: ReadonlyArray<Measurement | undefined>): string =>
  measurements.some((one) => one?.note !== undefined) ? "; a limit stands for what took longer" : ""

/** Who takes part. */
export const chosen = ({ contestants: names }: RunContext): ReadonlyArray<Contestant> =>
  contestants.filter(({ name }) => names === undefined || names.includes(name))

/** So many rounds where the run has the default of five, and in proportion; one for a look. */
export const roundsOf = ({ quick, rounds }: RunContext, ofFive: number): number =>
  quick ? Math.min(ofFive, 1) : Math.ceil((rounds * ofFive) / 5)

/** At most so much. */
export const atMost = (bound: number): Target => ({ op: "<=", bound })

/** At least so much. */
export const atLeast = (bound: number): Target => ({ op: ">=", bound })
