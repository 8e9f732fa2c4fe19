/** What becomes of formation, rest and broadcasts when a cluster grows. */
import { gc, raw } from "./cluster/contestants.ts"
import { Crew, type Process } from "./cluster/crew.ts"
import { median } from "./cluster/figures.ts"
import { aloneNodes, paceOf, places, resting } from "./cluster/resting.ts"
import { chosen, Trials } from "./cluster/trials.ts"
import type { RunSection } from "./section.ts"

/** What forming may take, in milliseconds. */
const formWithin = 60_000

/** What the broadcasts of a sample may take, in milliseconds, and what they are to take. */
const [broadcastWithin, broadcastMillis] = [20_000, 600]

/** The bytes of a broadcast. */
const messageBytes = 64

/** With so many broadcasts it is seen how many make a sample. */
const firstBroadcasts = 200

/** What is measured of each size; `of` makes the name of a row. */
export const series = {
  formation: { of: (size: number) => `${size} nodes: formation, from "go"`, unit: "ms" },
  cpu: { of: (size: number) => `${size} nodes: CPU of an idle node`, unit: "% of a core" },
  memory: { of: (size: number) => `${size} nodes: memory (RSS) of an idle node`, unit: "MiB" },
  broadcasts: { of: (size: number) => `${size} nodes: broadcasts of ${messageBytes} B that reached all`, unit: "/s" }
} as const

/** The sizes of a full run. */
export const sizes: ReadonlyArray<number> = [10, 25, 50, 100]

/** Milliseconds until every other node had so many broadcasts of the first. */
const broadcasting = async (crew: Crew, messages: number): Promise<number | undefined> => {
  const [sender, ...others] = crew.processes as [Process, ...Array<Process>]
  const received = crew.receive(others, ({ seats }) => messages * seats.length, broadcastWithin)
  const began = await sender.ask({ order: "broadcast", messages, bytes: messageBytes }, broadcastWithin)
  const ended = await received
  return began === undefined || ended === undefined ? undefined : ended - began.at
}

/** Broadcasts a second, in samples that are large enough. */
const broadcastRates = async (crew: Crew, samples: number): Promise<ReadonlyArray<number>> => {
  const first = await broadcasting(crew, firstBroadcasts)
  if (first === undefined) return []
  const enough = Math.round(Math.min(500_000, Math.max(firstBroadcasts, (firstBroadcasts / first) * broadcastMillis)))
  const rates: Array<number> = []
  for (let sample = 0; sample < samples; sample++) {
    const millis = await broadcasting(crew, enough)
    if (millis !== undefined) rates.push((1_000 * enough) / millis)
  }
  return rates
}

/** Measures clusters of 10, 25, 50 and 100 nodes, of which most share processes. */
export const growth: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const trials = new Trials("growth")
  for (const size of quick ? [10] : sizes) {
    for (const contestant of chosen(context)) {
      if (contestant !== gc && contestant !== raw) continue
      progress(`growth: ${size} nodes of ${contestant.name}`)
      const { name } = contestant
      await Crew.use({ contestant, nodes: places(size), published, signal }, async (crew) => {
        const told = crew.go()
        const formed = await crew.sees(crew.processes, { up: crew.processes }, formWithin)
        trials.addTime(name, series.formation.of(size), formed === undefined ? undefined : formed - told, formWithin)
        if (formed === undefined) return
        const pace = paceOf(quick)
        const used = await resting(
          crew,
          crew.processes.slice(0, aloneNodes),
          contestant === raw ? { restMillis: 500, windowMillis: 2_000 } : pace
        )
        trials.add(name, series.cpu.of(size), series.cpu.unit, median(used.map(({ cpu }) => cpu)))
        trials.add(name, series.memory.of(size), series.memory.unit, median(used.map(({ memory }) => memory)))
        for (const rate of await broadcastRates(crew, quick ? 1 : 3)) {
          trials.add(name, series.broadcasts.of(size), series.broadcasts.unit, rate)
        }
      })
    }
  }
  return { name: "growth", measurements: trials.measurements, ratios: [] }
}
