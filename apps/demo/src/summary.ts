/**
 * What came of the demo, from nothing but what the nodes reported.
 */
import type { Observations } from "./observations.ts"
import { progress, type StepName, stepNames } from "./steps.ts"

/** What came of one step. */
export interface StepSummary {
  readonly ok: boolean
  /** How many sights there were, of how many that had to be. */
  readonly seen: number
  readonly of: number
  /** From the step's beginning to its last sight. */
  readonly millis?: number
  /** The node that was killed, came back or left. */
  readonly node?: string
  /** Some of the sights that are missing: who should have seen something of whom. */
  readonly missing?: ReadonlyArray<{ readonly node: string; readonly peer: string }>
}

/** The last line of `--json`. */
export interface Summary {
  readonly event: "summary"
  /** Every node observed every step, nobody live was taken for down, and all processes ended by themselves. */
  readonly ok: boolean
  readonly nodes: number
  readonly steps: Readonly<Record<StepName, StepSummary>>
  /** How often somebody was suspected for a moment. */
  readonly suspected: number
  /** How often somebody was taken for down, or for left, who was not. */
  readonly wronged: number
  /** From the first report to the last. */
  readonly millis: number
  readonly problems: ReadonlyArray<string>
}

const mostMissing = 20

const summarizeStep = (step: StepName, observations: Observations, nodes: ReadonlyArray<string>): StepSummary => {
  const { complete, millis, node, pairs } = progress(step, observations, nodes)
  const missing = pairs.filter(({ sight }) => sight === undefined)
  return {
    ok: complete,
    seen: pairs.length - missing.length,
    of: pairs.length,
    ...(millis !== undefined && { millis }),
    ...(node !== undefined && { node }),
    ...(missing.length > 0 && {
      missing: missing.slice(0, mostMissing).map(({ observer, subject }) => ({ node: observer, peer: subject }))
    })
  }
}

/** Sums up. `problems` are those that no node could report. */
export const summarize = (
  observations: Observations,
  nodes: ReadonlyArray<string>,
  problems: ReadonlyArray<string>
): Summary => {
  const steps = Object.fromEntries(
    stepNames.map((step) => [step, summarizeStep(step, observations, nodes)])
  ) as unknown as Record<StepName, StepSummary>
  const { suspected, wronged } = observations
  const ok = problems.length === 0 && wronged === 0 && stepNames.every((step) => steps[step].ok)
  return { event: "summary", ok, nodes: nodes.length, steps, suspected, wronged, millis: observations.span, problems }
}
