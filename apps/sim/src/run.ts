import type { NodeOptions } from "@gc/core/protocol"
import type { Protocol, Seen } from "./types.ts"
import { type Host, World } from "./world.ts"

/** A figure of a scenario and its bound; times in milliseconds. A `total` is a count over a whole run. */
export interface Figure {
  readonly name: string
  readonly p50?: number
  readonly p99?: number
  readonly max?: number
  readonly total?: number
  /** Shown and not judged: a count, or values like the others. */
  readonly shown?: "total" | "values"
}

export interface Scenario {
  readonly name: string
  /** What of GC/1 section 8 it shows. */
  readonly title: string
  readonly figures: (size: number) => ReadonlyArray<Figure>
  readonly node?: Partial<NodeOptions>
  /** Nothing is cut, stopped or killed: what it says of a death is wrong. */
  readonly faultless?: boolean
  /** How many seeds for which N. */
  readonly plan: Readonly<Record<"short" | "default" | "long", Readonly<Record<number, number>>>>
  readonly run: (run: Run) => void
}

/** What one run of a scenario gave. */
export interface Outcome {
  readonly scenario: string
  readonly size: number
  readonly seed: number
  readonly samples: Readonly<Record<string, ReadonlyArray<number>>>
  readonly problems: ReadonlyArray<string>
  readonly hash: string
  readonly events: number
  readonly nodeHours: number
  /** Of the machine's time. */
  readonly tookMs: number
}

/** How long a world may take until every view equals the truth, once nothing happens to it any more. */
const quietTime = 40_000

/** One run: a world, and what was measured in it. */
export class Run {
  readonly world: World
  readonly size: number
  readonly problems: Array<string> = []
  readonly samples: Record<string, Array<number>> = {}
  /** When the last fault began. */
  since = 0

  constructor(protocol: Protocol, scenario: Scenario, size: number, seed: number) {
    this.size = size
    this.world = new World({ protocol, seed, size, ...(scenario.node !== undefined && { node: scenario.node }) })
  }

  /** All nodes start within a second and come together; then the lists of peers have been exchanged. */
  form(): void {
    this.world.startAll(1_000)
    if (this.world.runUntil(() => this.world.isWhole(), 60_000) === Infinity) this.fail("the mesh did not form in 60 s")
    this.world.runFor(6_000)
  }

  /** Something happens now: what follows is measured from here. */
  now(happens: () => void): void {
    this.world.runFor(1_000 * this.world.random.next())
    this.world.log.keep()
    this.since = this.world.now
    happens()
  }

  get events(): ReadonlyArray<Seen> {
    return this.world.log.kept
  }

  measure(figure: string, value: number): void {
    this.samples[figure] ??= []
    this.samples[figure].push(value)
  }

  /** When each observer said this of one of the subjects, from the fault on. */
  measureEvents(figure: string, tag: Seen["tag"], subjects: ReadonlySet<number>): number {
    let found = 0
    for (const event of this.events) {
      if (event.tag !== tag || !subjects.has(event.subject)) continue
      this.measure(figure, event.at - this.since)
      found++
    }
    return found
  }

  count(tag: Seen["tag"], which: (event: Seen) => boolean = () => true): number {
    let found = 0
    for (const event of this.events) if (event.tag === tag && which(event)) found++
    return found
  }

  /** Counts what must not be said: of anybody but the subjects. */
  countFalse(figure: string, tag: Seen["tag"], subjects: ReadonlySet<number> = new Set()): void {
    this.measure(
      figure,
      this.count(tag, ({ subject }) => !subjects.has(subject))
    )
  }

  fail(problem: string): void {
    if (this.problems.length < 20) this.problems.push(problem)
  }

  expect(holds: boolean, problem: string): void {
    if (!holds) this.fail(problem)
  }

  /** Nothing happens any more: within 40 s every view equals the truth. */
  quiet(groupOf?: (host: number) => number): number {
    const took = this.world.runUntil(() => this.world.isWhole(groupOf), quietTime, 500)
    if (took === Infinity) {
      const wrong = this.world.wrongViews(groupOf)
      this.fail(`after 40 s of quiet ${wrong.length} views are wrong: ${wrong.slice(0, 3).join("; ")}`)
    }
    for (const node of this.world.nodes) this.world.invariants.audit(node, this.world.now)
    return took
  }

  /** Some hosts, each once, in random order. */
  pick(count: number): ReadonlyArray<Host> {
    const pool = [...this.world.hosts]
    for (let index = pool.length - 1; index > 0; index--) {
      const other = Math.floor(this.world.random.next() * (index + 1))
      const moved = pool[index] as Host
      pool[index] = pool[other] as Host
      pool[other] = moved
    }
    return pool.slice(0, Math.min(count, pool.length))
  }
}

/** Runs a scenario once. Everything follows from the seed. */
export const runScenario = (protocol: Protocol, scenario: Scenario, size: number, seed: number): Outcome => {
  const began = performance.now()
  const run = new Run(protocol, scenario, size, seed)
  try {
    scenario.run(run)
  } catch (error) {
    run.fail(`it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
  const { invariants, log, now } = run.world
  return {
    scenario: scenario.name,
    size,
    seed,
    samples: run.samples,
    problems: [...run.problems, ...invariants.broken.slice(0, 10)],
    hash: log.hash,
    events: log.size,
    nodeHours: (size * now) / 3_600_000,
    tookMs: performance.now() - began
  }
}
