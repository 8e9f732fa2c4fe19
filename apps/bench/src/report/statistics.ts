/**
 * Medians, percentiles, and ratios of rounds.
 */
import type { Measurement, Ratio, Target } from "../section.ts"

/** A percentile of some figures, `share` from 0 to 1; NaN where there are none. */
export const percentile = (figures: ReadonlyArray<number>, share: number): number => {
  const sorted = figures.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** The middle one. */
export const median = (figures: ReadonlyArray<number>): number => percentile(figures, 0.5)

/** What is common to a ratio beside its figures. */
export interface RatioText {
  readonly what: string
  readonly target?: Target
  readonly required?: Target
  readonly likeForLike: string
}

/**
 * One measurement over another, round by round, so that what slowed a round slowed both. Nothing where a contestant was not
 * measured.
 */
export const ratioOf = (of: Measurement | undefined, to: Measurement | undefined, text: RatioText): Array<Ratio> => {
  if (of === undefined || to === undefined) return []
  const rounds = Math.min(of.samples.length, to.samples.length)
  const ratios = Array.from({ length: rounds }, (_, round) => (of.samples[round] ?? 0) / (to.samples[round] ?? 0))
  return summed(ratios, of.contestant, to.contestant, text)
}

/** A figure that has a bound of its own. */
export const figureOf = (of: Measurement | undefined, text: RatioText): Array<Ratio> =>
  of === undefined ? [] : summed(of.samples, of.contestant, "", text)

const summed = (figures: ReadonlyArray<number>, of: string, to: string, text: RatioText): Array<Ratio> => {
  if (figures.length === 0) return []
  return [{ ...text, of, to, value: median(figures), spread: [Math.min(...figures), Math.max(...figures)] }]
}

/** Whether a figure keeps to a bound; one that is no number does not. */
export const keeps = (value: number, { bound, op }: Target): boolean => (op === "<=" ? value <= bound : value >= bound)
