import { assert, describe, it } from "@effect/vitest"
import type { OutboundFrame } from "../../src/Transport.ts"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Socket } from "node:net"
import { Duplex } from "node:stream"
import { Outbox } from "../../src/internal/stream/outbox.ts"

/** A frame whose bytes tell its number and whether one was lost or changed. */
const numbered = (number: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (number * 31 + index * 7) & 0xff)

/** On the wire: `length u32 | frame`. */
const onWire = (frame: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32BE(frame.length)
  return Buffer.concat([prefix, frame])
}

/** A stream that keeps what is written and is done with it when it is told to. */
const slowStream = () => {
  const written: Array<Buffer> = []
  let done: Array<() => void> = []
  const stream = new Duplex({
    read: () => {},
    write: (chunk, _encoding, callback) => {
      written.push(Buffer.from(chunk))
      done.push(callback)
    },
    writev: (chunks, callback) => {
      written.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)))
      done.push(callback)
    }
  })
  const drain = async (): Promise<void> => {
    const callbacks = done
    done = []
    for (const callback of callbacks) callback()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { stream: stream as unknown as Socket, written, drain }
}

const offerAll = (outbox: Outbox, frame: NonEmptyReadonlyArray<OutboundFrame>): number => {
  let count = 0
  while (outbox.offer(frame)) count++
  return count
}

const allOf = (frames: ReadonlyArray<Uint8Array>): Buffer => Buffer.concat(frames.map(onWire))

describe("the outbox", () => {
  for (const length of [60, 4096, 8192, 8193, 65_536]) {
    it(`holds its high water mark and one batch of ${length} bytes, never more`, async () => {
      const { stream, drain, written } = slowStream()
      const outbox = new Outbox(stream, 262_144)
      const frames = offerAll(outbox, [numbered(1, length)])
      const held = frames * (length + 4)
      assert.isAbove(held, 262_144)
      assert.isAtMost(held, 262_144 + length + 4)
      for (let round = 0; round < 4; round++) await drain()
      assert.strictEqual(Buffer.concat(written).length, held)
      assert.isTrue(outbox.offer([numbered(2, length)]))
    })
  }

  it("gathers small frames that come while a write is under way, across batches", async () => {
    const { stream, drain, written } = slowStream()
    const outbox = new Outbox(stream, 262_144)
    const frames = Array.from({ length: 1000 }, (_, number) => numbered(number, 60))
    for (const frame of frames) outbox.offer([frame])
    await drain()
    await drain()
    assert.strictEqual(written.length, 2)
    assert.isTrue(Buffer.concat(written).equals(allOf(frames)))
  })

  it("does not copy large bodies", async () => {
    const chunks: Array<Uint8Array> = []
    const stream = new Duplex({
      read: () => {},
      write: (chunk, _encoding, callback) => {
        chunks.push(chunk)
        callback()
      }
    })
    const outbox = new Outbox(stream as unknown as Socket, 262_144)
    const body = Buffer.from(numbered(3, 30_000))
    outbox.offer([[numbered(1, 4), body], numbered(2, 8)])
    await new Promise((resolve) => setImmediate(resolve))
    assert.isTrue(chunks.some((chunk) => chunk.buffer === body.buffer && chunk.byteOffset === body.byteOffset))
    assert.isTrue(Buffer.concat(chunks).equals(allOf([Buffer.concat([numbered(1, 4), body]), numbered(2, 8)])))
  })

  it("copies more where the stream copies what is written", () => {
    const inPlace = (copies: boolean, length: number): boolean => {
      const chunks: Array<Uint8Array> = []
      const stream = { copies, cork: () => {}, uncork: () => {}, write: (chunk: Uint8Array) => chunks.push(chunk) }
      const body = numbered(3, length)
      new Outbox(stream as unknown as Socket, 262_144).offer([[numbered(1, 4), body]])
      assert.strictEqual(
        chunks.reduce((sum, chunk) => sum + chunk.length, 0),
        length + 8
      )
      return chunks.some((chunk) => chunk.buffer === body.buffer)
    }
    assert.deepStrictEqual(
      [8_192, 8_193, 16_384, 16_385].map((length) => inPlace(false, length)),
      [false, true, true, true]
    )
    assert.deepStrictEqual(
      [8_192, 8_193, 16_384, 16_385].map((length) => inPlace(true, length)),
      [false, false, false, true]
    )
  })

  it("takes the smallest slab that a batch fits in", async () => {
    const chunks: Array<Buffer> = []
    const stream = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, callback) => {
        chunks.push(chunk)
        callback()
      }
    })
    const outbox = new Outbox(stream as unknown as Socket, 262_144)
    for (const length of [10, 1020, 1021, 8188, 8189, 10]) {
      outbox.offer([numbered(1, length)])
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepStrictEqual(
      chunks.map(({ length }) => length),
      [14, 1024, 1025, 8192, 8193, 14]
    )
    assert.deepStrictEqual(
      chunks.map(({ buffer }) => buffer.byteLength),
      [1024, 1024, 8192, 8192, 65_536, 1024]
    )
  })

  it("reuses slabs only after their bytes were written", async () => {
    const { stream, drain, written } = slowStream()
    const other = slowStream()
    const outbox = new Outbox(stream, 262_144)
    const neighbour = new Outbox(other.stream, 262_144)
    const frames: Array<Uint8Array> = []
    const neighbours: Array<Uint8Array> = []
    for (let number = 0; number < 3000; number++) {
      const frame = numbered(number, 1 + ((number * 37) % 3000))
      if (outbox.offer([frame])) frames.push(frame)
      else await drain()
      if (neighbour.offer([frame])) neighbours.push(frame)
      else await other.drain()
    }
    for (let round = 0; round < 4; round++) {
      await drain()
      await other.drain()
    }
    assert.isTrue(Buffer.concat(written).equals(allOf(frames)))
    assert.isTrue(Buffer.concat(other.written).equals(allOf(neighbours)))
  })

  it("hands over what it accepted when it finishes, and takes no more", async () => {
    const { stream, drain, written } = slowStream()
    const outbox = new Outbox(stream, 1000)
    const frames = [numbered(1, 900), numbered(2, 900)]
    for (const frame of frames) assert.isTrue(outbox.offer([frame]))
    let refused = 0
    outbox.wait({ batch: [numbered(3, 5)], accepted: () => assert.fail(), refused: () => refused++ })
    outbox.finish()
    assert.strictEqual(refused, 1)
    assert.isTrue(outbox.closed)
    for (let round = 0; round < 3; round++) await drain()
    assert.isTrue(Buffer.concat(written).equals(allOf(frames)))
    assert.isTrue(stream.writableFinished)
  })
})
