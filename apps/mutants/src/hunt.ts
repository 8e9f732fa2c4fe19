import type { Mutant } from "./mutants/types.ts"
import { runProbe } from "./runProbe.ts"
import type { Outcome, Sound, Verdict } from "./types.ts"

/** How long one run may take, in seconds: of one check, and of whole suites. */
const limits = { check: 90, whole: 300 }

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10

/** Runs the suites of a plug-in as it is: whatever fails is a fault of the suites, or of the plug-in. */
export const verify = async (plugin: string): Promise<Sound> => {
  const began = performance.now()
  const { errors, failed, passed, retried, skipped } = await runProbe({ plugin, seconds: limits.whole })
  const problems = [...failed.map(({ check, error }) => `${check}: ${error}`), ...errors]
  const ok = problems.length === 0 && passed > 0
  return { plugin, passed, skipped, retried, ok, problems, seconds: secondsSince(began) }
}

const isNamed = (check: string, name: string): boolean => check.split(" > ").at(-1) === name

/** Runs a mutant against the check that must catch it. When that lets it pass, the whole suite says whether another does. */
export const hunt = async (mutant: Mutant, whole: boolean): Promise<Verdict> => {
  const began = performance.now()
  const { caughtBy, file, name, plugin, what } = mutant
  const verdict = (caught: boolean, by: string, shows: string): Verdict => ({
    mutant: name,
    plugin,
    what,
    file,
    caught,
    by,
    shows,
    seconds: secondsSince(began)
  })
  const judge = ({ errors, failed, loaded, passed }: Outcome): Verdict | undefined => {
    const [first] = failed
    if (first !== undefined && loaded) return verdict(whole || isNamed(first.check, caughtBy), first.check, first.error)
    if (errors.length > 0) return verdict(false, "an error outside of the checks", errors.join("; "))
    if (!loaded) return verdict(false, "nothing", `${file} was not loaded`)
    return passed === 0 ? verdict(false, "nothing", `no check is named ${caughtBy}`) : undefined
  }
  if (!whole) {
    const alone = judge(await runProbe({ plugin, mutant: name, check: caughtBy, seconds: limits.check }))
    if (alone !== undefined) return alone
  }
  const all = judge(await runProbe({ plugin, mutant: name, seconds: limits.whole }))
  return all ?? verdict(false, "nothing", "every check passed")
}
