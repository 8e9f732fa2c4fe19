/**
 * What was measured, each row with the bound that it is held against.
 */
import { type Pair, short, tell } from "../harness/stories.ts"

/** One measurement. */
export interface Row {
  readonly measure: string
  readonly unit: string
  readonly samples?: number
  readonly p50?: number
  readonly p99?: number
  readonly max?: number
  /** Where there are no samples. */
  readonly value?: number
  /** In words; absent for what is only told. */
  readonly bound?: string
  readonly ok: boolean
  /** What is missing or wrong, or how to read the row. */
  readonly notes: ReadonlyArray<string>
}

/** Bounds of times, in milliseconds. */
export interface TimeBounds {
  readonly p50?: number
  readonly p99?: number
  readonly max?: number
}

const mostNotes = 6

/** The smallest sample that so great a part of all does not exceed. */
export const quantile = (samples: ReadonlyArray<number>, part: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

/** Times in milliseconds; `expected` is how many there had to be. */
export const times = (measure: string, samples: ReadonlyArray<number>, expected: number, bounds: TimeBounds): Row => {
  const missing = expected - samples.length
  const seen = { p50: quantile(samples, 0.5), p99: quantile(samples, 0.99), max: quantile(samples, 1) }
  const within = Object.entries(bounds).every(([name, most]) => seen[name as keyof TimeBounds] <= most)
  return {
    measure,
    unit: "ms",
    samples: samples.length,
    ...(samples.length > 0 && seen),
    ...boundOf(Object.entries(bounds).map(([name, most]) => `${name} ≤ ${most} ms`)),
    ok: missing === 0 && expected > 0 && within,
    notes: missing === 0 ? [] : [`${missing} of ${expected} are missing`]
  }
}

const boundOf = (parts: ReadonlyArray<string>): { readonly bound?: string } =>
  parts.length === 0 ? {} : { bound: parts.join(", ") }

/** One figure, held against the most it may be, or only told. */
export const amount = (
  measure: string,
  value: number,
  unit: string,
  most?: number,
  notes: ReadonlyArray<string> = []
): Row => ({
  measure,
  unit,
  value,
  ...(most !== undefined && { bound: most === 0 ? "0" : `≤ ${Number(most.toFixed(2))} ${unit}`.trimEnd() }),
  ok: most === undefined || value <= most,
  notes
})

/** How many stories are none of those that may be told. */
export const unexpected = (measure: string, told: ReadonlyArray<Pair>, allowed: RegExp): Row => {
  const wrong = told.filter((pair) => !allowed.test(tell(pair)))
  return {
    measure,
    unit: "",
    value: wrong.length,
    bound: "0",
    ok: wrong.length === 0,
    notes: wrong
      .slice(0, mostNotes)
      .map((pair) => `${short(pair.observer.name)} about ${short(pair.subject.name)}: ${tell(pair) || "nothing"}`)
  }
}

/** How often such an event was seen, held against the most or only told. */
export const occurrences = (measure: string, told: ReadonlyArray<Pair>, what: RegExp, most?: number): Row => {
  const counted = told.map(
    (pair) =>
      tell(pair)
        .split(" ")
        .filter((word) => what.test(word)).length
  )
  const row = amount(
    measure,
    counted.reduce((sum, each) => sum + each, 0),
    "",
    most
  )
  if (row.ok) return row
  const wrong = told.filter((_, index) => (counted[index] ?? 0) > 0).slice(0, mostNotes)
  return {
    ...row,
    notes: wrong.map((pair) => `${short(pair.observer.name)} about ${short(pair.subject.name)}: ${tell(pair)}`)
  }
}
