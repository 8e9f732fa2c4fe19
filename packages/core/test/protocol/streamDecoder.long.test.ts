import { assert, describe, it } from "@effect/vitest"
import { concat, toHex } from "../../src/protocol/bytes.ts"
import { type Frame, lengthPrefix, maxHandshakeFrame, maxLinkFrame, withPrefix } from "../../src/protocol/frames.ts"
import { FrameDecoder } from "../../src/protocol/streamDecoder.ts"
import { property, type Random } from "./random.ts"

const max = 1000
const frameOf = (length: number): Frame => Uint8Array.from({ length }, (_, index) => (index * 7) % 251)

const drain = (decoder: FrameDecoder, cap = max): ReadonlyArray<Frame> => {
  const frames: Array<Frame> = []
  for (;;) {
    const next = decoder.next(cap)
    if (next === undefined) return frames
    if (!(next instanceof Uint8Array)) throw new Error(`the decoder answered ${next._tag}`)
    frames.push(next)
  }
}

const split = (random: Random, bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  const longest = random.pick([1, 3, 10, 100, 5000])
  for (let at = 0; at < bytes.length;) {
    const length = random.int(longest)
    chunks.push(bytes.slice(at, at + length))
    at += length
  }
  return chunks
}

describe("the frame decoder", () => {
  it.for([1, 2, max - 1, max])("gives a frame of %i bytes", (length) => {
    const decoder = new FrameDecoder()
    decoder.push(withPrefix(frameOf(length)))
    assert.deepStrictEqual(drain(decoder), [frameOf(length)])
    assert.strictEqual(decoder.buffered, 0)
  })

  it.for([max + 1, 2 ** 31, 2 ** 32 - 1])("refuses a frame of %i bytes from its prefix alone", (length) => {
    const decoder = new FrameDecoder()
    decoder.push(lengthPrefix(length))
    assert.deepStrictEqual(decoder.next(max), { _tag: "TooLarge", length, max })
    decoder.push(new Uint8Array(10))
    assert.deepStrictEqual(decoder.next(max), { _tag: "TooLarge", length, max })
  })

  it("refuses a frame of length 0, for good", () => {
    const decoder = new FrameDecoder()
    decoder.push(new Uint8Array(4))
    assert.deepStrictEqual(decoder.next(max), { _tag: "EmptyFrame" })
    decoder.push(withPrefix(frameOf(5)))
    assert.deepStrictEqual(decoder.next(max), { _tag: "EmptyFrame" })
  })

  it("gives what came before a refused frame", () => {
    const decoder = new FrameDecoder()
    decoder.push(concat(withPrefix(frameOf(3)), lengthPrefix(max + 1)))
    assert.deepStrictEqual(decoder.next(max), frameOf(3))
    assert.deepStrictEqual(decoder.next(max), { _tag: "TooLarge", length: max + 1, max })
  })

  it("judges the cap at each call, so that it can be raised", () => {
    const decoder = new FrameDecoder()
    decoder.push(concat(withPrefix(frameOf(10)), withPrefix(frameOf(maxLinkFrame))))
    assert.deepStrictEqual(decoder.next(maxHandshakeFrame), frameOf(10))
    assert.deepStrictEqual(decoder.next(maxHandshakeFrame), {
      _tag: "TooLarge",
      length: maxLinkFrame,
      max: maxHandshakeFrame
    })
    assert.deepStrictEqual(decoder.next(maxLinkFrame), frameOf(maxLinkFrame))
  })

  it("judges a lowered cap too, halfway through a frame", () => {
    const decoder = new FrameDecoder()
    decoder.push(withPrefix(frameOf(100)).subarray(0, 50))
    assert.isUndefined(decoder.next(100))
    assert.deepStrictEqual(decoder.next(99), { _tag: "TooLarge", length: 100, max: 99 })
  })

  it("gives a frame that lies within one chunk as a view", () => {
    const decoder = new FrameDecoder()
    const chunk = concat(withPrefix(frameOf(3)), withPrefix(frameOf(9)))
    decoder.push(chunk)
    for (const frame of drain(decoder)) assert.strictEqual(frame.buffer, chunk.buffer)
  })

  it("lets go of a chunk whose bytes it has gathered", () => {
    const decoder = new FrameDecoder()
    const chunk = withPrefix(frameOf(9)).subarray(0, 8)
    decoder.push(chunk)
    assert.isUndefined(decoder.next(max))
    chunk.fill(0)
    decoder.push(frameOf(9).subarray(4))
    assert.deepStrictEqual(drain(decoder), [frameOf(9)])
  })

  it("counts what it holds", () => {
    const decoder = new FrameDecoder()
    decoder.push(new Uint8Array(0))
    assert.strictEqual(decoder.buffered, 0)
    const wire = withPrefix(frameOf(9))
    decoder.push(wire.subarray(0, 2))
    assert.isUndefined(decoder.next(max))
    assert.strictEqual(decoder.buffered, 2)
    decoder.push(wire.subarray(2, 8))
    assert.isUndefined(decoder.next(max))
    assert.strictEqual(decoder.buffered, 8)
    decoder.push(concat(wire.subarray(8), wire))
    assert.strictEqual(decoder.buffered, 26)
    assert.deepStrictEqual(decoder.next(max), frameOf(9))
    assert.strictEqual(decoder.buffered, 13)
  })

  it("gives the same frames however the stream is split", () => {
    property(500, (random) => {
      const frames = random.list(20, () => frameOf(1 + random.int(random.pick([1, 10, max - 1]))))
      const decoder = new FrameDecoder()
      const got: Array<string> = []
      for (const chunk of split(random, concat(...frames.map(withPrefix)))) {
        decoder.push(chunk)
        if (random.bool()) got.push(...drain(decoder).map(toHex))
      }
      got.push(...drain(decoder).map(toHex))
      assert.deepStrictEqual(got, frames.map(toHex))
      assert.strictEqual(decoder.buffered, 0)
    })
  })

  it("takes 4 MiB one byte at a time in linear time", () => {
    const frame = frameOf(2 ** 22)
    const wire = withPrefix(frame)
    const decoder = new FrameDecoder()
    const got: Array<Frame> = []
    const began = performance.now()
    for (let at = 0; at < wire.length; at++) {
      // Quadratic copying would take minutes, and vitest cannot interrupt a loop.
      if (at % 4096 === 0) assert.isBelow(performance.now() - began, 20_000)
      decoder.push(wire.subarray(at, at + 1))
      got.push(...drain(decoder, frame.length))
    }
    assert.strictEqual(got.length, 1)
    assert.isTrue(Buffer.from(frame).equals(got[0] ?? new Uint8Array(0)))
  })

  it("takes 1 MiB in single bytes before it is asked once", () => {
    const frame = frameOf(2 ** 20)
    const wire = withPrefix(frame)
    const decoder = new FrameDecoder()
    for (let at = 0; at < wire.length; at++) decoder.push(wire.subarray(at, at + 1))
    const [got] = drain(decoder, frame.length)
    assert.isTrue(Buffer.from(frame).equals(got ?? new Uint8Array(0)))
  })

  it("allocates for what has come, not for what was announced", () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new FrameDecoder()
      decoder.push(concat(lengthPrefix(maxLinkFrame), new Uint8Array(1)))
      assert.isUndefined(decoder.next(maxLinkFrame))
      return decoder
    })
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 10_000_000)
    assert.strictEqual(decoders.length, 1000)
  })
})
