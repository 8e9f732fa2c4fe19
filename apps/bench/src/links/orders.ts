/**
 * What the benchmark asks the two ends of a link for, and what they answer.
 */

/** Where a pair's second process finds the first one, and what both share. */
interface Meeting {
  readonly address: string
  /** A cookie, and what keys are derived from: 64 hexadecimal digits. */
  readonly secret: string
}

/** What the serving end does with messages: counts them, sends them back, or leaves them unread. */
export type Mode = "count" | "echo" | "unread"

/** What an end is asked to do; the answer of each is in `Answers`. */
export type Order =
  | { readonly order: "listen"; readonly secret: string }
  | { readonly order: "connect"; readonly meeting: Meeting }
  | {
      readonly order: "expect"
      readonly variant: string
      readonly mode: Mode
      readonly size: number
      readonly count: number
    }
  | { readonly order: "arrival" }
  | { readonly order: "flood"; readonly variant: string; readonly size: number; readonly count: number }
  | { readonly order: "ping"; readonly variant: string; readonly size: number; readonly count: number }
  | {
      readonly order: "request"
      readonly variant: string
      readonly size: number
      readonly count: number
      readonly concurrency: number
    }
  | { readonly order: "press"; readonly variant: string; readonly size: number; readonly count: number }
  | { readonly order: "usage" }
  | { readonly order: "end" }

/** What each order is answered with. Times are milliseconds of the machine's monotonic clock. */
export interface Answers {
  readonly listen: { readonly address: string }
  readonly connect: { readonly connected: true }
  readonly expect: { readonly ready: true }
  readonly arrival: { readonly at: number }
  readonly flood: { readonly startedAt: number }
  /** Microseconds of each round trip, in order. */
  readonly ping: { readonly micros: ReadonlyArray<number> }
  readonly request: { readonly startedAt: number; readonly endedAt: number }
  readonly press: { readonly pressing: true }
  /** Microseconds of CPU since the last order that began work. */
  readonly usage: {
    readonly cpuMicros: number
    readonly rssBytes: number
    /** How many messages were handed over since then. */
    readonly sent: number
    /** Why sending ended; empty while it goes on. */
    readonly problem: string
  }
  readonly end: { readonly ended: true }
}

/** Milliseconds of a clock that all processes of the machine share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6
