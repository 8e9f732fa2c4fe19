/** What a node costs that has nothing to do, in a cluster of so many; a few nodes have a process of their own and are measured. */
import type { Crew, Process } from "./crew.ts"

/** Nodes that live alone, and are measured. */
export const aloneNodes = 3

/** All others live so many to a process. */
const crowd = 10

/** How many nodes each process holds: the measured ones first. */
export const places = (size: number): ReadonlyArray<number> => {
  const alone = Math.min(aloneNodes, size)
  const processes = Math.ceil((size - alone) / crowd)
  const each = Array.from({ length: processes }, (_, index) => Math.floor((size - alone + index) / processes))
  return [...Array.from({ length: alone }, () => 1), ...each]
}

/** How long a cluster rests before it is measured, and for how long it is, in milliseconds. */
export interface Pace {
  readonly restMillis: number
  readonly windowMillis: number
}

/** Members tell each other whom they know until a link is 15 s old; after that there are only heartbeats. */
export const paceOf = (quick: boolean): Pace =>
  quick ? { restMillis: 1_000, windowMillis: 2_000 } : { restMillis: 15_500, windowMillis: 7_000 }

const mebibyte = 1_048_576

/** The share of a core, in percent, and the memory, in MiB, of each of these processes. */
export const resting = async (
  crew: Crew,
  processes: ReadonlyArray<Process>,
  { restMillis, windowMillis }: Pace
): Promise<ReadonlyArray<{ readonly cpu: number; readonly memory: number }>> => {
  await crew.rest(restMillis)
  const before = await crew.usage(processes)
  await crew.rest(windowMillis)
  const after = await crew.usage(processes)
  return after.map(({ at, cpuMillis, rssBytes }, index) => {
    const first = before[index]
    const cpu = first === undefined ? Number.NaN : (100 * (cpuMillis - first.cpuMillis)) / (at - first.at)
    return { cpu, memory: rssBytes / mebibyte }
  })
}
