import { maxChannelsPerLink } from "../protocol/flow.ts"
import { dataHeadLength } from "../protocol/frames.ts"
import { ReceiveBudget, ReceiveWindow } from "../protocol/receiveFlow.ts"

/** Where messages came from: told when they are read, or dropped, so that their sender may go on. */
export interface Origin {
  /** So much of the sender's credit was given for them: their bytes, and `frameCost` for each. */
  readonly release: (cost: number) => void
}

/** A channel on its way in. */
export class Receiving implements Origin {
  readonly id: number
  readonly name: string
  readonly window: ReceiveWindow
  readonly release: (cost: number) => void

  constructor(id: number, name: string, window: ReceiveWindow, settle: (window: ReceiveWindow) => void) {
    this.id = id
    this.name = name
    this.window = window
    this.release = (cost) => {
      window.consumed(cost)
      settle(window)
    }
  }
}

/** The channels of a link on their way in: what the other side numbered, and the credit that it has. */
export class ReceivingHalf {
  readonly #channels = new Map<number, Receiving>()
  readonly #budget: ReceiveBudget
  readonly #credit: (id: number, bytes: number) => void
  readonly #arrived: (channel: Receiving, message: Uint8Array) => void
  /** The one that the last frame was of. */
  #last: Receiving | undefined

  constructor(
    maxMessageSize: number,
    recycles: boolean,
    credit: (id: number, bytes: number) => void,
    arrived: (channel: Receiving, message: Uint8Array) => void
  ) {
    this.#budget = new ReceiveBudget(maxMessageSize, recycles)
    this.#credit = credit
    this.#arrived = arrived
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
    this.#channels.set(id, new Receiving(id, name, new ReceiveWindow(id, this.#budget), this.#settle))
    return true
  }

  /** DATA lies in these bytes from `start` to `end`. Answers what is wrong with it. */
  data(bytes: Uint8Array, start: number, end: number): string | undefined {
    const id = ((bytes[start + 1] as number) << 8) | (bytes[start + 2] as number)
    const flags = bytes[start + 3] as number
    const receiving = this.#last?.id === id ? this.#last : this.#channels.get(id)
    if (receiving === undefined) return "data for a channel that was not opened"
    if (flags > 1) return "data with flags that mean nothing"
    this.#last = receiving
    const received = receiving.window.receive(bytes, start + dataHeadLength, end, flags === 1)
    if (typeof received === "string") return received
    this.#settle(receiving.window)
    if (received !== undefined) this.#arrived(receiving, received)
    return undefined
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
