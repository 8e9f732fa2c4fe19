/** Ratios and bounds out of samples. */
import type { Ratio, Target } from "../section.ts"

/** The middle one, or the mean of the two in the middle. */
export const median = (samples: ReadonlyArray<number>): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** Samples with the name of whoever they are of. */
export interface Samples {
  readonly contestant: string
  readonly samples: ReadonlyArray<number>
}

interface Words {
  readonly what: string
  readonly likeForLike: string
  readonly target?: Target | undefined
}

const made = (
  { likeForLike, target, what }: Words,
  of: string,
  to: string,
  values: ReadonlyArray<number>
): Array<Ratio> =>
  values.length === 0
    ? []
    : [
        {
          what,
          of,
          to,
          value: median(values),
          spread: [Math.min(...values), Math.max(...values)],
          ...(target !== undefined && { target }),
          likeForLike
        }
      ]

/** One beside the other, round by round: nothing where one of them was not measured. */
export const ratio = (words: Words, of: Samples | undefined, to: Samples | undefined): Array<Ratio> => {
  if (of === undefined || to === undefined) return []
  const values = of.samples.flatMap((sample, round) => {
    const other = to.samples[round]
    return other === undefined ? [] : [sample / other]
  })
  return made(words, of.contestant, to.contestant, values)
}

/** A figure with a bound of its own. */
export const figure = (words: Words, of: Samples | undefined): Array<Ratio> =>
  of === undefined ? [] : made(words, of.contestant, "", of.samples)

/** At most so much. */
export const atMost = (bound: number): Target => ({ op: "<=", bound })

/** At least so much. */
export const atLeast = (bound: number): Target => ({ op: ">=", bound })
