/**
 * Every scenario, in the order in which they are played.
 */
import { blackhole } from "./blackhole.ts"
import { block } from "./block.ts"
import { byDns } from "./byDns.ts"
import { byEpmd } from "./byEpmd.ts"
import { byGossip, gossipNet } from "./byGossip.ts"
import { crash } from "./crash.ts"
import { freeze } from "./freeze.ts"
import { gossipFlood } from "./gossipFlood.ts"
import { idle } from "./idle.ts"
import { kill } from "./kill.ts"
import { loss20, loss5 } from "./loss.ts"
import { oneWay } from "./oneWay.ts"
import { partition } from "./partition.ts"
import { pause } from "./pause.ts"
import { rolling } from "./rolling.ts"
import type { Scenario } from "./scenario.ts"
import { sever } from "./sever.ts"
import { start } from "./start.ts"
import { term } from "./term.ts"

/** Every scenario, in the order in which they are played. */
export const scenarios: ReadonlyArray<Scenario> = [
  start,
  kill,
  crash,
  freeze,
  pause,
  term,
  rolling,
  block,
  sever,
  blackhole,
  oneWay,
  partition,
  loss5,
  loss20,
  byDns,
  byGossip,
  gossipNet,
  gossipFlood,
  byEpmd,
  idle
]
