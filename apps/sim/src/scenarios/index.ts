import type { Scenario } from "../run.ts"
import { chaos } from "./chaos.ts"
import { deaths } from "./deaths.ts"
import { discovery } from "./discovery.ts"
import { links } from "./links.ts"
import { observers } from "./observers.ts"
import { partitions } from "./partitions.ts"
import { quiet } from "./quiet.ts"
import { restarts } from "./restarts.ts"

/** Every scenario, in the order of GC/1 section 8. */
export const scenarios: ReadonlyArray<Scenario> = [
  ...deaths,
  ...quiet,
  ...links,
  ...partitions,
  ...restarts,
  ...discovery,
  ...observers,
  chaos
]

export const scenarioOf = (name: string): Scenario => {
  const found = scenarios.find((each) => each.name === name)
  if (found === undefined) {
    throw new Error(`no scenario is called "${name}"; there are ${scenarios.map((each) => each.name).join(", ")}`)
  }
  return found
}
