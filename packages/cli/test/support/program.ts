/**
 * Runs gcluster as its users do: a process of its own, with a home, a working directory and an epmd port of its own.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url))

/** What a program may take to say something, in milliseconds: where 40 processes wait for each CPU, starting alone takes long. */
export const patience = 60_000

/** One line of `--json`. */
export interface Line {
  readonly event: string
  readonly node: string
  readonly [more: string]: unknown
}

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A port that nobody had a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** A process of gcluster and what it has said so far. */
export class Program {
  stdout = ""
  stderr = ""
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Outcome>
  private readonly look: Set<() => void> = new Set()

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child
    child.stdin.on("error", () => {})
    const listen = (stream: NodeJS.ReadableStream, add: (text: string) => void) =>
      stream.setEncoding("utf8").on("data", (text: string) => {
        add(text)
        for (const each of this.look) each()
      })
    listen(child.stdout, (text) => (this.stdout += text))
    listen(child.stderr, (text) => (this.stderr += text))
    this.ended = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
        for (const each of this.look) each()
      })
    })
  }

  /** The whole lines of JSON on stdout. */
  get events(): ReadonlyArray<Line> {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf("\n") + 1)
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line)
  }

  /** Waits for something that it says. Fails with all that it said when it ends before. */
  until<A>(what: string, find: () => A | undefined | false): Promise<A> {
    return new Promise((resolve, reject) => {
      const said = () => `${what} never came\nstdout: ${this.stdout}\nstderr: ${this.stderr}`
      const settle = (then: () => void) => {
        this.look.delete(look)
        clearTimeout(timer)
        then()
      }
      const look = () => {
        const found = find()
        if (found !== undefined && found !== false) settle(() => resolve(found))
        else if (this.child.exitCode !== null || this.child.signalCode !== null) settle(() => reject(new Error(said())))
      }
      const timer = setTimeout(() => settle(() => reject(new Error(said()))), patience)
      this.look.add(look)
      look()
    })
  }

  /** Waits for an event of a node. */
  event(event: string, node: string): Promise<Line> {
    return this.until(`${event} ${node}`, () => this.events.find((each) => each.event === event && each.node === node))
  }

  /** Waits for a text on stdout. */
  said(text: string): Promise<true> {
    return this.until(JSON.stringify(text), () => this.stdout.includes(text))
  }

  type(line: string): void {
    this.child.stdin.write(`${line}\n`)
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

/** A folder for one test, and the programs that run in it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "gcluster-"))
  readonly home = join(this.folder, "home")
  private readonly programs: Array<Program> = []
  private readonly epmdPort: number

  private constructor(epmdPort: number) {
    this.epmdPort = epmdPort
    mkdirSync(this.home)
  }

  static async make(): Promise<Place> {
    return new Place(await freePort())
  }

  /** Writes a file, or a value as JSON, and gives its path. */
  write(path: string, content: string | object): string {
    const absolute = join(this.folder, path)
    mkdirSync(dirname(absolute), { recursive: true })
    writeFileSync(absolute, typeof content === "string" ? content : JSON.stringify(content))
    return absolute
  }

  /**
   * Writes a package into the place's node_modules; its `.` is for `import` alone. Beside it is another copy of effect and of
   * core, which must not be loaded.
   */
  install(name: string, source: string): void {
    const exports = { ".": { import: "./index.js" } }
    this.write(`node_modules/${name}/package.json`, { name, version: "1.0.0", type: "module", exports })
    this.write(`node_modules/${name}/index.js`, source)
    for (const other of ["effect", "@gc/core"]) {
      const exports = { "./*": "./copy.js" }
      this.write(`node_modules/${other}/package.json`, { name: other, version: "1.0.0", type: "module", exports })
      this.write(`node_modules/${other}/copy.js`, `throw new Error("another copy of ${other} was loaded")`)
    }
  }

  start(args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Program {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: this.folder,
      env: {
        PATH: process.env["PATH"],
        HOME: this.home,
        ERL_EPMD_PORT: String(this.epmdPort),
        NODE_COMPILE_CACHE: compileCache,
        ...env
      }
    })
    const program = new Program(child)
    this.programs.push(program)
    return program
  }

  /** Runs it to its end, with nothing to read. */
  run(args: ReadonlyArray<string>, env?: Readonly<Record<string, string>>): Promise<Outcome> {
    const program = this.start(args, env)
    program.child.stdin.end()
    return program.ended
  }

  async close(): Promise<void> {
    for (const { child } of this.programs) child.kill("SIGKILL")
    await Promise.all(this.programs.map(({ ended }) => ended))
    rmSync(this.folder, { recursive: true, force: true })
  }
}
