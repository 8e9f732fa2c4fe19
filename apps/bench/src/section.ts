/**
 * What a section of the benchmark answers: samples, one for each round, and the ratios that the targets speak of.
 */

/** The samples of one contestant at one thing. */
export interface Measurement {
  readonly section: string
  readonly what: string
  readonly contestant: string
  readonly unit: string
  /** One for each round. */
  readonly samples: ReadonlyArray<number>
  readonly note?: string
}

/** What a ratio has to keep to. */
export interface Target {
  readonly op: "<=" | ">="
  readonly bound: number
}

/** One contestant beside another at the same thing, or a figure that has a bound of its own. */
export interface Ratio {
  readonly what: string
  readonly of: string
  /** What it is compared with; empty where `value` is the figure itself. */
  readonly to: string
  /** The median of the ratios of the rounds. */
  readonly value: number
  /** The smallest and the largest of them. */
  readonly spread?: readonly [number, number]
  readonly target?: Target
  /** A weaker bound, without which the run fails. */
  readonly required?: Target
  /** Which comparison is like for like, and what differs. */
  readonly likeForLike: string
}

/** What came of a section. */
export interface Section {
  readonly name: string
  readonly measurements: ReadonlyArray<Measurement>
  readonly ratios: ReadonlyArray<Ratio>
}

/** How a section is asked to run. */
export interface RunContext {
  /** Children run gc as published (its dist, from rivals/node_modules); tests run its sources, and have no rivals. */
  readonly published: boolean
  /** Only these contestants; all where nothing is said. */
  readonly contestants?: ReadonlyArray<string>
  /** Only these sizes of messages, in bytes. */
  readonly sizes?: ReadonlyArray<number>
  /** A folder for a CPU profile of every child. */
  readonly cpuProf?: string
  readonly quick: boolean
  readonly rounds: number
  /** Says what is under way; it goes to stderr. */
  readonly progress: (line: string) => void
  /** Aborted by Ctrl-C: every child process ends. */
  readonly signal: AbortSignal
}

/** Measures one section. */
export type RunSection = (context: RunContext) => Promise<Section>
