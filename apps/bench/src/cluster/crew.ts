/** The processes of one cluster: started together, told to go together, and ended whatever happens. */
import { type ChildProcess, fork } from "node:child_process"
import { compiled } from "./compiled.ts"
import type { Contestant } from "./contestants.ts"
import { freePorts } from "./ports.ts"
import type { Order, Report, Seat } from "./roles/role.ts"

/** What loading may take, in milliseconds: 50 processes on two busy CPUs. */
const loadWithin = 120_000

/** What an answer that nothing has to happen for may take, in milliseconds. */
const answerWithin = 20_000

/** Milliseconds on the machine's monotonic clock. */
export const now = (): number => Number(process.hrtime.bigint()) / 1_000_000

/** An order that is answered. */
type Asked = Extract<Order, { readonly id: number }>
type WithoutId<O> = O extends Asked ? Omit<O, "id"> : never
type Answer = Extract<Report, { readonly id: number }>

/** One process, and the nodes it is to hold. */
export interface Process {
  readonly seats: ReadonlyArray<Seat>
  /** Answers when it has loaded. */
  readonly loaded: Promise<void>
  readonly pid: number
  readonly tell: (order: Order) => void
  /** Answers nothing when there is no answer in time. */
  readonly ask: (order: WithoutId<Asked>, within?: number) => Promise<Answer | undefined>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Promise<void>
}

/** How processes are started. */
export interface CrewOptions {
  readonly contestant: Contestant
  /** How many nodes each process holds; a node is called by its place, from 1. */
  readonly nodes: ReadonlyArray<number>
  /** Whether gc is taken as it is published, from rivals/node_modules, and not from the sources beside. */
  readonly published: boolean
  readonly signal: AbortSignal
}

/** What a process has used since its start. */
export interface Usage {
  readonly at: number
  readonly cpuMillis: number
  readonly rssBytes: number
}

/** The processes of one cluster. */
export class Crew {
  readonly processes: ReadonlyArray<Process>
  /** When the first process was started. */
  readonly spawnedAt: number
  #seats: ReadonlyArray<Seat> = []
  readonly #end: () => void
  readonly #failed: Promise<never>

  private constructor(processes: ReadonlyArray<Process>, spawnedAt: number, failed: Promise<never>, end: () => void) {
    this.processes = processes
    this.spawnedAt = spawnedAt
    this.#failed = failed
    this.#end = end
  }

  /** All nodes, in the order of their places. */
  get seats(): ReadonlyArray<Seat> {
    return this.#seats
  }

  /** Starts the processes, uses them, and ends them. */
  static async use<A>(options: CrewOptions, use: (crew: Crew) => Promise<A>): Promise<A> {
    options.signal.throwIfAborted()
    const ports = await freePorts(options.nodes.reduce((sum, each) => sum + each, 0))
    const problem = Promise.withResolvers<never>()
    problem.promise.catch(() => {})
    const spawnedAt = now()
    let place = 0
    const children = options.nodes.map((nodes) => {
      const seats = Array.from({ length: nodes }, () => ({ name: `n${place + 1}`, port: ports[place++] as number }))
      return startProcess(options, seats, problem.reject)
    })
    const killAll = (): void => {
      for (const { kill } of children) kill()
    }
    const abort = (): void => problem.reject(options.signal.reason)
    options.signal.addEventListener("abort", abort)
    process.on("exit", killAll)
    const processes = children.map(({ made }) => made)
    const crew = new Crew(processes, spawnedAt, problem.promise, killAll)
    try {
      await crew.#bounded(Promise.all(processes.map(({ loaded }) => loaded)), loadWithin, "to load")
      crew.#seats = processes.flatMap(({ seats }) => seats)
      return await Promise.race([problem.promise, use(crew)])
    } finally {
      crew.#end()
      await Promise.all(processes.map(({ ended }) => ended))
      process.off("exit", killAll)
      options.signal.removeEventListener("abort", abort)
    }
  }

  /** Tells these processes to start their nodes, and when they were told. */
  go(processes: ReadonlyArray<Process> = this.processes): number {
    const at = now()
    for (const each of processes) each.tell({ order: "go", nodes: each.seats, seats: this.#seats })
    return at
  }

  /** Since when every node of these processes sees all of `up` and none of `gone`; nothing when that is not so in time. */
  async sees(
    processes: ReadonlyArray<Process>,
    { up = [], gone = [] }: { readonly up?: ReadonlyArray<Process>; readonly gone?: ReadonlyArray<Process> },
    within: number
  ): Promise<number | undefined> {
    const names = (some: ReadonlyArray<Process>) => some.flatMap(({ seats }) => seats.map(({ name }) => name))
    const order = { order: "watch", up: names(up), gone: names(gone) } as const
    return this.#latest(
      processes.map((each) => each.ask(order, within)),
      within
    )
  }

  /** When the last of these processes had got so many messages since its start. */
  async receive(processes: ReadonlyArray<Process>, messages: (to: Process) => number, within: number) {
    return this.#latest(
      processes.map((each) => each.ask({ order: "received", messages: messages(each) }, within)),
      within
    )
  }

  /** What these processes have used. */
  async usage(processes: ReadonlyArray<Process>): Promise<ReadonlyArray<Usage>> {
    const answers = await this.#race(Promise.all(processes.map((each) => each.ask({ order: "usage" }, answerWithin))))
    return answers.map((answer) => {
      if (answer?.report !== "usage") throw new Error("A process did not say what it uses.")
      return answer
    })
  }

  /** Waits. */
  async rest(millis: number): Promise<void> {
    await this.#race(new Promise((resolve) => setTimeout(resolve, millis)))
  }

  async #latest(asked: ReadonlyArray<Promise<Answer | undefined>>, within: number): Promise<number | undefined> {
    const answers = await this.#bounded(Promise.all(asked), within + answerWithin, "to answer")
    if (answers.includes(undefined)) return undefined
    return answers.reduce((last, answer) => Math.max(last, answer?.at ?? 0), 0)
  }

  #race<A>(promise: Promise<A>): Promise<A> {
    return Promise.race([this.#failed, promise])
  }

  async #bounded<A>(promise: Promise<A>, within: number, what: string): Promise<A> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`waited ${within / 1_000} s for processes ${what}`)), within)
    try {
      return await this.#race(Promise.race([late.promise, promise]))
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Starts one process. Whatever it fails at, and an end that nobody asked for, is a failure of the whole crew. */
const startProcess = (
  { contestant, published }: CrewOptions,
  seats: ReadonlyArray<Seat>,
  fail: (error: Error) => void
): { readonly made: Process; readonly kill: () => void } => {
  const program = published ? compiled(contestant.program) : contestant.program
  const child: ChildProcess = fork(program, [...(contestant.args ?? [])], {
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"]
  })
  const loaded = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const waiting = new Map<number, (answer: Answer | undefined) => void>()
  let [asked, dismissed, complaint] = [0, false, ""]
  const own = seats.map((seat) => ({ ...seat }))
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000)
  })
  child.on("message", (report: Report) => {
    if (report.report === "failed") fail(new Error(`A process of ${contestant.name} failed: ${report.message}`))
    else if (report.report === "loaded") {
      for (const seat of own) if (report.identity !== undefined) Object.assign(seat, { identity: report.identity })
      loaded.resolve()
    } else waiting.get(report.id)?.(report)
  })
  child.once("error", (error) => {
    fail(error)
    ended.resolve()
  })
  child.once("exit", (code, signal) => {
    ended.resolve()
    if (!dismissed) fail(new Error(`A process of ${contestant.name} ended (${signal ?? code}): ${complaint}`))
  })
  const tell = (order: Order): void => {
    if (order.order === "leave") dismissed = true
    if (child.connected) child.send(order, () => {})
  }
  const signal = (name: NodeJS.Signals): void => {
    if (name === "SIGKILL") dismissed = true
    child.kill(name)
  }
  const ask: Process["ask"] = (order, within = answerWithin) =>
    new Promise((resolve) => {
      const id = ++asked
      const over = (answer: Answer | undefined): void => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(answer)
      }
      const timer = setTimeout(() => over(undefined), within)
      waiting.set(id, over)
      tell({ ...order, id } as Order)
    })
  const made: Process = {
    seats: own,
    loaded: loaded.promise,
    pid: child.pid ?? 0,
    tell,
    ask,
    signal,
    ended: ended.promise
  }
  return { made, kill: () => signal("SIGKILL") }
}
