/**
 * The dialing end of gc's channel that is typed by a schema.
 */
import * as Channel from "@gc/core/Channel"
import type { NodeName } from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Client } from "./desk.ts"
import type { Run } from "./gcBytesClient.ts"

/** A message of the typed channel: the size that is spoken of is that of its text. */
export const Note = Schema.Struct({ id: Schema.Number, text: Schema.String })

/** Opens the channel. It sends one message at a time: there is no other way. */
export const makeTypedClient = (peer: NodeName) =>
  Effect.gen(function* () {
    const channel = yield* Channel.make("typed", Note)
    const replies = yield* Queue.unbounded<number>()
    yield* Effect.forkScoped(Stream.runForEach(channel.messages, ({ message }) => Queue.offer(replies, message.id)))
    const flood = Effect.fnUntraced(function* (size: number, count: number, sent: (count: number) => void) {
      const text = "x".repeat(size)
      for (let id = 0; id < count; id++) {
        yield* channel.send(peer, { id, text })
        sent(id + 1)
      }
    })
    const pings = Effect.fnUntraced(function* (size: number, count: number) {
      const text = "x".repeat(size)
      const micros: Array<number> = []
      for (let id = 0; id < count; id++) {
        const before = performance.now()
        yield* channel.send(peer, { id, text })
        yield* Queue.take(replies)
        micros.push((performance.now() - before) * 1_000)
      }
      return micros
    })
    /** Replies come in the order of the requests, so that many in flight are a window over them. */
    const requests = Effect.fnUntraced(function* (size: number, count: number, concurrency: number) {
      const text = "x".repeat(size)
      for (let id = 0; id < count; id++) {
        yield* channel.send(peer, { id, text })
        if (id >= concurrency - 1) yield* Queue.take(replies)
      }
      for (let id = 0; id < Math.min(count, concurrency - 1); id++) yield* Queue.take(replies)
    })
    return (run: Run): Client => ({
      flood: (size, count, sent) => run(flood(size, count, sent)),
      ping: (size, count) => run(pings(size, count)),
      request: (size, count, concurrency) => run(requests(size, count, concurrency))
    })
  })
