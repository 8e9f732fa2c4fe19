/** Memory and CPU of a node that has nothing to do, beside a process that only loaded Effect. */
import { bare, gc, raw } from "./cluster/contestants.ts"
import { Crew } from "./cluster/crew.ts"
import { atMost, figure, median, type Samples } from "./cluster/figures.ts"
import { effectModules, rivals } from "./cluster/modules.ts"
import { aloneNodes, paceOf, places, resting } from "./cluster/resting.ts"
import { chosen, Trials } from "./cluster/trials.ts"
import type { RunSection } from "./section.ts"
import { fileURLToPath } from "node:url"

/** What forming may take, in milliseconds. */
const formWithin = 30_000

/** What a node of gc imports. */
const entries = ["@gc/core/Channel", "@gc/core/Cluster", "@gc/discovery-static", "@gc/transport-tcp"]

/** And what a program takes to start one. */
const own = ["effect/Effect", "effect/Layer", "effect/ManagedRuntime", "effect/Stream"]

/** Measures idle nodes at N = 50. */
export const idle: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const size = quick ? 10 : 50
  const pace = paceOf(quick)
  const trials = new Trials("idle")
  const cpu = `CPU of an idle node of ${size}`
  const memory = `memory (RSS) of an idle node of ${size}`
  const beyond = `memory of an idle node of ${size} beyond a process that only loaded effect`

  const folder = published ? rivals : fileURLToPath(new URL("..", import.meta.url))
  const empty = bare([...new Set([...effectModules(entries, folder), ...own])])
  progress("idle: processes that only loaded effect")
  await Crew.use({ contestant: empty, nodes: [1, 1, 1], published, signal }, async (crew) => {
    const window = { restMillis: 1_000, windowMillis: Math.min(pace.windowMillis, 4_000) }
    for (const used of await resting(crew, crew.processes, window)) {
      trials.add(empty.name, cpu, "% of a core", used.cpu)
      trials.add(empty.name, memory, "MiB", used.memory)
    }
  })
  const floor = median(trials.of(empty.name, memory)?.samples ?? [])

  for (const contestant of chosen(context)) {
    progress(`idle: ${size} nodes of ${contestant.name}`)
    await Crew.use({ contestant, nodes: places(size), published, signal }, async (crew) => {
      crew.go()
      const formed = await crew.sees(crew.processes, { up: crew.processes }, formWithin)
      const note =
        formed === undefined ? `measured before all saw all, which took more than ${formWithin / 1_000} s` : undefined
      const paced = contestant === raw ? { ...pace, restMillis: 1_000 } : pace
      for (const used of await resting(crew, crew.processes.slice(0, aloneNodes), paced)) {
        trials.add(contestant.name, cpu, "% of a core", used.cpu, note)
        trials.add(contestant.name, memory, "MiB", used.memory, note)
        if (contestant === gc) trials.add(gc.name, beyond, "MiB", used.memory - floor)
      }
    })
  }

  const bound = (what: string, target: number, likeForLike: string) => {
    const of: Samples | undefined = trials.of(gc.name, what)
    return figure({ what, target: atMost(target), likeForLike }, of)
  }
  return {
    name: "idle",
    measurements: trials.measurements,
    ratios: [
      ...bound(cpu, 1, "a bound of its own, in percent; the samples are of processes with one node each"),
      ...bound(beyond, 15, "a bound of its own, in MiB; the process beside loaded the same modules of effect")
    ]
  }
}
