import { execFileSync, spawn, spawnSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Outcome, Program } from "../support/program.ts"

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))

/** The program of iproute2. */
const command = "ip"

export const ip = (...args: ReadonlyArray<string>): string =>
  execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] }).toString()

/** Runs a program in a namespace to its end. */
export const within = (namespace: string, ...args: ReadonlyArray<string>): string =>
  ip("netns", "exec", namespace, ...args)

/** Why this machine allows no namespaces with a firewall; `undefined` when it does. */
export const unavailable = ((): string | undefined => {
  if (process.platform !== "linux") return "network namespaces are Linux's"
  if (process.getuid?.() !== 0) return "only root makes network namespaces"
  const name = `gcd-${process.pid}-probe`
  try {
    ip("netns", "add", name)
    try {
      within(name, "iptables", "-A", "INPUT", "-p", "udp", "--dport", "9", "-j", "DROP")
    } finally {
      ip("netns", "del", name)
    }
    return undefined
  } catch (error) {
    return `no network namespace with a firewall can be made: ${String(error)}`
  }
})()
if (unavailable !== undefined) {
  process.stdout.write(`tests of doctor in network namespaces are skipped: ${unavailable}\n`)
}

let made = 0

/** Two machines with a cable between them, 10.214.0.1 and 10.214.0.2 on `eth0`, and programs that run on them. */
export class Machines {
  readonly names: readonly [string, string]
  private readonly programs: Array<Program> = []
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    const id = `gcd-${process.pid}-${++made}`
    this.names = [`${id}a`, `${id}b`]
    for (const name of this.names) ip("netns", "add", name)
    const [one, other] = this.names
    ip("link", "add", "eth0", "netns", one, "type", "veth", "peer", "name", "eth0", "netns", other)
    for (const [index, name] of this.names.entries()) {
      ip("-n", name, "addr", "add", `10.214.0.${index + 1}/24`, "dev", "eth0")
      for (const link of ["lo", "eth0"]) ip("-n", name, "link", "set", link, "up")
    }
  }

  start(namespace: string, args: ReadonlyArray<string>): Program {
    const child = spawn(command, ["netns", "exec", namespace, process.execPath, bin, ...args], {
      cwd: this.folder,
      env: {
        PATH: process.env["PATH"],
        HOME: this.folder,
        NODE_COMPILE_CACHE: join(tmpdir(), "gcluster-compile-cache")
      }
    })
    const program = new Program(child)
    this.programs.push(program)
    return program
  }

  run(namespace: string, args: ReadonlyArray<string>): Promise<Outcome> {
    const program = this.start(namespace, args)
    program.child.stdin.end()
    return program.ended
  }

  async close(): Promise<void> {
    for (const { child } of this.programs) child.kill("SIGKILL")
    await Promise.all(this.programs.map(({ ended }) => ended))
    for (const name of this.names) spawnSync(command, ["netns", "del", name])
  }
}
