/** What becomes of formation, rest and broadcasts when a cluster grows. */
import { gc, raw } from "./cluster/contestants.ts"
import { Crew, type Process } from "./cluster/crew.ts"
import { aloneNodes, paceOf, places, resting } from "./cluster/resting.ts"
import { chosen, Trials } from "./cluster/trials.ts"
import { median } from "./report/statistics.ts"
import type { RunSection } from "./section.ts"

/** What forming may take, in milliseconds. */
const formWithin = 60_000

/** What the broadcasts of a sample may take, in milliseconds, and what they are to take. */
const [broadcastWithin, broadcastMillis] = [20_000, 600]

/** The bytes of a broadcast. */
const messageBytes = 64

/** With so many broadcasts it is seen how many make a sample. */
const firstBroadcasts = 200

/** What a row is called. */
export const nodesOf = (size: number): string => `${size} nodes, of which most share processes`

/** What is measured of each size. */
export const series = {
  formation: 'ms from "go" until each sees all',
  cpu: "% of a core, idle",
  memory: "MiB (RSS), idle",
  broadcasts: `broadcasts of ${messageBytes} B a second that reached all`
} as const

/** The sizes of a full run. */
export const sizes: ReadonlyArray<number> = [10, 25, 50, 100]

/** Milliseconds until every other node had so many broadcasts of the first, beside those before. */
const broadcasting = async (crew: Crew, messages: number, before: number): Promise<number | undefined> => {
  const [sender, ...others] = crew.processes as [Process, ...Array<Process>]
  const received = crew.receive(others, ({ seats }) => (before + messages) * seats.length, broadcastWithin)
  const began = await sender.ask({ order: "broadcast", messages, bytes: messageBytes }, broadcastWithin)
  const ended = await received
  return began === undefined || ended === undefined ? undefined : ended - began.at
}

/** Broadcasts a second, in samples that are large enough. */
const broadcastRates = async (crew: Crew, samples: number): Promise<ReadonlyArray<number>> => {
  const first = await broadcasting(crew, firstBroadcasts, 0)
  if (first === undefined) return []
  const enough = Math.round(Math.min(500_000, Math.max(firstBroadcasts, (firstBroadcasts / first) * broadcastMillis)))
  const rates: Array<number> = []
  for (let sample = 0; sample < samples; sample++) {
    const millis = await broadcasting(crew, enough, firstBroadcasts + sample * enough)
    if (millis === undefined) return rates
    rates.push((1_000 * enough) / millis)
  }
  return rates
}

/** Measures clusters of 10, 25, 50 and 100 nodes, of which most share processes. */
export const growth: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const trials = new Trials("growth")
  for (const size of quick ? [10] : sizes) {
    const what = nodesOf(size)
    for (const contestant of chosen(context)) {
      if (contestant !== gc && contestant !== raw) continue
      progress(`growth: ${size} nodes of ${contestant.name}`)
      const { name } = contestant
      await Crew.use({ contestant, nodes: places(size), published, signal }, async (crew) => {
        const told = crew.go()
        const formed = await crew.sees(crew.processes, { up: crew.processes }, formWithin)
        trials.addTime(name, what, series.formation, formed === undefined ? undefined : formed - told, formWithin)
        if (formed === undefined) return
        if (!quick) {
          const pace = contestant === raw ? { restMillis: 500, windowMillis: 2_000 } : paceOf(quick)
          const used = await resting(crew, crew.processes.slice(0, aloneNodes), pace)
          trials.add(name, what, series.cpu, median(used.map(({ cpu }) => cpu)))
          trials.add(name, what, series.memory, median(used.map(({ memory }) => memory)))
        }
        const rates = await broadcastRates(crew, quick ? 1 : 3)
        for (const rate of rates) trials.add(name, what, series.broadcasts, rate)
        if (rates.length === 0) {
          const note = `fewer than ${firstBroadcasts} reached all within ${broadcastWithin / 1_000} s`
          trials.add(name, what, series.broadcasts, 0, note)
        }
      })
    }
  }
  return { name: "growth", measurements: trials.measurements, ratios: [] }
}
