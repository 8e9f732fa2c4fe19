import { listening } from "./mutants/listening.ts"
import { dialing } from "./mutants/dialing.ts"
import { frames } from "./mutants/frames.ts"
import { limits } from "./mutants/limits.ts"
import { interruption } from "./mutants/interruption.ts"
import { ending } from "./mutants/ending.ts"
import { backpressure } from "./mutants/backpressure.ts"
import { endurance } from "./mutants/endurance.ts"
import type { Mutant } from "./mutation.ts"

/** Transports that are wrong in one way each; no check of the suite may let all of them pass. */
export const mutants: ReadonlyArray<Mutant> = [
  ...listening,
  ...dialing,
  ...frames,
  ...limits,
  ...interruption,
  ...ending,
  ...backpressure,
  ...endurance
]
