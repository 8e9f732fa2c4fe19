/** Nodes that join, crash, stand still and leave, until all others know. */
import { gc, libp2p, moleculer, raw } from "./cluster/contestants.ts"
import { type CrewOptions, Crew, now, type Process } from "./cluster/crew.ts"
import { atLeast, atMost, figure, ratio } from "./cluster/figures.ts"
import { chosen, Trials } from "./cluster/trials.ts"
import type { Ratio, RunSection } from "./section.ts"

/** Nodes of the cluster whenever something happens to one of them. */
const size = 10

/** What each change may take before it counts as not having happened, in milliseconds. */
const limit = 15_000

const joined = `one joins ${size - 1}, until each sees all`
const killed = `SIGKILL of one of ${size}, until all others know`
const stopped = `SIGSTOP of one of ${size}, until all others know`
const left = `one of ${size} leaves, until all others know`

/** What happens to a node, from when on others can know. */
interface Fault {
  readonly what: string
  readonly befall: (victim: Process) => void
}

const crash: Fault = { what: killed, befall: (victim) => victim.signal("SIGKILL") }
const leave: Fault = { what: left, befall: (victim) => victim.tell({ order: "leave" }) }
const freeze: Fault = { what: stopped, befall: (victim) => victim.signal("SIGSTOP") }

/** A cluster to which these faults happen, and before each of them a node joins. */
const play = (options: Omit<CrewOptions, "nodes">, faults: ReadonlyArray<Fault>, trials: Trials): Promise<void> => {
  const { name } = options.contestant
  const nodes = Array.from({ length: size - 1 + faults.length }, () => 1)
  return Crew.use({ ...options, nodes }, async (crew) => {
    const [first, later] = [crew.processes.slice(0, size - 1), crew.processes.slice(size - 1)]
    crew.go(first)
    if ((await crew.sees(first, { up: first }, 2 * limit)) === undefined) throw new Error(`${name} never formed.`)
    let present = first
    for (const [index, fault] of faults.entries()) {
      const newcomer = later[index] as Process
      present = [...present, newcomer]
      const told = crew.go([newcomer])
      const seen = await crew.sees(present, { up: present }, limit)
      trials.addTime(name, joined, seen === undefined ? undefined : seen - told, limit)
      const [victim, ...others] = present as [Process, ...Array<Process>]
      present = others
      const at = now()
      fault.befall(victim)
      const known = await crew.sees(others, { gone: [victim] }, limit)
      trials.addTime(name, fault.what, known === undefined ? undefined : known - at, limit)
    }
  })
}

const ratiosOf = (trials: Trials): ReadonlyArray<Ratio> => {
  const beside = (what: string, ahead: boolean): ReadonlyArray<Ratio> =>
    [moleculer, libp2p].flatMap(({ name }) =>
      ratio(
        { what, target: ahead ? atLeast(1) : undefined, likeForLike: "each with its own defaults" },
        trials.of(name, what),
        trials.of(gc.name, what)
      )
    )
  const likeForLike = "a bound of its own, in milliseconds"
  return [
    ...figure({ what: killed, target: atMost(50), likeForLike }, trials.of(gc.name, killed)),
    ...beside(killed, true),
    ...figure({ what: stopped, target: atMost(6_600), likeForLike }, trials.of(gc.name, stopped)),
    ...beside(stopped, false),
    ...beside(left, false),
    ...beside(joined, false),
    ...ratio(
      { what: joined, likeForLike: "no: the raw mesh has neither TLS nor membership" },
      trials.of(gc.name, joined),
      trials.of(raw.name, joined)
    )
  ]
}

/** Measures how fast others learn of what happens to a node. */
export const detection: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const trials = new Trials("detection")
  const rounds = quick ? 1 : Math.min(context.rounds, 3)
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of chosen(context)) {
      progress(`detection: ${contestant.name}, round ${round} of ${rounds}`)
      // A socket of a process that stands still stays open: a mesh without heartbeats cannot notice. And who did not once is not waited for again.
      const notices = contestant !== raw && trials.happened(contestant.name, stopped)
      const faults = [crash, leave, ...(notices && !quick ? [freeze] : [])]
      await play({ contestant, published, signal }, faults, trials)
    }
  }
  return { name: "detection", measurements: trials.measurements, ratios: ratiosOf(trials) }
}
