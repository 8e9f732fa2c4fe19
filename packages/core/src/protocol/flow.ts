import { dataHeadLength, maxPayload } from "./frames.ts"
import { dataHead } from "./linkFrames.ts"

/** Credit of a channel at first, in bytes (GC/1 section 4). */
export const initialWindow = 256 * 1024

/** What a channel that is read as fast as it fills may have beyond that, in bytes, and all channels of a link together. */
export const maxExtra = 768 * 1024
export const maxLinkExtra = 1_536 * 1024

/** What a DATA frame costs beyond its payload, so that empty messages are not free. */
export const frameCost = 64

/** The largest message by default, in bytes (GC/1 section 4). */
export const defaultMaxMessageSize = 16 * 1024 * 1024

/** A piece is at least so large, or the rest of its message: the last drops of credit are not worth a frame. */
export const worthSending = 16 * 1024

/** Channels that one peer may number on one link. */
export const maxChannelsPerLink = 1_024

/** Messages that wait to be sent together, at least one; of one that is cancelled, what has to be sent all the same is left. */
export interface Outgoing {
  messages: ReadonlyArray<Uint8Array>
}

/** DATA frames: a head, and what stands behind it in each of them. */
export type DataFrames = readonly [head: Uint8Array, body: Uint8Array, ...bodies: ReadonlyArray<Uint8Array>]

/** What messages take of credit, each as if it were one frame. */
export const costOf = (messages: ReadonlyArray<Uint8Array>): number => {
  let cost = 0
  for (const { length } of messages) cost += length + frameCost
  return cost
}

/**
 * The sending half of a channel on one link: no credit, no send. Messages go in order, each in pieces of at most 64 KiB.
 */
export class SendWindow<M extends Outgoing> {
  /** Before a piece that is its message's last, and before any other. */
  readonly #last: Uint8Array
  readonly #more: Uint8Array
  /** Told of those that are wholly on their way. */
  readonly #done: (sent: M) => void
  #credit = initialWindow
  /** `undefined` where messages were cancelled. */
  #queue: Array<M | undefined> = []
  #head = 0
  /** The message of the first ones that is next, and how much of it is on its way. */
  #index = 0
  #offset = 0
  #queued = 0
  #holes = 0

  constructor(id: number, done: (sent: M) => void) {
    this.#last = dataHead(id, false)
    this.#more = dataHead(id, true)
    this.#done = done
  }

  /** Bytes of messages that are not wholly sent. */
  get queued(): number {
    return this.#queued
  }

  /** Whether `fill` has something to give. */
  get ready(): boolean {
    const message = this.#next(this.#first())
    return message !== undefined && this.#allows(message)
  }

  push(messages: M, cost: number = costOf(messages.messages)): void {
    this.#queue.push(messages)
    this.#queued += cost
  }

  /** Nobody wants these messages sent any more: they go, but for the one of which a piece is on its way. */
  cancel(messages: M): void {
    const at = this.#queue.indexOf(messages, this.#head)
    if (at < 0) return
    const all = messages.messages
    const isFirst = at === this.#head
    const kept = isFirst && this.#offset > 0 ? this.#index + 1 : 0
    this.#queued -= costOf(all.slice(isFirst ? Math.max(kept, this.#index) : 0))
    if (kept > 0) {
      messages.messages = all.slice(0, kept)
      return
    }
    this.#queue[at] = undefined
    if (isFirst) this.#index = 0
    this.#holes++
    if (this.#holes * 2 > this.#queue.length - this.#head) this.#compact()
  }

  /** CREDIT came. */
  grant(bytes: number): void {
    this.#credit = Math.min(0xffff_ffff, this.#credit + bytes)
  }

  /** Adds what the credit allows, until at least `most` bytes are added; answers how many were. */
  fill(frames: Array<DataFrames | Uint8Array>, most: number): number {
    let bytes = 0
    let whole: [Uint8Array, Uint8Array, ...Array<Uint8Array>] | undefined
    for (let first = this.#first(); first !== undefined && bytes < most; first = this.#first()) {
      const message = this.#next(first) as Uint8Array
      if (!this.#allows(message)) break
      const left = message.length - this.#offset
      const size = Math.min(left, maxPayload, this.#credit - frameCost)
      this.#credit -= size + frameCost
      bytes += size + dataHeadLength
      if (size === message.length) {
        if (whole === undefined) frames.push((whole = [this.#last, message]))
        else whole.push(message)
      } else {
        whole = undefined
        frames.push([size < left ? this.#more : this.#last, message.subarray(this.#offset, this.#offset + size)])
      }
      if (size < left) this.#offset += size
      else this.#sent(first, message)
    }
    return bytes
  }

  #sent(first: M, message: Uint8Array): void {
    this.#offset = 0
    this.#queued -= message.length + frameCost
    if (++this.#index < first.messages.length) return
    this.#index = 0
    this.#advance()
    this.#done(first)
  }

  #next(first: M | undefined): Uint8Array | undefined {
    return first?.messages[this.#index]
  }

  #first(): M | undefined {
    while (this.#head < this.#queue.length && this.#queue[this.#head] === undefined) {
      this.#holes--
      this.#advance()
    }
    return this.#queue[this.#head]
  }

  #advance(): void {
    this.#queue[this.#head] = undefined
    this.#head++
    if (this.#head < 1_024 || this.#head * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#head).filter((messages) => messages !== undefined)
    this.#head = 0
    this.#holes = 0
  }

  #allows(message: Uint8Array): boolean {
    return this.#credit >= Math.min(message.length - this.#offset, worthSending) + frameCost
  }

  /** Takes back what is not wholly sent, to send it over another link. */
  takeUnsent(): ReadonlyArray<M> {
    this.#compact()
    const unsent = this.#queue.filter((messages) => messages !== undefined)
    const [first] = unsent
    if (first !== undefined && this.#index > 0) first.messages = first.messages.slice(this.#index)
    this.#queue = []
    this.#index = 0
    this.#offset = 0
    this.#queued = 0
    return unsent
  }
}
