/**
 * Samples, collected into measurements.
 */
import type { Measurement } from "../section.ts"

/** The measurements of a section while they are taken. */
export class Book {
  readonly #section: string
  readonly #measurements = new Map<string, Measurement & { readonly samples: Array<number> }>()

  constructor(section: string) {
    this.#section = section
  }

  add(what: string, contestant: string, unit: string, sample: number, note?: string): void {
    const key = `${what}|${contestant}|${unit}`
    const known = this.#measurements.get(key)
    if (known !== undefined) return void known.samples.push(sample)
    const section = this.#section
    this.#measurements.set(key, {
      section,
      what,
      contestant,
      unit,
      samples: [sample],
      ...(note === undefined ? {} : { note })
    })
  }

  get all(): ReadonlyArray<Measurement> {
    return [...this.#measurements.values()]
  }
}
