import { frameCost, maxChannelsPerLink, type Outgoing, SendWindow } from "../protocol/flow.ts"
import { dataHeadLength } from "../protocol/frames.ts"
import { dataHead, encodeLinkFrame } from "../protocol/linkFrames.ts"
import type { OutboundFrame } from "../Transport.ts"

/** A message on its way out. Both are there while a sender waits for it. */
export interface Outbound extends Outgoing {
  /** True: there is room for more, or it is on its way. False: the link ended first. */
  settle: ((delivered: boolean) => void) | undefined
  /** The sender wants it sent no more. */
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
  /** Before a piece that is its message's last, and before any other. */
  readonly lastHead: Uint8Array
  readonly moreHead: Uint8Array
  readonly name: string
  announced: boolean
  readonly window: SendWindow<Outbound>
}

/** Tells the sender, once. */
export const settle = (message: Outbound, delivered: boolean): void => {
  const { settle } = message
  message.settle = undefined
  message.cancel = undefined
  settle?.(delivered)
}

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

  /** Whether `push` would settle all these at once: the channel is known, and none of them would wait. */
  hasRoom(channel: string, messages: ReadonlyArray<Uint8Array>): boolean {
    const sending = this.#byName.get(channel)
    if (sending === undefined) return false
    let queued = sending.window.queued
    for (const bytes of messages) queued += bytes.length + frameCost
    return queued <= queueBytes
  }

  /** Queues messages, and settles those at once behind which there is room for more. False: too many channels. */
  push(channel: string, messages: ReadonlyArray<Outbound>): boolean {
    const sending = this.#sending(channel)
    if (sending === undefined) return false
    const { window } = sending
    for (const message of messages) {
      window.push(message)
      if (window.queued <= queueBytes) settle(message, true)
      else message.cancel = () => window.cancel(message)
    }
    return true
  }

  #sending(channel: string): Sending | undefined {
    const known = this.#byName.get(channel)
    if (known !== undefined) return known
    if (this.#byId.length >= maxChannelsPerLink) return undefined
    const id = this.#byId.length
    const heads = { lastHead: dataHead(id, false), moreHead: dataHead(id, true) }
    const sending: Sending = { id, ...heads, name: channel, announced: false, window: new SendWindow() }
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
    let bytes = 0
    while (bytes < turnBytes) {
      const chunk = sending.window.next()
      if (chunk === undefined) break
      if (!sending.announced) {
        sending.announced = true
        batch.push(encodeLinkFrame({ _tag: "Channel", id: sending.id, name: sending.name }))
      }
      batch.push([chunk.more ? sending.moreHead : sending.lastHead, chunk.bytes])
      bytes += chunk.bytes.length + dataHeadLength
      if (chunk.completes !== undefined) settle(chunk.completes, true)
    }
    return bytes
  }

  /** Takes back what is not wholly sent, by channel. */
  takeUnsent(): ReadonlyArray<readonly [channel: string, messages: ReadonlyArray<Outbound>]> {
    return this.#byId.map(({ name, window }) => [name, window.takeUnsent()] as const)
  }
}
