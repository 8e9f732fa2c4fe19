import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { createSocket } from "node:dgram"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A program that runs in the foreground, and every line that it has written. */
export interface Program {
  readonly lines: ReadonlyArray<string>
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  /** Ends it, and waits for that. */
  readonly stop: Effect.Effect<void>
}

const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/** Where a program is; says which Debian package has it when it is absent. */
export const pathOf = (program: string, debianPackage: string): string => {
  const path = folders.map((folder) => join(folder, program)).find(existsSync)
  if (path === undefined) throw new Error(`${program} is not installed: apt-get install ${debianPackage}`)
  return path
}

/** The first line of what a program says of its version. */
export const versionOf = (path: string, flag: string): string =>
  execFileSync(path, [flag], { encoding: "utf8" })
    .split("\n")[0]!
    .replace(/ +(Copyright|\(Ext|<id).*$/, "")

/** Starts a program; it ends with the scope at the latest. */
export const start = (path: string, args: ReadonlyArray<string>): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => run(path, args)),
    ({ stop }) => stop
  )

const run = (path: string, args: ReadonlyArray<string>): Program => {
  const child: ChildProcess = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] })
  const lines: Array<string> = []
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", (error) => {
      lines.push(String(error))
      resolve()
    })
  })
  for (const stream of [child.stdout!, child.stderr!]) {
    let rest = ""
    stream.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n")
      rest = parts.pop() ?? ""
      lines.push(...parts)
    })
  }
  return {
    lines,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    stop: Effect.promise(() => {
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000)
      child.kill("SIGTERM")
      return ended.finally(() => clearTimeout(timer))
    })
  }
}

/** A folder that is removed with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-dns-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A port of loopback that is free for UDP and TCP. */
export const freePort: Effect.Effect<number> = Effect.promise(async () => {
  for (;;) {
    const tcp = createServer()
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", () => resolve()))
    const { port } = tcp.address() as { readonly port: number }
    const udp = createSocket("udp4")
    const free = await new Promise<boolean>((resolve) => {
      udp.once("error", () => resolve(false))
      udp.bind(port, "127.0.0.1", () => resolve(true))
    })
    if (free) await new Promise<void>((resolve) => udp.close(() => resolve()))
    await new Promise<void>((resolve) => tcp.close(() => resolve()))
    if (free) return port
  }
})
