import { type Frame, maxLinkFrame } from "./frames.ts"

/** The stream announces a frame longer than the cap of this call. Nothing of its body was copied. */
export interface TooLarge {
  readonly _tag: "TooLarge"
  /** What the length prefix says, in bytes. */
  readonly length: number
  readonly max: number
}

/** The stream announces a frame of length 0, which has no type: it is not GC/1, and the decoder answers this from now on. */
export interface EmptyFrame {
  readonly _tag: "EmptyFrame"
}

const prefixLength = 4
const firstCapacity = 1024
/** A frame as long as those of a link has its memory whole once a little of it has come: memory in steps costs a copy for each. */
const linkCapacity = maxLinkFrame
/** How many times what has come is reserved, up to that, and of a longer frame: lies are not worth much. */
const growth = 64
const longGrowth = 4

/**
 * Cuts a byte stream into frames (`length u32 | type u8 | body`), without the prefix. Pure: it only remembers what has come.
 *
 * **Details**
 *
 * The cap is judged from the prefix, at each `next`, before anything of the body is copied, so it can be raised when a link
 * becomes authenticated. A frame that lies with its prefix within one chunk is a view of it; any other is gathered in a buffer that
 * grows with what has arrived, never with what was announced, and is all that this buffer holds: its `byteOffset` is 0, which a
 * view's never is. Once `next` or `peek` answered `undefined`, or `each` ended before what is no frame, no chunk is held any more.
 *
 * **Gotchas**
 *
 * A frame may be a view of a chunk: who reuses a chunk's memory must be done with its frames.
 */
export class FrameDecoder {
  #chunks: Array<Uint8Array> = []
  /** The chunk that is read, and how far. */
  #index = 0
  #offset = 0
  /** Bytes in the chunks that are not read yet. */
  #pending = 0
  #prefix = 0
  #prefixRead = 0
  /** A frame that `peek` found whole. */
  #ahead: Frame | undefined
  #gathered = new Uint8Array(0)
  #gatheredLength = 0

  /** Bytes that came and were not answered as frames yet, prefixes included. */
  get buffered(): number {
    const ahead = this.#ahead === undefined ? 0 : prefixLength + this.#ahead.length
    return ahead + this.#pending + this.#prefixRead + this.#gatheredLength
  }

  /** Takes the next bytes of the stream. The chunk is not copied: it must not change until its frames are dealt with. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#pending += chunk.length
  }

  /** The next whole frame, or `undefined` when more bytes are needed. `max` is the longest frame, in bytes without the prefix. */
  next(max: number): Frame | TooLarge | EmptyFrame | undefined {
    const ahead = this.#takeAhead()
    if (ahead !== undefined) return ahead
    const length = this.#lengthInChunk(max)
    if (length === 0) return this.#assembled(max)
    const chunk = this.#chunks[this.#index] as Uint8Array
    const start = this.#offset + prefixLength
    this.#advance(prefixLength + length)
    return new Uint8Array(chunk.buffer, chunk.byteOffset + start, length)
  }

  /** What `next` would answer: `true` for a whole frame. */
  peek(max: number): true | TooLarge | EmptyFrame | undefined {
    if (this.#ahead !== undefined || this.#lengthInChunk(max) > 0) return true
    const next = this.#assembled(max)
    if (!(next instanceof Uint8Array)) return next
    this.#ahead = next
    return true
  }

  /**
   * Shows all whole frames where they lie, without making anything: in `bytes` from `start` to `end`. In a chunk its prefix stands
   * before a frame; any other frame is all there is in `bytes`. `show` must not throw.
   */
  each(max: number, show: (bytes: Uint8Array, start: number, end: number) => void): void {
    let alone = this.#takeAhead()
    while (true) {
      if (alone !== undefined) show(alone, 0, alone.length)
      while (this.#eachInChunk(max, show));
      const next = this.#assembled(max)
      if (!(next instanceof Uint8Array)) return
      alone = next
    }
  }

  #eachInChunk(max: number, show: (bytes: Uint8Array, start: number, end: number) => void): boolean {
    const chunk = this.#chunks[this.#index]
    let any = false
    for (let length = this.#lengthInChunk(max); length > 0; length = this.#lengthInChunk(max)) {
      const start = this.#offset + prefixLength
      this.#advance(prefixLength + length)
      show(chunk as Uint8Array, start, start + length)
      any = true
      if (this.#offset === 0) break
    }
    return any
  }

  #takeAhead(): Frame | undefined {
    const ahead = this.#ahead
    this.#ahead = undefined
    return ahead
  }

  /** The usual case, without a step per byte: how long the next frame is if it lies, with its prefix, in the chunk that is read. */
  #lengthInChunk(max: number): number {
    const chunk = this.#chunks[this.#index]
    const body = this.#offset + prefixLength
    if (chunk === undefined || this.#prefixRead > 0 || chunk.length <= body) return 0
    const low = (chunk[body - 3]! << 16) | (chunk[body - 2]! << 8) | chunk[body - 1]!
    const length = chunk[body - 4]! * 0x100_0000 + low
    return length > max || length > chunk.length - body ? 0 : length
  }

  #assembled(max: number): Frame | TooLarge | EmptyFrame | undefined {
    while (this.#prefixRead < prefixLength) {
      const byte = this.#readByte()
      if (byte === undefined) return undefined
      this.#prefix = this.#prefix * 256 + byte
      this.#prefixRead++
    }
    if (this.#prefix === 0) return { _tag: "EmptyFrame" }
    if (this.#prefix > max) return { _tag: "TooLarge", length: this.#prefix, max }
    const frame = this.#gather()
    if (frame !== undefined) {
      this.#prefix = 0
      this.#prefixRead = 0
    }
    return frame
  }

  #readByte(): number | undefined {
    const byte = this.#chunks[this.#index]?.[this.#offset]
    if (byte !== undefined) this.#advance(1)
    return byte
  }

  /** Copies what has come of the body; answers it when it is whole. */
  #gather(): Frame | undefined {
    const length = Math.min(this.#prefix, this.#gatheredLength + this.#pending)
    this.#reserve(length)
    while (this.#gatheredLength < length) {
      const chunk = this.#chunks[this.#index]
      if (chunk === undefined) break
      const part = chunk.subarray(this.#offset, this.#offset + length - this.#gatheredLength)
      this.#gathered.set(part, this.#gatheredLength)
      this.#gatheredLength += part.length
      this.#advance(part.length)
    }
    if (this.#gatheredLength < this.#prefix) return undefined
    const frame = this.#gathered.subarray(0, this.#gatheredLength)
    this.#gathered = new Uint8Array(0)
    this.#gatheredLength = 0
    return frame
  }

  #reserve(length: number): void {
    if (length <= this.#gathered.length) return
    const most = Math.max(firstCapacity, Math.min(length * growth, linkCapacity), length * longGrowth)
    const capacity = Math.min(this.#prefix, most)
    // Not filled with zeros: only what was written into it is ever given away.
    const grown = new Uint8Array(Buffer.allocUnsafeSlow(capacity).buffer)
    grown.set(this.#gathered.subarray(0, this.#gatheredLength))
    this.#gathered = grown
  }

  #advance(length: number): void {
    this.#offset += length
    this.#pending -= length
    const chunk = this.#chunks[this.#index]
    if (chunk === undefined || this.#offset < chunk.length) return
    this.#offset = 0
    this.#index++
    if (this.#index === this.#chunks.length) {
      this.#chunks = []
      this.#index = 0
    }
  }
}
