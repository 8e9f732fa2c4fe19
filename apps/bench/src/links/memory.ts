/**
 * Memory while a reader stops: the receiving program takes no message any more, and the sending one goes on as long as it may.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { RunContext, RunSection } from "../section.ts"
import { Book } from "./book.ts"
import { chosen, type Contestant } from "./contestants.ts"
import { LinkPair } from "./pair.ts"

const size = 16_384
/** 256 MiB of messages, and then it is enough. */
const count = 16_384
const mebibyte = 2 ** 20

/** One for each program, sending as it is meant to be sent with. */
const measured = ["slab", "slab-tls", "ws-send", "gc-tcp-batch", "gc-psk-batch", "gc-ws-batch"]

/** Where a look is enough. */
const inQuick = new Set(["slab", "gc-tcp-batch", "moleculer"])

const isMeasured = ({ name, rival }: Contestant): boolean => rival === true || measured.includes(name)

const notes: Record<string, string> = {
  moleculer: "events have no backpressure: each that came waits in its handler",
  "effect-rpc": "a call without a result is acknowledged when its handler begins: each waits there"
}

const rssOf = async (pair: LinkPair) => {
  const [listener, dialer] = await Promise.all([pair.listener({ order: "usage" }), pair.dialer({ order: "usage" })])
  return { listener: listener.rssBytes, dialer: dialer.rssBytes, sent: dialer.sent, problem: dialer.problem }
}

const sample = async (context: RunContext, contestant: Contestant, book: Book): Promise<void> => {
  const { name, pair: program } = contestant
  const pair = await LinkPair.start(context, program)
  try {
    await pair.listener({ order: "expect", variant: name, mode: "count", size, count: 64 })
    await Promise.all([
      pair.dialer({ order: "flood", variant: name, size, count: 64 }),
      pair.listener({ order: "arrival" })
    ])
    const before = await rssOf(pair)
    await pair.listener({ order: "expect", variant: name, mode: "unread", size, count })
    await pair.dialer({ order: "press", variant: name, size, count })
    const peak = { ...before }
    const until = performance.now() + (context.quick ? 500 : 1_500)
    while (performance.now() < until) {
      await sleep(100, undefined, { signal: context.signal })
      const now = await rssOf(pair)
      peak.listener = Math.max(peak.listener, now.listener)
      peak.dialer = Math.max(peak.dialer, now.dialer)
      peak.sent = now.sent
      peak.problem = now.problem
    }
    const what = "16 KiB messages to a reader that stopped"
    const note = peak.problem === "" ? notes[name] : `its link is lost: ${peak.problem}`
    book.add(what, name, "MiB more at the sender", (peak.dialer - before.dialer) / mebibyte, note)
    book.add(what, name, "MiB more at the receiver", (peak.listener - before.listener) / mebibyte)
    book.add(what, name, "MiB taken by send", (peak.sent * size) / mebibyte)
  } finally {
    pair.kill()
  }
}

/** Measures the resident memory of both ends, at most, over what it was before. */
export const memory: RunSection = async (context) => {
  const book = new Book("memory")
  const all = chosen(context.published, context.contestants)
    .filter(isMeasured)
    .filter(({ name }) => !context.quick || context.contestants !== undefined || inQuick.has(name))
  // Memory varies little: more rounds would only take time.
  const rounds = Math.min(context.rounds, 2)
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of all) {
      context.signal.throwIfAborted()
      context.progress(`memory: round ${round} of ${rounds}, ${contestant.name}`)
      try {
        await sample(context, contestant, book)
      } catch (error) {
        context.signal.throwIfAborted()
        const why = error instanceof Error ? error.message : String(error)
        context.progress(`memory: ${contestant.name} is left out: ${why}`)
      }
    }
  }
  return { name: "memory", measurements: book.all, ratios: [] }
}
