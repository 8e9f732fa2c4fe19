import { maxChannelsPerLink } from "../protocol/flow.ts"
import { ReceiveBudget, ReceiveWindow } from "../protocol/receiveFlow.ts"
import { dataHeadLength } from "../protocol/frames.ts"

interface Receiving {
  readonly name: string
  readonly window: ReceiveWindow
}

/** A whole message that came in; `release` gives its memory back to the sender's credit. */
export interface Inbound {
  readonly from: string
  readonly bytes: Uint8Array
  release(): void
}

/** What a DATA frame came to: a whole message of a channel, nothing yet, or what is wrong with it. */
export type Arrived = Unread | { readonly _tag: "Partial" } | { readonly _tag: "Violation"; readonly reason: string }

/** A message of a link that holds memory until it is read, or dropped. */
class Unread implements Inbound {
  readonly _tag = "Message"
  readonly from: string
  readonly channel: string
  readonly bytes: Uint8Array
  readonly #window: ReceiveWindow
  readonly #released: (window: ReceiveWindow) => void
  #held = true

  constructor(
    from: string,
    channel: string,
    bytes: Uint8Array,
    window: ReceiveWindow,
    released: (window: ReceiveWindow) => void
  ) {
    this.from = from
    this.channel = channel
    this.bytes = bytes
    this.#window = window
    this.#released = released
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.#window.consumed(this.bytes.length)
    this.#released(this.#window)
  }
}

const violation = (reason: string): Arrived => ({ _tag: "Violation", reason })

const partial: Arrived = { _tag: "Partial" }

/** The channels of a link on their way in: what the other side numbered, and the credit that it has. */
export class ReceivingHalf {
  readonly #channels = new Map<number, Receiving>()
  readonly #budget: ReceiveBudget
  readonly #credit: (id: number, bytes: number) => void

  constructor(maxMessageSize: number, recycles: boolean, credit: (id: number, bytes: number) => void) {
    this.#budget = new ReceiveBudget(maxMessageSize, recycles)
    this.#credit = credit
  }

  /** Whether anything refers to a chunk of the stream since this was asked last. */
  keepsChunk(): boolean {
    const keeps = this.#budget.keepsChunk
    this.#budget.keepsChunk = false
    return keeps
  }

  /** CHANNEL came. False: it was opened before, or too many are. */
  open(id: number, name: string): boolean {
    if (this.#channels.has(id) || this.#channels.size >= maxChannelsPerLink) return false
    this.#channels.set(id, { name, window: new ReceiveWindow(id, this.#budget) })
    return true
  }

  /** DATA came from the member of that name. */
  data(frame: Uint8Array, from: string): Arrived {
    const id = ((frame[1] as number) << 8) | (frame[2] as number)
    const flags = frame[3] as number
    const receiving = this.#channels.get(id)
    if (receiving === undefined) return violation("data for a channel that was not opened")
    if (flags > 1) return violation("data with flags that mean nothing")
    const { name, window } = receiving
    const received = window.receive(frame, flags === 1, dataHeadLength)
    if (received._tag === "Violation") return received
    this.#settle(window)
    if (received._tag === "Partial") return partial
    return new Unread(from, name, received.bytes, window, this.#settle)
  }

  /** Gives credit to a channel that something happened to, and to those that waited for that. */
  readonly #settle = (window: ReceiveWindow): void => {
    this.#grant(window)
    for (const woken of this.#budget.woken()) this.#grant(woken)
  }

  #grant(window: ReceiveWindow): void {
    const bytes = window.credit()
    if (bytes > 0) this.#credit(window.id, bytes)
  }
}
