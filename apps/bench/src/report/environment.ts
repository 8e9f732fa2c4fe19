/**
 * Where a run took place: what a figure is worth nothing without.
 */
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os"
import { versionOf } from "../prepare.ts"

/** The machine, its load when the run began, and the versions of everything measured. */
export interface Environment {
  readonly at: string
  readonly node: string
  readonly system: string
  readonly cpus: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly load: number
  readonly versions: Readonly<Record<string, string>>
}

const measured = ["effect", "ws", "moleculer", "libp2p", "@chainsafe/libp2p-noise", "@chainsafe/libp2p-yamux"]

/** Looks at the machine. */
export const environment = (): Environment => ({
  at: new Date().toISOString(),
  node: process.version,
  system: `${process.platform} ${release()}`,
  cpus: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  versions: Object.fromEntries(measured.map((name) => [name, versionOf(name)]))
})

/** In one line. */
export const environmentText = ({ cpu, cpus, load, memoryGiB, node, system, versions }: Environment): string =>
  [
    `Node ${node} on ${system}, ${cpus} CPUs (${cpu}), ${memoryGiB} GiB`,
    `load ${load} at the start${load > cpus ? ": the machine was busy, and these figures are worth little" : ""}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")
  ].join("; ")
