/**
 * One sample of a contestant: the work is sized by what it did before, so that each takes about as long.
 */
import { percentile } from "../report/statistics.ts"
import type { Contestant } from "./contestants.ts"
import type { LinkPair } from "./pair.ts"

/** How long a sample takes, and what goes before it, in milliseconds. */
export interface Lengths {
  readonly sample: number
  readonly warmUp: number
  /** Before the first sample: until what is compiled late is compiled. */
  readonly first: number
}

/** What one-way sending came to. */
export interface OneWay {
  readonly messagesPerSecond: number
  readonly megabytesPerSecond: number
  /** Of both ends. */
  readonly cpuSecondsPerMillion: number
}

/** Microseconds. */
export interface RoundTrips {
  readonly p50: number
  readonly p99: number
}

interface Work {
  readonly count: number
  readonly millis: number
  readonly cpuMicros: number
}

type DoWork = (count: number) => Promise<Work>

const most = 50_000_000

/** Does as much as takes so many milliseconds, beginning with what is known of the rate, and then the sample itself. */
const sized = async (work: DoWork, lengths: Lengths, rates: Map<string, number>, key: string): Promise<Work> => {
  const known = rates.get(key)
  let rate = known ?? 0
  const began = performance.now()
  for (let count = known === undefined ? 64 : Math.ceil(known * lengths.warmUp); ;) {
    const { millis } = await work(count)
    rate = count / Math.max(millis, 0.01)
    const spent = performance.now() - began
    if (spent >= (known === undefined ? lengths.first : lengths.warmUp) || count >= most) break
    count = Math.min(most, Math.ceil(Math.min(count * 4, Math.max(rate * lengths.first * 0.5, 64))))
  }
  const done = await work(Math.min(most, Math.max(16, Math.ceil(rate * lengths.sample))))
  rates.set(key, done.count / Math.max(done.millis, 0.01))
  return done
}

const cpuOf = async (pair: LinkPair): Promise<number> => {
  const [one, other] = await Promise.all([pair.listener({ order: "usage" }), pair.dialer({ order: "usage" })])
  return one.cpuMicros + other.cpuMicros
}

/** Takes samples of contestants; remembers how fast each was. */
export class Sampler {
  readonly #rates = new Map<string, number>()
  readonly #lengths: Lengths

  constructor(lengths: Lengths) {
    this.#lengths = lengths
  }

  /** From the first `send` until the last message was there and looked at. */
  async oneWay(pair: LinkPair, { name }: Contestant, size: number): Promise<OneWay> {
    const work: DoWork = async (count) => {
      await pair.listener({ order: "expect", variant: name, mode: "count", size, count })
      const [{ startedAt }, { at }] = await Promise.all([
        pair.dialer({ order: "flood", variant: name, size, count }),
        pair.listener({ order: "arrival" })
      ])
      return { count, millis: at - startedAt, cpuMicros: await cpuOf(pair) }
    }
    const { count, cpuMicros, millis } = await sized(work, this.#lengths, this.#rates, `${name} ${size}`)
    const messagesPerSecond = (count / millis) * 1_000
    return {
      messagesPerSecond,
      megabytesPerSecond: (messagesPerSecond * size) / 1e6,
      cpuSecondsPerMillion: cpuMicros / count
    }
  }

  /** Round trips of 64 bytes, one at a time. */
  async roundTrips(pair: LinkPair, { name }: Contestant): Promise<RoundTrips> {
    let micros: ReadonlyArray<number> = []
    const work: DoWork = async (count) => {
      await pair.listener({ order: "expect", variant: name, mode: "echo", size: 64, count })
      micros = (await pair.dialer({ order: "ping", variant: name, size: 64, count })).micros
      return { count, millis: micros.reduce((sum, one) => sum + one / 1_000, 0), cpuMicros: 0 }
    }
    await sized(work, this.#lengths, this.#rates, `${name} ping`)
    return { p50: percentile(micros, 0.5), p99: percentile(micros, 0.99) }
  }

  /** Requests of 64 bytes for each second, a hundred at a time. */
  async requests(pair: LinkPair, { name }: Contestant): Promise<number> {
    const work: DoWork = async (count) => {
      await pair.listener({ order: "expect", variant: name, mode: "echo", size: 64, count })
      const { endedAt, startedAt } = await pair.dialer({
        order: "request",
        variant: name,
        size: 64,
        count,
        concurrency: 100
      })
      return { count, millis: endedAt - startedAt, cpuMicros: 0 }
    }
    const { count, millis } = await sized(work, this.#lengths, this.#rates, `${name} requests`)
    return (count / millis) * 1_000
  }
}
