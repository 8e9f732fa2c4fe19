import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { PassThrough } from "node:stream"
import type { ByteStream } from "../../src/internal/stream/byteStream.ts"
import { Inbox } from "../../src/internal/stream/inbox.ts"
import { ReceivingHalf } from "../../src/internal/receivingHalf.ts"
import { dataHead } from "../../src/protocol/linkFrames.ts"

const remote = { transport: "test", text: "test://", host: Option.none() }

const data = (id: number, size: number, more = false): Buffer => {
  const head = dataHead(id, more)
  const frame = Buffer.alloc(4 + head.length + size, id)
  frame.writeUInt32BE(head.length + size)
  frame.set(head, 4)
  return frame
}

/** Bytes in memory of their own, as a socket of Node emits them. */
const chunkOf = (...frames: ReadonlyArray<Uint8Array>): Buffer => {
  const joined = Buffer.concat(frames)
  const chunk = Buffer.from(new ArrayBuffer(joined.length))
  chunk.set(joined)
  return chunk
}

const open = (exclusive: boolean) => {
  const stream = new PassThrough()
  const inbox = new Inbox(stream as unknown as ByteStream, remote, exclusive)
  inbox.limitFrames(100_000)
  inbox.open()
  const half = new ReceivingHalf(1_000_000, exclusive, () => {})
  assert.isTrue(half.open(1, "one"))
  const push = (chunk: Buffer): void => void stream.emit("data", chunk)
  /** What a link does with a batch. */
  const receive = Effect.map(inbox.receive, (frames) => {
    const arrived = frames.map((frame) => half.data(frame, "peer"))
    if (!half.keepsChunk()) inbox.recycle()
    return arrived.flatMap((each) => (each._tag === "Message" ? [each.bytes] : []))
  })
  return { push, receive }
}

const isFilled = (bytes: Uint8Array, size: number): boolean =>
  bytes.length === size && bytes.every((byte) => byte === 1)

describe("the inbox", () => {
  it.effect("frees a chunk whose messages were copied out of it, and its messages stay what they were", () =>
    Effect.gen(function* () {
      const { push, receive } = open(true)
      const sizes = [60, 3_000, 100, 3_000, 60, 3_000, 3_000, 1, 3_000]
      const chunk = chunkOf(...sizes.map((size) => data(1, size)))
      push(chunk)
      const messages = yield* receive
      assert.strictEqual(chunk.buffer.byteLength, 0)
      assert.lengthOf(messages, sizes.length)
      assert.isTrue(messages.every((bytes, index) => isFilled(bytes, sizes[index]!)))
    })
  )

  it.effect("keeps a chunk that a large message lies in", () =>
    Effect.gen(function* () {
      const { push, receive } = open(true)
      const chunk = chunkOf(data(1, 20_000), data(1, 60))
      push(chunk)
      const [large, small] = yield* receive
      assert.isAbove(chunk.buffer.byteLength, 0)
      assert.isTrue(isFilled(large!, 20_000) && isFilled(small!, 60))
    })
  )

  it.effect("frees no chunk that is not read to its end, and none that somebody else may read", () =>
    Effect.gen(function* () {
      const whole = data(1, 60)
      const { push, receive } = open(true)
      const [first, second] = [chunkOf(whole, whole.subarray(0, 30)), chunkOf(whole.subarray(30))]
      push(first)
      assert.isTrue(isFilled((yield* receive)[0]!, 60))
      push(second)
      assert.isTrue(isFilled((yield* receive)[0]!, 60))
      assert.strictEqual(second.buffer.byteLength, 0)

      const shared = Buffer.from(new ArrayBuffer(100)).subarray(10)
      shared.set(whole)
      push(shared.subarray(0, whole.length))
      yield* receive
      assert.strictEqual(shared.buffer.byteLength, 100)

      const others = open(false)
      const chunk = chunkOf(whole)
      others.push(chunk)
      yield* others.receive
      assert.isAbove(chunk.buffer.byteLength, 0)
    })
  )

  it.effect("puts a message together whose pieces come in many chunks, all of which are freed", () =>
    Effect.gen(function* () {
      const { push, receive } = open(true)
      const bytes = Buffer.concat([data(1, 60_000, true), data(1, 50_000, true), data(1, 40_000)])
      const chunks = [0, 30_000, 60_010, 60_011, 120_000, 149_000].map((from, index, all) =>
        chunkOf(bytes.subarray(from, all[index + 1] ?? bytes.length))
      )
      const messages: Array<Uint8Array> = []
      const reader = yield* Effect.forkChild(
        Effect.whileLoop({
          while: () => messages.length === 0,
          body: () => receive,
          step: (some) => messages.push(...some)
        })
      )
      for (const chunk of chunks) {
        push(chunk)
        yield* Effect.yieldNow
      }
      yield* Effect.whileLoop({ while: () => messages.length === 0, body: () => Effect.yieldNow, step: () => {} })
      assert.isTrue(isFilled(messages[0]!, 150_000))
      assert.isTrue(chunks.every((chunk) => chunk.buffer.byteLength === 0))
      assert.isDefined(reader)
    })
  )
})
