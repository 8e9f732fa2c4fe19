/**
 * A node as an operating-system process.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { type Configuration, type Order, Report } from "./messages.ts"

const program = fileURLToPath(new URL("node.ts", import.meta.url))

/** Node keeps here what one node compiled, so that the next ones load in a third of the time. It does without when it cannot. */
const compileCache = fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url))

const readReport = Schema.decodeUnknownResult(Schema.fromJsonString(Report))

/** Who wants to know what becomes of a process. */
export interface Watcher {
  readonly reported: (report: Report) => void
  /** It printed something else, or ended although nobody asked it to, or not as it should. */
  readonly failed: (problem: string) => void
}

/** One process; it lives until it is killed, told to leave, or its stdin ends. */
export class NodeProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #watcher: Watcher
  #asked = false
  #killed = false
  #complaint = ""
  readonly ended: Promise<void>

  constructor(name: string, watcher: Watcher) {
    this.name = name
    this.#watcher = watcher
    // A process group of its own: a terminal's Ctrl-C is for the demo, which then ends its nodes in order.
    this.#child = spawn(process.execPath, ["--no-warnings", program], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { NODE_COMPILE_CACHE: compileCache },
      detached: true
    })
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => this.#complain(`cannot start: ${error.message}`))
      this.#child.on("close", (code, signal) => {
        const fine = this.#killed || (this.#asked && code === 0)
        if (!fine) this.#complain(`ended with ${signal ?? `code ${code}`}`)
        resolve()
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
    this.#child.stdin?.write(`${JSON.stringify(configuration)}\n`)
  }

  tell(order: Order): void {
    if (order === "leave") this.#asked = true
    this.#child.stdin?.write(`${order}\n`)
  }

  /** SIGKILL, which no process can refuse. */
  kill(): void {
    this.#killed = true
    this.#child.kill("SIGKILL")
  }

  /** Ends its stdin: it leaves, whatever it was doing. */
  dismiss(): void {
    this.#asked = true
    this.#child.stdin?.end()
  }

  #read(line: string): void {
    const report = readReport(line)
    if (Result.isSuccess(report)) this.#watcher.reported(report.success)
    else this.#watcher.failed(`${this.name} printed what is no report: ${line.slice(0, 200)}`)
  }

  #complain(what: string): void {
    this.#watcher.failed([`${this.name} ${what}`, this.#complaint.trim()].filter((part) => part !== "").join(": "))
  }
}
