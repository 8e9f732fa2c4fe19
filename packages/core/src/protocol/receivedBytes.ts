import { concat } from "./bytes.ts"
import { worthSending } from "./flow.ts"
import { dataHeadLength, maxPayload } from "./frames.ts"

/** Small messages that are unread together share so much memory, as much as those of Node's own pool do. */
const slabBytes = 8 * 1024

/** A larger message has memory of its own. */
export const maxPacked = 2 * 1024

/** V8 keeps the bytes of so small an array in its own heap, beside the array: nothing is shared, and nothing is cheaper. */
export const maxInHeap = 64

/** What a link knows of the memory that its frames lie in. */
export interface Memory {
  /**
   * Whether frames come from a `FrameDecoder` whose chunks nobody else uses: memory that is done with is given back at once then,
   * since garbage outside of the heap makes V8 collect all of it again and again.
   */
  readonly recycles: boolean
  /** Set when a message, or a piece of one, that is a view of a chunk is kept. */
  keepsChunk: boolean
}

/** Whether the frame whose payload starts there has memory of its own: in a chunk its length is before it. */
export const isAlone = (bytes: Uint8Array, start: number): boolean => bytes.byteOffset === 0 && start <= dataHeadLength

/** Frees the memory under bytes that nothing refers to any more. */
const giveBack = (bytes: Uint8Array): void => {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0)
}

/** Small messages of one channel side by side: memory for each of them alone takes longer than all the rest of receiving it. */
export class Slab {
  #bytes = new Uint8Array(0)
  #used = 0

  /** A copy of the bytes from `start` to `end`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start
    if (this.#bytes.length - this.#used < length) {
      // Not filled with zeros: only what was written into it is ever given away.
      this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(slabBytes).buffer)
      this.#used = 0
    }
    const at = this.#used
    this.#bytes.set(bytes.subarray(start, end), at)
    this.#used += length
    return new Uint8Array(this.#bytes.buffer, at, length)
  }
}

/** What came of a message that is not whole yet. Small pieces are put together at once, so that none costs more than it holds. */
export class Pieces {
  readonly #link: Memory
  #pieces: Array<Uint8Array> = []
  /** What only this message refers to. */
  #own: Array<Uint8Array> = []
  #tail: Uint8Array | undefined
  #tailSize = 0

  constructor(link: Memory) {
    this.#link = link
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const piece = bytes.subarray(start, end)
    if (piece.length >= worthSending) {
      this.#closeTail()
      this.#pieces.push(piece)
      if (isAlone(bytes, start)) this.#own.push(bytes)
      else this.#link.keepsChunk = true
      return
    }
    if (this.#tailSize + piece.length > maxPayload) this.#closeTail()
    this.#tail ??= new Uint8Array(maxPayload)
    this.#tail.set(piece, this.#tailSize)
    this.#tailSize += piece.length
  }

  #closeTail(): void {
    if (this.#tail !== undefined) this.#pieces.push(this.#tail.slice(0, this.#tailSize))
    this.#tail = undefined
    this.#tailSize = 0
  }

  take(): Uint8Array {
    this.#closeTail()
    const message = concat(...this.#pieces)
    this.#pieces = []
    if (this.#link.recycles) for (const frame of this.#own) giveBack(frame)
    this.#own = []
    return message
  }
}
