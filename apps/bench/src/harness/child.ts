/**
 * A child process that is asked for things by IPC, and ends with its parent.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { RunContext } from "../section.ts"

const running = new Set<ChildProcess>()

/** Kills every child process that still runs. */
export const killAll = (): void => {
  for (const child of running) child.kill("SIGKILL")
}

const asPublished = fileURLToPath(new URL("./resolveAsPublished.ts", import.meta.url))

/** The arguments for Node that a child of this run begins with. */
const nodeArguments = ({ cpuProf, published }: RunContext, label: string): ReadonlyArray<string> => [
  "--no-warnings",
  ...(published ? ["--import", asPublished] : []),
  ...(cpuProf === undefined
    ? []
    : ["--cpu-prof", `--cpu-prof-dir=${cpuProf}`, `--cpu-prof-name=${label}-${Date.now()}.cpuprofile`])
]

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** One child, and the orders that it has not answered yet. */
export class Child {
  readonly #process: ChildProcess
  readonly #label: string
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #complaint = ""
  #over: string | undefined
  readonly ended: Promise<void>

  constructor(context: RunContext, program: URL, args: ReadonlyArray<string>, label: string) {
    this.#label = label
    this.#process = spawn(process.execPath, [...nodeArguments(context, label), fileURLToPath(program), ...args], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] }
    })
    running.add(this.#process)
    this.#process.stderr?.on("data", (chunk) => {
      this.#complaint = `${this.#complaint}${chunk}`.slice(-4_000)
    })
    this.#process.on("message", (message: { id: number; answer?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.error === undefined) waiting?.resolve(message.answer)
      else waiting?.reject(new Error(`${this.#label}: ${message.error}`))
    })
    this.ended = new Promise((resolve) => {
      const end = (what: string) => {
        this.#over = what
        running.delete(this.#process)
        for (const { reject } of this.#waiting.values()) reject(this.#problem(what))
        this.#waiting.clear()
        resolve()
      }
      this.#process.on("error", (error) => end(`cannot start: ${error.message}`))
      this.#process.on("close", (code, signal) => end(`ended with ${signal ?? `code ${code}`}`))
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  #problem(what: string): Error {
    return new Error([`${this.#label} ${what}`, this.#complaint.trim()].filter((part) => part !== "").join(": "))
  }

  /** Asks for something; fails when the child ends before it answers, or takes too long. */
  ask<A>(order: { readonly order: string }, seconds: number): Promise<A> {
    if (this.#over !== undefined) return Promise.reject(this.#problem(this.#over))
    const id = this.#next++
    return new Promise<A>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(this.#problem(`did not answer "${order.order}" in ${seconds} s`))
      }, seconds * 1_000)
      this.#waiting.set(id, {
        resolve: (answer) => {
          clearTimeout(timer)
          resolve(answer as A)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        }
      })
      this.#process.send({ id, order })
    })
  }

  kill(): void {
    this.#process.kill("SIGKILL")
  }
}
