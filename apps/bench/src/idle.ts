/** Memory and CPU of a node that has nothing to do, beside a process that only loaded Effect. */
import { fileURLToPath } from "node:url"
import { bare, type Contestant, gc } from "./cluster/contestants.ts"
import { Crew } from "./cluster/crew.ts"
import { effectModules, rivals } from "./cluster/modules.ts"
import { aloneNodes, paceOf, places, resting } from "./cluster/resting.ts"
import { atMost, chosen, Trials } from "./cluster/trials.ts"
import { figureOf, median } from "./report/statistics.ts"
import type { RunSection } from "./section.ts"

/** What forming may take, in milliseconds: gc's nodes have to have formed, for they are held to bounds. */
const formWithin = ({ name }: Contestant): number => (name === gc.name ? 60_000 : 25_000)

/** What a node of gc imports. */
const entries = ["@gc/core/Channel", "@gc/core/Cluster", "@gc/discovery-static", "@gc/transport-tcp"]

/** And what a program takes to start one. */
const own = ["effect/Effect", "effect/Layer", "effect/ManagedRuntime", "effect/Stream"]

const [cpu, memory, beyond] = ["% of a core", "MiB (RSS)", "MiB beyond an idle process with effect"]

/** Measures idle nodes at N = 50. */
export const idle: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const size = quick ? 10 : 50
  const pace = paceOf(quick)
  const trials = new Trials("idle")
  const what = `an idle node of ${size}`
  const folder = published ? rivals : fileURLToPath(new URL("..", import.meta.url))
  const empty = bare([...new Set([...effectModules(entries, folder), ...own])])
  progress("idle: processes that only loaded effect")
  await Crew.use({ contestant: empty, nodes: [1, 1, 1], published, signal }, async (crew) => {
    const window = { restMillis: 1_000, windowMillis: Math.min(pace.windowMillis, 4_000) }
    for (const used of await resting(crew, crew.processes, window)) {
      trials.add(empty.name, what, cpu, used.cpu)
      trials.add(empty.name, what, memory, used.memory)
    }
  })
  const floor = median(trials.of(empty.name, what, memory)?.samples ?? [])

  for (const contestant of chosen(context)) {
    if (quick && contestant !== gc) continue
    progress(`idle: ${size} nodes of ${contestant.name}`)
    await Crew.use({ contestant, nodes: places(size), published, signal }, async (crew) => {
      const limit = formWithin(contestant)
      crew.go()
      const formed = await crew.sees(crew.processes, { up: crew.processes }, limit)
      const note =
        formed === undefined ? `measured before all saw all, which took more than ${limit / 1_000} s` : undefined
      const paced = contestant === gc ? pace : { ...pace, restMillis: 1_500 }
      for (const used of await resting(crew, crew.processes.slice(0, aloneNodes), paced)) {
        trials.add(contestant.name, what, cpu, used.cpu, note)
        trials.add(contestant.name, what, memory, used.memory, note)
        if (contestant === gc) trials.add(gc.name, what, beyond, used.memory - floor)
      }
    })
  }

  return {
    name: "idle",
    measurements: trials.measurements,
    ratios: [
      ...figureOf(trials.of(gc.name, what, cpu), {
        what: `${what}: CPU`,
        target: atMost(1),
        likeForLike: "a bound of its own, in percent of a core; each sample is a process with one node"
      }),
      ...figureOf(trials.of(gc.name, what, beyond), {
        what: `${what}: ${beyond}`,
        target: atMost(15),
        likeForLike: "a bound of its own, in MiB; the other process loaded the same modules of effect"
      })
    ]
  }
}
