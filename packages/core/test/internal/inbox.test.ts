import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { PassThrough } from "node:stream"
import type { ByteStream } from "../../src/internal/stream/byteStream.ts"
import { pourOf } from "../../src/internal/stream/direct.ts"
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

/** An inbox that is read as a link reads it, as soon as something comes. */
const open = Effect.fnUntraced(function* (exclusive: boolean) {
  const stream = new PassThrough()
  const inbox = new Inbox(stream as unknown as ByteStream, remote, exclusive)
  inbox.limitFrames(100_000)
  inbox.open()
  let messages: Array<Uint8Array> = []
  const half = new ReceivingHalf(
    1_000_000,
    exclusive,
    () => {},
    (_, message) => messages.push(message)
  )
  assert.isTrue(half.open(1, "one"))
  const frame = (bytes: Uint8Array, start: number, end: number): boolean => {
    assert.isUndefined(half.data(bytes, start, end))
    return half.keepsChunk()
  }
  const poured = pourOf(inbox)?.({ frame, taken: () => {} })
  assert(poured !== undefined)
  yield* Effect.forkChild(poured, { startImmediately: true })
  return (...chunks: ReadonlyArray<Buffer>): ReadonlyArray<Uint8Array> => {
    messages = []
    for (const chunk of chunks) stream.emit("data", chunk)
    return messages
  }
})

const isFilled = (bytes: Uint8Array, size: number): boolean =>
  bytes.length === size && bytes.every((byte) => byte === 1)

describe("the inbox", () => {
  it.effect("frees a chunk whose messages were copied out of it, and its messages stay what they were", () =>
    Effect.gen(function* () {
      const read = yield* open(true)
      const sizes = [60, 3_000, 100, 3_000, 60, 3_000, 3_000, 1, 3_000]
      const chunk = chunkOf(...sizes.map((size) => data(1, size)))
      const messages = read(chunk)
      assert.strictEqual(chunk.buffer.byteLength, 0)
      assert.lengthOf(messages, sizes.length)
      assert.isTrue(messages.every((bytes, index) => isFilled(bytes, sizes[index]!)))
    })
  )

  it.effect("keeps a chunk that a large message lies in", () =>
    Effect.gen(function* () {
      const read = yield* open(true)
      const chunk = chunkOf(data(1, 20_000), data(1, 60))
      const [large, small] = read(chunk)
      assert.isAbove(chunk.buffer.byteLength, 0)
      assert.isTrue(isFilled(large!, 20_000) && isFilled(small!, 60))
    })
  )

  it.effect("frees no chunk that somebody else may read, and one that ends within a frame", () =>
    Effect.gen(function* () {
      const whole = data(1, 60)
      const read = yield* open(true)
      const [first, second] = [chunkOf(whole, whole.subarray(0, 30)), chunkOf(whole.subarray(30))]
      assert.isTrue(isFilled(read(first)[0]!, 60))
      assert.strictEqual(first.buffer.byteLength, 0)
      assert.isTrue(isFilled(read(second)[0]!, 60))
      assert.strictEqual(second.buffer.byteLength, 0)

      const shared = Buffer.from(new ArrayBuffer(100)).subarray(10)
      shared.set(whole)
      read(shared.subarray(0, whole.length))
      assert.strictEqual(shared.buffer.byteLength, 100)

      const others = yield* open(false)
      const chunk = chunkOf(whole)
      others(chunk)
      assert.isAbove(chunk.buffer.byteLength, 0)
    })
  )

  it.effect("puts a message together whose pieces come in many chunks, all of which are freed", () =>
    Effect.gen(function* () {
      const read = yield* open(true)
      const bytes = Buffer.concat([data(1, 60_000, true), data(1, 50_000, true), data(1, 40_000)])
      const chunks = [0, 30_000, 60_010, 60_011, 120_000, 149_000].map((from, index, all) =>
        chunkOf(bytes.subarray(from, all[index + 1] ?? bytes.length))
      )
      const messages = read(...chunks)
      assert.isTrue(isFilled(messages[0]!, 150_000))
      assert.isTrue(chunks.every((chunk) => chunk.buffer.byteLength === 0))
    })
  )
})
