/**
 * Every scenario, in the order in which they are played.
 */
import { block } from "./block.ts"
import { freeze } from "./freeze.ts"
import { idle } from "./idle.ts"
import { kill } from "./kill.ts"
import { blackhole, loss20, loss5, oneWay } from "./network.ts"
import { rolling } from "./rolling.ts"
import type { Scenario } from "./scenario.ts"
import { start } from "./start.ts"
import { term } from "./term.ts"

/** Every scenario, in the order in which they are played. */
export const scenarios: ReadonlyArray<Scenario> = [
  start,
  kill,
  freeze,
  term,
  rolling,
  block,
  blackhole,
  oneWay,
  loss5,
  loss20,
  idle
]
