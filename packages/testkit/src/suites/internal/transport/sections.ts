import { backpressure } from "./backpressure.ts"
import { closedPorts } from "./closedPorts.ts"
import { dialing, silent } from "./dialing.ts"
import { ending } from "./ending.ts"
import { frames } from "./frames.ts"
import { interruption } from "./interruption.ts"
import { limits } from "./limits.ts"
import { listening } from "./listening.ts"
import { halfOpen, malformed } from "./raw.ts"
import { downgrades, plaintext, proofs, psks, strangers } from "./security.ts"
import { stress } from "./stress.ts"
import type { TransportSection } from "./subject.ts"

/** Everything that a transport must do. */
export const transportSections: ReadonlyArray<TransportSection> = [
  listening,
  dialing,
  closedPorts,
  silent,
  frames,
  limits,
  interruption,
  ending,
  backpressure,
  halfOpen,
  malformed,
  proofs,
  psks,
  downgrades,
  strangers,
  plaintext,
  stress
]
