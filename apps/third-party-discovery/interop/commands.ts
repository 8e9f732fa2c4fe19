import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"

/** A stranger's shell: it knows nothing of vitest, of the npm that runs this, or of a cluster. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|TEST$|NODE_(ENV|OPTIONS|PATH)$|GC_|npm_(package|lifecycle|config_local))/.test(name)
    )
  ),
  NO_COLOR: "1",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_prefer_offline: "true"
})

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

/** Runs a command to its end, and answers what it printed. Fails with that when it fails or takes longer than so many seconds. */
export const run = async (cwd: string, seconds: number, command: string, ...args: ReadonlyArray<string>) => {
  // A group of its own: npm's scripts end with it.
  const child = spawn(command, args, { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"], detached: true })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)))
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
  }, seconds * 1_000)
  const [code] = (await once(child, "close").finally(() => clearTimeout(timer))) as [number | null]
  if (code === 0) return output
  throw new Error(`${command} ${args.join(" ")}: ${late ? `not within ${seconds} s` : `exit ${code}`}\n${output}`)
}

/** A program that runs until it is ended. */
export interface Program {
  /** Suspends until it printed something that matches. */
  readonly prints: (pattern: RegExp) => Promise<void>
  /** Ends it by a signal, and answers its exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

const patience = 30_000

/** Starts a program; `started` takes note of it, so that it can be ended whatever happens. */
export const start = (
  started: Array<Program>,
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Program => {
  const child = spawn(command, args, { cwd, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.on("error", (error) => (output += error.message))
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)))
  const program: Program = {
    prints: async (pattern) => {
      const until = Date.now() + patience
      while (!pattern.test(output)) {
        if (Date.now() > until || !isRunning(child))
          throw new Error(`${args.join(" ")} did not print ${pattern}\n${output}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    end: async (signal) => {
      if (isRunning(child)) {
        const closed = once(child, "exit")
        child.kill(signal)
        await closed
      }
      return child.exitCode
    }
  }
  started.push(program)
  return program
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return typeof address === "object" && address !== null ? address.port : 0
}
