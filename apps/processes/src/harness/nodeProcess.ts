/**
 * One operating-system process, and all that it has reported.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { type Configuration, type Order, Report, type Sighting, type Usage } from "../messages.ts"

const programs = {
  node: fileURLToPath(new URL("../node/node.ts", import.meta.url)),
  bare: fileURLToPath(new URL("../node/bare.ts", import.meta.url))
}

/** What a process runs: a node of a cluster, or only what a node stands on. */
export type Program = keyof typeof programs

/** Node keeps what it compiled here, so that many processes load in a third of the time. It does without when it cannot. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url))

const readReport = Schema.decodeUnknownResult(Schema.fromJsonString(Report))

/** Who wants to know when something has changed. */
export interface Watcher {
  readonly stirred: () => void
  /** A process ended although nobody asked it to, or printed something else than reports. */
  readonly failed: (problem: string) => void
}

/** One life of a node: a process from its start to its end. */
export class NodeProcess {
  readonly #child: ChildProcess
  readonly #watcher: Watcher
  readonly #stories = new Map<string, Array<Sighting>>()
  #complaint = ""
  #doomed = false
  /** Who it was told to be, and who it became. */
  name = ""
  instance = ""
  ready = false
  listeningAt: number | undefined
  /** How many of the nodes that it was told to be listen. */
  listening = 0
  /** The number of the last order to answer that it answered. */
  answered = 0
  answeredAt = 0
  usage: { readonly id: number; readonly at: number; readonly usage: Usage } | undefined
  blockedAt: number | undefined
  unblockedAt: number | undefined
  readonly warnings: Array<string> = []
  hasEnded = false
  readonly ended: Promise<void>

  constructor(program: Program, prefix: ReadonlyArray<string>, watcher: Watcher) {
    this.#watcher = watcher
    const [command, ...args] = [...prefix, process.execPath, "--no-warnings", programs[program]]
    // A process group of its own: a terminal's Ctrl-C is for the harness, which then ends its processes in order.
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: compileCache },
      detached: true
    })
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => this.#complain(`cannot start: ${error.message}`))
      this.#child.on("close", (code, signal) => {
        if (!this.#doomed) this.#complain(`ended with ${signal ?? `code ${code}`}`)
        this.hasEnded = true
        resolve()
        this.#watcher.stirred()
      })
    })
    this.#child.stdin?.on("error", () => {})
    this.#child.stderr?.on("data", (chunk) => {
      this.#complaint = `${this.#complaint}${chunk}`.slice(-2_000)
    })
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line))
    }
  }

  configure(configuration: Configuration): void {
    this.name = configuration.nodes[0]?.name ?? ""
    this.#write(configuration)
  }

  order(order: Order): void {
    this.#write(order)
  }

  /** Whether it has been made to end, by a signal or by the end of its stdin. */
  get doomed(): boolean {
    return this.#doomed
  }

  /** Sends a signal; `ends` when the process is expected to end by it. */
  signal(signal: NodeJS.Signals, ends: boolean): void {
    if (ends) this.#doomed = true
    this.#child.kill(signal)
  }

  /** Ends its stdin: it leaves, whatever it was doing. */
  dismiss(): void {
    this.#doomed = true
    this.#child.stdin?.end()
  }

  /** What it saw of a life, in order. */
  story(subject: NodeProcess): ReadonlyArray<Sighting> {
    return this.#stories.get(subject.instance) ?? []
  }

  /** Everything that it saw, by the instance that it saw it of. */
  get stories(): ReadonlyMap<string, ReadonlyArray<Sighting>> {
    return this.#stories
  }

  #write(message: unknown): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  #read(line: string): void {
    const read = readReport(line)
    if (Result.isFailure(read))
      return this.#watcher.failed(`${this.name} printed what is no report: ${line.slice(0, 200)}`)
    this.#take(read.success)
    this.#watcher.stirred()
  }

  #take(report: Report): void {
    switch (report.report) {
      case "ready":
        this.ready = true
        return
      case "listening":
        this.instance = report.instance
        this.listeningAt = report.at
        this.listening++
        return
      case "event": {
        const story = this.#stories.get(report.peerInstance)
        if (story === undefined) this.#stories.set(report.peerInstance, [report])
        else story.push(report)
        return
      }
      case "answer":
        this.answered = report.id
        this.answeredAt = report.at
        return
      case "usage":
        this.usage = report
        return
      case "blocked":
        this.blockedAt = report.at
        return
      case "unblocked":
        this.unblockedAt = report.at
        return
      case "log":
        this.warnings.push(`${report.level}: ${report.message}`)
        return
      case "failed":
        return this.#complain(report.message)
    }
  }

  #complain(what: string): void {
    const whole = [`${this.name || "a process"} ${what}`, this.#complaint.trim()].filter((part) => part !== "")
    this.#watcher.failed(whole.join(": "))
  }
}
