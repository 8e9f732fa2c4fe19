import { type Mutant, mutants } from "./mutants.ts"
import { loadProtocol, mutate } from "./mutate.ts"
import { complaints, isMet, replay, summarize } from "./report.ts"
import { runScenario } from "./run.ts"
import { scenarioOf } from "./scenarios/index.ts"

/** The first seed that shows a mutant, and what it shows. */
export interface Catch {
  readonly seed: number
  readonly shows: string
}

/** Runs a mutant's scenario with one seed after the other until something breaks that holds for the protocol itself. */
export const hunt = async (mutant: Mutant, seeds: number): Promise<Catch | undefined> => {
  const mutated = mutate(mutant)
  try {
    const protocol = await loadProtocol(mutated.module)
    const real = await loadProtocol(undefined)
    const scenario = scenarioOf(mutant.scenario)
    for (let seed = 1; seed <= seeds; seed++) {
      const row = summarize(scenario, mutant.size, [runScenario(protocol, scenario, mutant.size, seed)])
      if (isMet(row)) continue
      const sound = summarize(scenario, mutant.size, [runScenario(real, scenario, mutant.size, seed)])
      if (isMet(sound)) return { seed, shows: complaints([row])[0] ?? "" }
    }
    return undefined
  } finally {
    mutated.dispose()
  }
}

/** Catches every mutant; false when one got away. */
export const catchMutants = async (say: (line: string) => void): Promise<boolean> => {
  let caught = 0
  for (const mutant of mutants) {
    const found = await hunt(mutant, 400)
    say(`${mutant.name}: ${mutant.what}`)
    if (found === undefined) {
      say("  NOT CAUGHT")
      continue
    }
    caught++
    say(`  ${found.shows}`)
    say(`  ${replay(mutant.scenario, mutant.size, found.seed, mutant.name)}`)
  }
  say(`${caught} of ${mutants.length} mutants caught`)
  return caught === mutants.length
}
