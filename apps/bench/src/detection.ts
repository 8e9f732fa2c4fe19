/** Nodes that join, crash, stand still and leave, until all others know. */
import { type Contestant, gc, libp2p, moleculer, raw } from "./cluster/contestants.ts"
import { type CrewOptions, Crew, now, type Process } from "./cluster/crew.ts"
import { atLeast, atMost, caveat, chosen, roundsOf, Trials } from "./cluster/trials.ts"
import { figureOf, ratioOf } from "./report/statistics.ts"
import type { Ratio, RunContext, RunSection, Target } from "./section.ts"

/** Nodes of the cluster whenever something happens to one of them. */
const size = 10

/** What each change may take before it counts as not having happened, in milliseconds. */
const limit = 20_000

const joined = `one joins ${size - 1}, until each sees all`
const killed = `SIGKILL of one of ${size}, until all others know`
const stopped = `SIGSTOP of one of ${size}, until all others know`
const left = `one of ${size} leaves, until all others know`

/** Rounds of five; those of Moleculer take ten times as long as gc's. */
const roundsFor = (contestant: Contestant): number => {
  if (contestant === moleculer) return 1
  return contestant === libp2p ? 2 : 3
}

/** What happens to a node, from when on others can know. */
interface Fault {
  readonly what: string
  readonly befall: (victim: Process) => void
}

const crash: Fault = { what: killed, befall: (victim) => victim.signal("SIGKILL") }
const leave: Fault = { what: left, befall: (victim) => victim.tell({ order: "leave" }) }
const freeze: Fault = { what: stopped, befall: (victim) => victim.signal("SIGSTOP") }

/** What forming may take, in milliseconds. */
const formWithin = 40_000

/** A cluster to which these faults happen, and before each of them a node joins. */
const play = (
  options: Omit<CrewOptions, "nodes">,
  faults: ReadonlyArray<Fault>,
  { progress, trials }: { readonly progress: RunContext["progress"]; readonly trials: Trials }
): Promise<void> => {
  const { name } = options.contestant
  const nodes = Array.from({ length: size - 1 + faults.length }, () => 1)
  return Crew.use({ ...options, nodes }, async (crew) => {
    const [first, later] = [crew.processes.slice(0, size - 1), crew.processes.slice(size - 1)]
    crew.go(first)
    if ((await crew.sees(first, { up: first }, formWithin)) === undefined) {
      progress(`detection: ${name} did not form within ${formWithin / 1_000} s and is left out of this round`)
      return
    }
    let present = first
    for (const [index, fault] of faults.entries()) {
      const newcomer = later[index] as Process
      present = [...present, newcomer]
      const told = crew.go([newcomer])
      const seen = await crew.sees(present, { up: present }, limit)
      trials.addTime(name, joined, "ms", seen === undefined ? undefined : seen - told, limit)
      const [victim, ...others] = present as [Process, ...Array<Process>]
      present = others
      const at = now()
      fault.befall(victim)
      const known = await crew.sees(others, { gone: [victim] }, limit)
      trials.addTime(name, fault.what, "ms", known === undefined ? undefined : known - at, limit)
    }
  })
}

const ratiosOf = (trials: Trials): ReadonlyArray<Ratio> => {
  const of = ({ name }: Contestant, what: string) => trials.of(name, what, "ms")
  const beside = (what: string, target?: Target): ReadonlyArray<Ratio> =>
    [moleculer, libp2p].flatMap((rival) => {
      const pair = [of(rival, what), of(gc, what)] as const
      const text = { what, likeForLike: `each at its own defaults${caveat(...pair)}` }
      return ratioOf(...pair, { ...text, ...(target !== undefined && { target }) })
    })
  const likeForLike = "a bound of its own, in milliseconds"
  return [
    ...figureOf(of(gc, killed), { what: killed, target: atMost(50), likeForLike }),
    ...beside(killed, atLeast(1)),
    ...figureOf(of(gc, stopped), { what: stopped, target: atMost(6_600), likeForLike }),
    ...beside(stopped),
    ...beside(left),
    ...beside(joined),
    ...ratioOf(of(gc, joined), of(raw, joined), {
      what: joined,
      likeForLike: "no: the raw mesh has neither TLS nor membership"
    })
  ]
}

/** Measures how fast others learn of what happens to a node. */
export const detection: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const trials = new Trials("detection")
  const most = roundsOf(context, roundsFor(gc))
  for (let round = 1; round <= most; round++) {
    for (const contestant of chosen(context)) {
      const isRival = contestant !== gc && contestant !== raw
      if (round > roundsOf(context, roundsFor(contestant)) || (quick && isRival)) continue
      progress(`detection: ${contestant.name}, round ${round} of ${most}`)
      // A socket of a process that stands still stays open: a mesh without heartbeats cannot notice. And who did not once is not waited for again.
      const notices = contestant !== raw && trials.happened(contestant.name, stopped, "ms")
      const faults = quick ? [crash, leave] : [crash, leave, crash, ...(notices ? [freeze] : [])]
      await play({ contestant, published, signal }, faults, { progress, trials })
    }
  }
  return { name: "detection", measurements: trials.measurements, ratios: ratiosOf(trials) }
}
