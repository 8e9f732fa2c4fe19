/**
 * A link of frames over any stream of bytes: four bytes of length, then the message. What the raw contestants stand on.
 */
import { byWorkers, type Client, type Desk, messagesOf, numbered, numberOf, timed } from "./desk.ts"

/** One message that came: a part of a chunk where it lies in one, else put together. */
export type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

/** Cuts chunks into frames. A message that lies in one chunk is not copied; another is, once. */
export const makeCutter = (onFrame: OnFrame): ((chunk: Uint8Array) => void) => {
  let head: Uint8Array = new Uint8Array(0)
  let partial: Uint8Array | undefined
  let filled = 0
  const cut = (chunk: Uint8Array, from: number): void => {
    let at = from
    while (chunk.length - at >= 4) {
      const size = numberOf(chunk, at)
      const end = at + 4 + size
      if (end > chunk.length) {
        partial = new Uint8Array(size)
        partial.set(chunk.subarray(at + 4))
        filled = chunk.length - at - 4
        return
      }
      onFrame(chunk, at + 4, end)
      at = end
    }
    if (at < chunk.length) head = chunk.subarray(at)
  }
  return (chunk) => {
    if (partial !== undefined) {
      const missing = partial.length - filled
      if (chunk.length < missing) {
        partial.set(chunk, filled)
        filled += chunk.length
        return
      }
      partial.set(chunk.subarray(0, missing), filled)
      const whole = partial
      partial = undefined
      onFrame(whole, 0, whole.length)
      return cut(chunk, missing)
    }
    if (head.length === 0) return cut(chunk, 0)
    const joined = Buffer.concat([head, chunk])
    head = new Uint8Array(0)
    return cut(joined, 0)
  }
}

/** A way of writing messages to a stream. */
export interface Writer {
  readonly flood: (messages: ReadonlyArray<Uint8Array>, count: number, sent: (count: number) => void) => Promise<void>
  /** Writes one message, which goes out when this turn of the event loop ends at the latest. */
  readonly post: (bytes: Uint8Array, start: number, end: number) => void
}

/** What the serving end does with a message that came, in the way that it was told. */
export const serving = (desk: Desk, writer: (variant: string) => Writer): OnFrame => {
  return (bytes, start, end) => {
    if (desk.mode === "echo") writer(desk.variant).post(bytes, start, end)
    else desk.take(end - start)
  }
}

/** The dialing end over a writer. */
export class FrameClient implements Client {
  readonly #writer: Writer
  readonly #waiting = new Map<number, () => void>()
  #next = 0

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /** A reply that came. */
  readonly reply: OnFrame = (bytes, start) => {
    const id = numberOf(bytes, start)
    const resume = this.#waiting.get(id)
    this.#waiting.delete(id)
    resume?.()
  }

  flood(size: number, count: number, sent: (count: number) => void): Promise<void> {
    return this.#writer.flood(messagesOf(size), count, sent)
  }

  ping(size: number, count: number): Promise<Array<number>> {
    return timed(count, () => this.#call(size))
  }

  request(size: number, count: number, concurrency: number): Promise<void> {
    return byWorkers(count, concurrency, () => this.#call(size))
  }

  #call(size: number): Promise<void> {
    return new Promise((resolve) => {
      const id = this.#next++ >>> 0
      this.#waiting.set(id, resolve)
      this.#writer.post(numbered(size, id), 0, size)
    })
  }
}
