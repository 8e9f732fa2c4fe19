import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Outcome } from "./types.ts"

const probe = fileURLToPath(new URL("probe.ts", import.meta.url))

/** What a run is, and how long it may take. */
export interface Probe {
  readonly plugin: string
  /** The mutant; without one the plug-in as it is. */
  readonly mutant?: string | undefined
  /** This check alone; without one all of them, a mutant's up to the first that fails. */
  readonly check?: string | undefined
  readonly seconds: number
}

const running = new Set<() => void>()

/** Ends what is running. */
export const endAll = (): void => {
  for (const end of running) end()
}

/** Runs the suites of a package in a process of their own. A run that takes too long is ended and has an error. */
export const runProbe = ({ check, mutant = "", plugin, seconds }: Probe): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const args = [probe, plugin, mutant, ...(check === undefined ? [] : [check])]
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" }
    })
    let output = ""
    let errors = ""
    let late = false
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)))
    const end = (): void => void child.kill("SIGKILL")
    const timer = setTimeout(() => {
      late = true
      end()
    }, seconds * 1_000)
    running.add(end)
    child.on("error", reject)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      running.delete(end)
      resolve(outcomeOf(output) ?? broken(late ? `not within ${seconds} s` : `${signal ?? `exit ${code}`}: ${errors}`))
    })
  })

const broken = (error: string): Outcome => ({
  passed: 0,
  skipped: 0,
  retried: [],
  failed: [],
  errors: [error],
  loaded: false
})

/** The last line is the outcome; a plug-in may print something, too. */
const outcomeOf = (output: string): Outcome | undefined => {
  const last = output.trimEnd().split("\n").at(-1) ?? ""
  return last.startsWith('{"passed":') ? (JSON.parse(last) as Outcome) : undefined
}
