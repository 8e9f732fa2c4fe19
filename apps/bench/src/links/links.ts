/**
 * Links: messages one way, round trips, and a hundred requests at a time.
 */
import type { RunContext, RunSection } from "../section.ts"
import { Book } from "./book.ts"
import { chosen, type Contestant } from "./contestants.ts"
import { LinkPair } from "./pair.ts"
import { linkRatios } from "./ratios.ts"
import { type Lengths, Sampler } from "./samples.ts"

const full: Lengths = { sample: 400, warmUp: 100, first: 600 }
const quick: Lengths = { sample: 80, warmUp: 20, first: 80 }

/** The pairs of processes of a run, each started when it is needed first, and not again when it failed. */
class Pairs {
  readonly #context: RunContext
  readonly #started = new Map<string, Promise<LinkPair | undefined>>()

  constructor(context: RunContext) {
    this.#context = context
  }

  /** Nothing where the pair failed. */
  of({ pair }: Contestant): Promise<LinkPair | undefined> {
    const known = this.#started.get(pair)
    if (known !== undefined) return known
    this.#context.progress(`links: starts ${pair}`)
    const started = LinkPair.start(this.#context, pair).catch((error: unknown) => this.#lost(pair, error))
    this.#started.set(pair, started)
    return started
  }

  /** Gives a pair up. */
  async drop({ pair }: Contestant, error: unknown): Promise<void> {
    const lost = await this.#started.get(pair)
    this.#started.set(pair, Promise.resolve(this.#lost(pair, error)))
    lost?.kill()
  }

  async end(): Promise<void> {
    const all = await Promise.all(this.#started.values())
    await Promise.all(all.map(async (pair) => pair?.end()))
  }

  #lost(pair: string, error: unknown): undefined {
    this.#context.progress(`links: ${pair} is left out: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Step {
  readonly what: string
  readonly of: ReadonlyArray<Contestant>
  readonly take: (pair: LinkPair, contestant: Contestant, book: Book) => Promise<void>
}

/** How a size is written. */
const sizeText = (size: number): string => (size >= 1_024 ? `${size / 1_024} KiB` : `${size} B`)

const sizesOf = ({ quick, sizes }: RunContext): ReadonlyArray<number> =>
  sizes ?? (quick ? [64, 16_384] : [64, 1_024, 16_384, 262_144])

const stepsOf = (context: RunContext, sampler: Sampler): ReadonlyArray<Step> => {
  const all = chosen(context.published, context.contestants)
  const calling = all.filter(({ calls }) => calls)
  const oneWay = sizesOf(context).map((size): Step => {
    const what = `one way, ${sizeText(size)}`
    return {
      what,
      of: all,
      take: async (pair, contestant, book) => {
        const sample = await sampler.oneWay(pair, contestant, size)
        book.add(what, contestant.name, "messages/s", sample.messagesPerSecond)
        book.add(what, contestant.name, "MB/s", sample.megabytesPerSecond)
        book.add(what, contestant.name, "CPU s/M", sample.cpuSecondsPerMillion)
      }
    }
  })
  if (context.sizes !== undefined) return oneWay
  return [
    ...oneWay,
    {
      what: "round trips of 64 B",
      of: calling,
      take: async (pair, contestant, book) => {
        const { p50, p99 } = await sampler.roundTrips(pair, contestant)
        book.add("ping-pong 64 B, p50", contestant.name, "µs", p50)
        book.add("ping-pong 64 B, p99", contestant.name, "µs", p99)
      }
    },
    {
      what: "100 requests at a time",
      of: calling,
      take: async (pair, contestant, book) =>
        book.add("100 requests at a time", contestant.name, "requests/s", await sampler.requests(pair, contestant))
    }
  ]
}

const play = async (context: RunContext, { of, take, what }: Step, pairs: Pairs, book: Book): Promise<void> => {
  for (const contestant of of) {
    context.signal.throwIfAborted()
    const pair = await pairs.of(contestant)
    if (pair === undefined) continue
    try {
      await take(pair, contestant, book)
    } catch (error) {
      context.signal.throwIfAborted()
      context.progress(`links: ${contestant.name} failed at ${what}`)
      await pairs.drop(contestant, error)
    }
  }
}

/** Measures links: in each round every contestant does the same thing after another, and then the next thing. */
export const links: RunSection = async (context) => {
  const pairs = new Pairs(context)
  const book = new Book("links")
  const steps = stepsOf(context, new Sampler(context.quick ? quick : full))
  try {
    for (let round = 1; round <= context.rounds; round++) {
      for (const step of steps) {
        context.progress(`links: round ${round} of ${context.rounds}, ${step.what}`)
        await play(context, step, pairs, book)
      }
    }
  } finally {
    await pairs.end()
  }
  const measurements = book.all
  return { name: "links", measurements, ratios: linkRatios(measurements) }
}
