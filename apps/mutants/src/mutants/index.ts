import { discovery } from "./discovery.ts"
import { transport } from "./transport.ts"
import type { Mutant } from "./types.ts"

/** Every mutant. */
export const mutants: ReadonlyArray<Mutant> = [...transport, ...discovery]
