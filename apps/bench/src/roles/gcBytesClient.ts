/**
 * The dialing end of gc's channel of bytes.
 */
import * as Channel from "@gc/core/Channel"
import type { NodeName } from "@gc/core/NodeName"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { batchOf, type Client, messagesOf, numbered, numberOf } from "./desk.ts"

/** Runs an effect where the node lives. */
export type Run = <A>(effect: Effect.Effect<A, unknown>) => Promise<A>

/** Opens the channel; the client sends in batches, or one message at a time. */
export const makeBytesClient = (peer: NodeName) =>
  Effect.gen(function* () {
    const channel = yield* Channel.bytes("bytes")
    const waiting = new Map<number, Deferred.Deferred<void>>()
    let next = 0
    const replies = Effect.gen(function* () {
      while (true) {
        for (const { message } of yield* channel.receive) {
          const id = numberOf(message)
          const reply = waiting.get(id)
          waiting.delete(id)
          if (reply !== undefined) yield* Deferred.succeed(reply, undefined)
        }
      }
    })
    yield* Effect.forkScoped(replies)

    const inBatches = Effect.fnUntraced(function* (size: number, count: number, sent: (count: number) => void) {
      const messages = messagesOf(size)
      const most = batchOf(size)
      for (let index = 0; index < count;) {
        const batch: Array<Uint8Array> = []
        for (const end = Math.min(count, index + most); index < end; index++) {
          batch.push(messages[index & 15] as Uint8Array)
        }
        yield* channel.sendAll(peer, batch)
        sent(index)
      }
    })
    const oneByOne = Effect.fnUntraced(function* (size: number, count: number, sent: (count: number) => void) {
      const messages = messagesOf(size)
      for (let index = 0; index < count; index++) {
        yield* channel.send(peer, messages[index & 15] as Uint8Array)
        sent(index + 1)
      }
    })
    const call = Effect.fnUntraced(function* (size: number) {
      const id = next++ >>> 0
      const reply = Deferred.makeUnsafe<void>()
      waiting.set(id, reply)
      yield* channel.send(peer, numbered(size, id))
      yield* Deferred.await(reply)
    })
    const pings = Effect.fnUntraced(function* (size: number, count: number) {
      const micros: Array<number> = []
      for (let index = 0; index < count; index++) {
        const before = performance.now()
        yield* call(size)
        micros.push((performance.now() - before) * 1_000)
      }
      return micros
    })
    const requests = Effect.fnUntraced(function* (size: number, count: number, concurrency: number) {
      let begun = 0
      const worker = Effect.gen(function* () {
        while (begun++ < count) yield* call(size)
      })
      yield* Effect.all(
        Array.from({ length: concurrency }, () => worker),
        { concurrency: "unbounded", discard: true }
      )
    })
    return (run: Run, batched: boolean): Client => ({
      flood: (size, count, sent) => run(batched ? inBatches(size, count, sent) : oneByOne(size, count, sent)),
      ping: (size, count) => run(pings(size, count)),
      request: (size, count, concurrency) => run(requests(size, count, concurrency))
    })
  })
