import { maxChannelsPerLink } from "../protocol/flow.ts"
import { ReceiveBudget, ReceiveWindow } from "../protocol/receiveFlow.ts"
import { dataHeadLength } from "../protocol/frames.ts"

interface Receiving {
  readonly name: string
  readonly window: ReceiveWindow
}

/** What a DATA frame came to: a whole message of a channel, nothing yet, or what is wrong with it. */
export type Arrived =
  | { readonly _tag: "Message"; readonly channel: string; readonly bytes: Uint8Array; readonly release: () => void }
  | { readonly _tag: "Partial" }
  | { readonly _tag: "Violation"; readonly reason: string }

const violation = (reason: string): Arrived => ({ _tag: "Violation", reason })

const partial: Arrived = { _tag: "Partial" }

/** The channels of a link on their way in: what the other side numbered, and the credit that it has. */
export class ReceivingHalf {
  readonly #channels = new Map<number, Receiving>()
  readonly #budget: ReceiveBudget
  readonly #credit: (id: number, bytes: number) => void

  constructor(maxMessageSize: number, credit: (id: number, bytes: number) => void) {
    this.#budget = new ReceiveBudget(maxMessageSize)
    this.#credit = credit
  }

  /** CHANNEL came. False: it was opened before, or too many are. */
  open(id: number, name: string): boolean {
    if (this.#channels.has(id) || this.#channels.size >= maxChannelsPerLink) return false
    this.#channels.set(id, { name, window: new ReceiveWindow(id, this.#budget) })
    return true
  }

  /** DATA came. */
  data(frame: Uint8Array): Arrived {
    const id = ((frame[1] as number) << 8) | (frame[2] as number)
    const flags = frame[3] as number
    const receiving = this.#channels.get(id)
    if (receiving === undefined) return violation("data for a channel that was not opened")
    if (flags > 1) return violation("data with flags that mean nothing")
    const { name, window } = receiving
    const received = window.receive(frame.subarray(dataHeadLength), flags === 1)
    if (received._tag === "Violation") return received
    this.#settle(window)
    if (received._tag === "Partial") return partial
    const { bytes } = received
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      window.consumed(bytes.length)
      this.#settle(window)
    }
    return { _tag: "Message", channel: name, bytes, release }
  }

  /** Gives credit to a channel that something happened to, and to those that waited for that. */
  #settle(window: ReceiveWindow): void {
    this.#grant(window)
    for (const woken of this.#budget.woken()) this.#grant(woken)
  }

  #grant(window: ReceiveWindow): void {
    const bytes = window.credit()
    if (bytes > 0) this.#credit(window.id, bytes)
  }
}
