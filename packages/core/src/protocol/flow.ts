import { maxPayload } from "./frames.ts"

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

/** A piece of a message, ready for a DATA frame. */
export interface Chunk<M> {
  readonly bytes: Uint8Array
  readonly more: boolean
  /** The message that is whole on its way with this piece. */
  readonly completes: M | undefined
}

/** A message that waits to be sent. */
export interface Outgoing {
  readonly bytes: Uint8Array
}

/**
 * The sending half of a channel on one link: no credit, no send. Messages go in order, each in pieces of at most 64 KiB.
 */
export class SendWindow<M extends Outgoing> {
  #credit = initialWindow
  /** `undefined` where a message was cancelled. */
  #queue: Array<M | undefined> = []
  #head = 0
  #offset = 0
  #queued = 0
  #holes = 0

  /** Bytes of messages that are not wholly sent. */
  get queued(): number {
    return this.#queued
  }

  /** Whether `next` has something to give. */
  get ready(): boolean {
    const message = this.#first()
    return message !== undefined && this.#allows(message)
  }

  push(message: M): void {
    this.#queue.push(message)
    this.#queued += message.bytes.length + frameCost
  }

  /** Nobody wants this message sent any more: it goes, unless it is not here or a piece of it is on its way. */
  cancel(message: M): void {
    const index = this.#queue.indexOf(message, this.#head)
    if (index < 0 || (index === this.#head && this.#offset > 0)) return
    this.#queue[index] = undefined
    this.#queued -= message.bytes.length + frameCost
    this.#holes++
    if (this.#holes * 2 > this.#queue.length - this.#head) this.#compact()
  }

  /** CREDIT came. */
  grant(bytes: number): void {
    this.#credit = Math.min(0xffff_ffff, this.#credit + bytes)
  }

  /** The next piece that the credit allows. */
  next(): Chunk<M> | undefined {
    const message = this.#first()
    if (message === undefined || !this.#allows(message)) return undefined
    const { bytes } = message
    const size = Math.min(bytes.length - this.#offset, maxPayload, this.#credit - frameCost)
    const end = this.#offset + size
    const more = end < bytes.length
    const piece = size === bytes.length ? bytes : bytes.subarray(this.#offset, end)
    this.#credit -= size + frameCost
    this.#offset = more ? end : 0
    if (more) return { bytes: piece, more, completes: undefined }
    this.#queued -= bytes.length + frameCost
    this.#advance()
    return { bytes: piece, more, completes: message }
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
    this.#queue = this.#queue.slice(this.#head).filter((message) => message !== undefined)
    this.#head = 0
    this.#holes = 0
  }

  #allows(message: M): boolean {
    return this.#credit >= Math.min(message.bytes.length - this.#offset, worthSending) + frameCost
  }

  /** Takes back what is not wholly sent, to send it over another link. */
  takeUnsent(): ReadonlyArray<M> {
    this.#compact()
    const unsent = this.#queue.filter((message) => message !== undefined)
    this.#queue = []
    this.#offset = 0
    this.#queued = 0
    return unsent
  }
}
