import type { NonEmptyReadonlyArray } from "effect/Array"
import type { OutboundFrame } from "../../Transport.ts"
import type { ByteStream } from "./byteStream.ts"
import { largest, middling, releaseSlabs, takeSlab } from "./slabs.ts"

/** Pieces up to this many bytes are copied into slabs; longer ones are written where they are. */
const maxCopied = 8_192
/** The same for a stream that copies what is written. */
const maxCopiedTwice = 16_384
const prefixLength = 4

type Batch = NonEmptyReadonlyArray<OutboundFrame>

/** A sender that waits for room. */
export interface Waiter {
  readonly batch: Batch
  readonly accepted: () => void
  readonly refused: () => void
}

/**
 * The way out of a socket. At most one write is under way; what comes meanwhile gathers in slabs and goes with the next one.
 * A socket that does not drain therefore holds `highWaterMark` bytes and one batch, never more.
 */
export class Outbox {
  readonly #socket: ByteStream
  readonly #highWaterMark: number
  readonly #maxCopied: number
  #queue: Array<Uint8Array> = []
  #queued = 0
  #flying = 0
  #slab: Uint8Array | undefined
  /** The part of the slab that is filled and not queued yet. */
  #start = 0
  #end = 0
  /** Slabs that are full; what they hold stands in the queue. */
  #full: Array<Uint8Array> = []
  #closed = false
  readonly #waiting: Set<Waiter> = new Set()

  constructor(socket: ByteStream, highWaterMark: number) {
    this.#socket = socket
    this.#highWaterMark = highWaterMark
    this.#maxCopied = socket.copies === true ? maxCopiedTwice : maxCopied
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Takes the batch when there is room and nobody came before. */
  offer(batch: Batch): boolean {
    if (this.#waiting.size > 0 || !this.#hasRoom()) return false
    this.#take(batch)
    return true
  }

  wait(waiter: Waiter): void {
    this.#waiting.add(waiter)
  }

  forget(waiter: Waiter): void {
    this.#waiting.delete(waiter)
  }

  /** Takes no more, hands over what was accepted and ends the stream behind it. */
  finish(): void {
    if (this.#closed) return
    this.#seal()
    const pieces = this.#queue
    this.#close()
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.end()
  }

  /** Takes no more and drops what was not written: the stream is gone. */
  abort(): void {
    if (!this.#closed) this.#close()
  }

  #close(): void {
    this.#closed = true
    this.#queue = []
    this.#full = []
    this.#slab = undefined
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const waiter of waiting) waiter.refused()
  }

  #hasRoom(): boolean {
    return this.#queued + this.#flying <= this.#highWaterMark
  }

  #take(batch: Batch): void {
    this.#slab ??= takeSlab(sizeOf(batch))
    for (const frame of batch) {
      if (frame instanceof Uint8Array) {
        this.#prefix(frame.length)
        this.#put(frame)
      } else this.#takeBodies(frame)
    }
    if (this.#flying === 0) this.#flush()
  }

  /** The frames of one head: in one step each as long as there is room for the whole frame. */
  #takeBodies(frames: readonly [head: Uint8Array, ...bodies: NonEmptyReadonlyArray<Uint8Array>]): void {
    const head = frames[0]
    const before = prefixLength + head.length
    for (let index = 1; index < frames.length; index++) {
      const body = frames[index] as Uint8Array
      const slab = this.#slab
      const at = this.#end
      this.#prefix(head.length + body.length)
      if (body.length > this.#maxCopied || slab === undefined || slab.length - at < before + body.length) {
        this.#put(head)
        this.#put(body)
        continue
      }
      for (let byte = 0; byte < head.length; byte++) slab[at + prefixLength + byte] = head[byte] as number
      slab.set(body, at + before)
      this.#end = at + before + body.length
      this.#queued += head.length + body.length
    }
  }

  #prefix(length: number): void {
    const slab = this.#reserve(prefixLength)
    const at = this.#end
    slab[at] = length >>> 24
    slab[at + 1] = length >>> 16
    slab[at + 2] = length >>> 8
    slab[at + 3] = length
    this.#end = at + prefixLength
    this.#queued += prefixLength
  }

  #put(bytes: Uint8Array): void {
    this.#queued += bytes.length
    if (bytes.length > this.#maxCopied) {
      this.#seal()
      this.#queue.push(bytes)
      return
    }
    this.#reserve(bytes.length).set(bytes, this.#end)
    this.#end += bytes.length
  }

  #reserve(length: number): Uint8Array {
    if (this.#slab !== undefined && this.#slab.length - this.#end >= length) return this.#slab
    this.#seal()
    if (this.#slab !== undefined) this.#full.push(this.#slab)
    this.#start = 0
    this.#end = 0
    return (this.#slab = takeSlab(largest))
  }

  #seal(): void {
    if (this.#slab === undefined || this.#end === this.#start) return
    this.#queue.push(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  #flush(): void {
    this.#seal()
    const pieces = this.#queue
    const last = pieces.length - 1
    if (last < 0) return
    const slabs = this.#full
    this.#flying = this.#queued
    this.#queue = []
    this.#queued = 0
    this.#full = []
    const done = (error?: Error | null) => {
      if (error === undefined || error === null) this.#flown(slabs)
    }
    if (last > 0) this.#socket.cork()
    for (let index = 0; index < last; index++) this.#socket.write(pieces[index]!)
    this.#socket.write(pieces[last]!, done)
    if (last > 0) this.#socket.uncork()
  }

  #flown(slabs: ReadonlyArray<Uint8Array>): void {
    this.#flying = 0
    releaseSlabs(slabs)
    if (this.#closed) return
    if (this.#queued > 0) this.#flush()
    else this.#rest()
    this.#admit()
  }

  /** Nothing is under way: an idle connection keeps no slab. */
  #rest(): void {
    if (this.#slab !== undefined) releaseSlabs([this.#slab])
    this.#slab = undefined
    this.#start = 0
    this.#end = 0
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (this.#closed || !this.#hasRoom()) return
      this.#waiting.delete(waiter)
      this.#take(waiter.batch)
      waiter.accepted()
    }
  }
}

/** Bytes that a batch takes in slabs: exact as far as a large one is not needed. */
const sizeOf = (batch: Batch): number => {
  let bytes = 0
  for (const frame of batch) {
    if (frame instanceof Uint8Array) bytes += prefixLength + frame.length
    else
      for (let index = 1; index < frame.length; index++) bytes += prefixLength + frame[0].length + frame[index]!.length
    if (bytes > middling) break
  }
  return bytes
}
