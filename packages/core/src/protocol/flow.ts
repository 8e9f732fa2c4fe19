import { concat } from "./bytes.ts"
import { maxPayload } from "./frames.ts"

/** Credit of a channel at first, in bytes (GC/1 section 4). */
export const initialWindow = 256 * 1024

/** What a DATA frame costs beyond its payload, so that empty messages are not free. */
export const frameCost = 64

/** The largest message by default, in bytes (GC/1 section 4). */
export const defaultMaxMessageSize = 16 * 1024 * 1024

/** A piece is at least so large, or the rest of its message: the last drops of credit are not worth a frame. */
const worthSending = 16 * 1024

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
  /** Nobody wants it sent any more: it is skipped unless a piece of it has gone. */
  cancelled: boolean
}

/**
 * The sending half of a channel on one link: no credit, no send. Messages go in order, each in pieces of at most 64 KiB.
 */
export class SendWindow<M extends Outgoing> {
  #credit = initialWindow
  #queue: Array<M> = []
  #head = 0
  #offset = 0
  #queued = 0

  /** Bytes of messages that are not wholly sent. */
  get queued(): number {
    return this.#queued
  }

  /** Whether `next` has something to give. */
  get ready(): boolean {
    this.#skipCancelled()
    const message = this.#queue[this.#head]
    return message !== undefined && this.#allows(message)
  }

  push(message: M): void {
    this.#queue.push(message)
    this.#queued += message.bytes.length + frameCost
  }

  /** CREDIT came. */
  grant(bytes: number): void {
    this.#credit = Math.min(0xffff_ffff, this.#credit + bytes)
  }

  /** The next piece that the credit allows. */
  next(): Chunk<M> | undefined {
    this.#skipCancelled()
    const message = this.#queue[this.#head]
    if (message === undefined || !this.#allows(message)) return undefined
    const { bytes } = message
    const size = Math.min(bytes.length - this.#offset, maxPayload, this.#credit - frameCost)
    const end = this.#offset + size
    const more = end < bytes.length
    const piece = size === bytes.length ? bytes : bytes.subarray(this.#offset, end)
    this.#credit -= size + frameCost
    this.#offset = more ? end : 0
    if (more) return { bytes: piece, more, completes: undefined }
    this.#shift(message)
    return { bytes: piece, more, completes: message }
  }

  #skipCancelled(): void {
    if (this.#offset > 0) return
    for (let message = this.#queue[this.#head]; message?.cancelled === true; message = this.#queue[this.#head]) {
      this.#shift(message)
    }
  }

  #shift(message: M): void {
    this.#queued -= message.bytes.length + frameCost
    this.#head++
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  #allows(message: M): boolean {
    return this.#credit >= Math.min(message.bytes.length - this.#offset, worthSending) + frameCost
  }

  /** Takes back what is not wholly sent, to send it over another link. */
  takeUnsent(): ReadonlyArray<M> {
    const unsent = this.#queue.slice(this.#head)
    this.#queue = []
    this.#head = 0
    this.#offset = 0
    this.#queued = 0
    return unsent
  }
}

/** What a DATA frame did to the receiving half. */
export type Received =
  | { readonly _tag: "Partial" }
  | { readonly _tag: "Message"; readonly bytes: Uint8Array }
  | { readonly _tag: "Violation"; readonly reason: string }

/**
 * The receiving half of a channel on one link: puts messages together and decides when the sender may go on.
 *
 * While unread messages hold a window's worth of memory no credit is given; so a sender holds at most two windows and one
 * message of the largest size in the receiver's memory.
 */
export class ReceiveWindow {
  readonly #maxMessageSize: number
  #parts: Array<Uint8Array> = []
  #size = 0
  #held = 0
  #owed = 0
  #outstanding = initialWindow

  constructor(maxMessageSize: number) {
    this.#maxMessageSize = maxMessageSize
  }

  /** A DATA frame came. */
  receive(bytes: Uint8Array, more: boolean): Received {
    const cost = bytes.length + frameCost
    if (cost > this.#outstanding) return { _tag: "Violation", reason: "data beyond the credit" }
    this.#outstanding -= cost
    this.#owed += cost
    this.#size += bytes.length
    if (this.#size > this.#maxMessageSize) {
      return { _tag: "Violation", reason: `a message of more than ${this.#maxMessageSize} bytes` }
    }
    if (more) {
      this.#parts.push(bytes)
      return { _tag: "Partial" }
    }
    const message = this.#parts.length === 0 ? bytes : concat(...this.#parts, bytes)
    this.#parts = []
    this.#size = 0
    this.#held += message.length + frameCost
    return { _tag: "Message", bytes: message }
  }

  /** A message was read, or dropped. */
  consumed(bytes: number): void {
    this.#held -= bytes + frameCost
  }

  /** The credit to give now: 0 while too much is unread, or too little is owed to be worth a frame. */
  credit(): number {
    if (this.#held >= initialWindow || this.#owed < initialWindow / 4) return 0
    const credit = this.#owed
    this.#owed = 0
    this.#outstanding += credit
    return credit
  }
}
