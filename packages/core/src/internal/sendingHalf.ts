import { maxChannelsPerLink, type Outgoing, SendWindow } from "../protocol/flow.ts"
import { encodeLinkFrame } from "../protocol/linkFrames.ts"
import type { OutboundFrame } from "../Transport.ts"

/** Messages on their way out together. `settle` and `cancel` are there while a sender waits for them. */
export interface Outbound extends Outgoing {
  /** True: there is room for more, or they are on their way. False: the link ended first. */
  settle: ((delivered: boolean) => void) | undefined
  /** The sender wants no more of them sent. */
  cancel: (() => void) | undefined
}

/** Unsent bytes per batch that is handed to the transport. */
const batchBytes = 256 * 1024

/** Of one channel at a time, so that none keeps the others waiting. */
const turnBytes = 64 * 1024

/** A sender whose channel has more than this unsent waits. */
const queueBytes = 256 * 1024

interface Sending {
  readonly id: number
  readonly name: string
  announced: boolean
  readonly window: SendWindow<Outbound>
}

/** Tells the sender, once. */
export const settle = (messages: Outbound, delivered: boolean): void => {
  const { settle } = messages
  if (settle === undefined) return
  messages.settle = undefined
  messages.cancel = undefined
  settle(delivered)
}

const sent = (messages: Outbound): void => settle(messages, true)

/** The channels of a link on their way out, each with its credit; they take turns. */
export class SendingHalf {
  readonly #byName = new Map<string, Sending>()
  readonly #byId: Array<Sending> = []
  #turn = 0

  /** Whether there is something that credit allows to be sent. */
  get ready(): boolean {
    for (const { window } of this.#byId) if (window.ready) return true
    return false
  }

  /** Queues messages that take so much credit if no sender has to wait then, and if the channel is known. */
  offer(channel: string, messages: ReadonlyArray<Uint8Array>, cost: number): boolean {
    const window = this.#byName.get(channel)?.window
    if (window === undefined || window.queued + cost > queueBytes) return false
    window.push({ messages, settle: undefined, cancel: undefined }, cost)
    return true
  }

  /** Queues messages, and settles them at once if there is room for more behind them. False: too many channels. */
  push(channel: string, messages: Outbound): boolean {
    const window = this.#sending(channel)?.window
    if (window === undefined) return false
    window.push(messages)
    if (window.queued <= queueBytes) settle(messages, true)
    else messages.cancel = () => window.cancel(messages)
    return true
  }

  #sending(channel: string): Sending | undefined {
    const known = this.#byName.get(channel)
    if (known !== undefined) return known
    if (this.#byId.length >= maxChannelsPerLink) return undefined
    const id = this.#byId.length
    const sending: Sending = { id, name: channel, announced: false, window: new SendWindow(id, sent) }
    this.#byName.set(channel, sending)
    this.#byId.push(sending)
    return sending
  }

  /** CREDIT came. False: for a channel that the other side was not told of. */
  grant(id: number, bytes: number): boolean {
    const sending = this.#byId[id]
    if (sending?.announced !== true) return false
    sending.window.grant(bytes)
    return true
  }

  /** Adds DATA to a batch. */
  fill(batch: Array<OutboundFrame>): void {
    let bytes = 0
    let idle = 0
    const count = this.#byId.length
    while (bytes < batchBytes && idle < count) {
      const sending = this.#byId[this.#turn] as Sending
      this.#turn = (this.#turn + 1) % count
      const taken = this.#take(batch, sending)
      idle = taken === 0 ? idle + 1 : 0
      bytes += taken
    }
  }

  #take(batch: Array<OutboundFrame>, sending: Sending): number {
    if (!sending.announced && sending.window.ready) {
      sending.announced = true
      batch.push(encodeLinkFrame({ _tag: "Channel", id: sending.id, name: sending.name }))
    }
    return sending.window.fill(batch, turnBytes)
  }

  /** Takes back what is not wholly sent, by channel. */
  takeUnsent(): ReadonlyArray<readonly [channel: string, messages: ReadonlyArray<Outbound>]> {
    return this.#byId.map(({ name, window }) => [name, window.takeUnsent()] as const)
  }
}
