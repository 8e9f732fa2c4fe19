import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import { maxChannelsPerLink, type Outgoing, ReceiveWindow, SendWindow } from "../protocol/flow.ts"
import { dataHeadLength, frameType, maxLinkFrame } from "../protocol/frames.ts"
import { dataHead, decodeLinkFrame, encodeLinkFrame, type LinkFrame } from "../protocol/linkFrames.ts"
import type { Connection, OutboundFrame } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"

/** A message on its way out; `settle` tells the sender that waits, if one does. */
export interface Outbound extends Outgoing {
  settle: ((delivered: boolean) => void) | undefined
}

/** Unsent bytes per batch that is handed to the transport. */
const batchBytes = 256 * 1024

/** A sender whose channel has more than this unsent waits. */
const queueBytes = 256 * 1024

interface Sending {
  readonly id: number
  announced: boolean
  readonly window: SendWindow<Outbound>
}

interface Receiving {
  readonly name: string
  readonly window: ReceiveWindow
}

/** A whole message that came in; `release` gives its memory back to the sender's credit. */
export interface Inbound {
  readonly from: string
  readonly bytes: Uint8Array
  readonly release: () => void
}

/** What a link reports. All calls are synchronous and must not throw. */
export interface LinkListener {
  readonly now: () => number
  readonly control: (link: Link, frame: LinkFrame) => void
  readonly message: (link: Link, channel: string, message: Inbound) => void
  readonly violation: (link: Link, reason: string) => void
}

/** An authenticated stream: control frames, and channels with credit. It holds no rules of membership. */
export class Link {
  readonly id: number
  readonly connection: Connection
  readonly #listener: LinkListener
  readonly #maxMessageSize: number
  /** The peer's name, once it is authentic. */
  name = ""
  instance = ""
  heardAt: number
  sentAt: number
  #bytesSeen = 0
  #control: Array<Uint8Array> = []
  #sending = new Map<string, Sending>()
  #byId: Array<Sending> = []
  #turn = 0
  #receiving = new Map<number, Receiving>()
  #retired = false
  #closing = false
  #ended = false
  #wake: (() => void) | undefined
  /** Called once when the link shall end although the other side does not. */
  onClosing: (() => void) | undefined

  constructor(id: number, connection: Connection, listener: LinkListener, maxMessageSize: number) {
    this.id = id
    this.connection = connection
    this.#listener = listener
    this.#maxMessageSize = maxMessageSize
    this.heardAt = listener.now()
    this.sentAt = this.heardAt
  }

  get usable(): boolean {
    return !this.#retired && !this.#closing && !this.#ended
  }

  /** Takes note of bytes that came without making a whole frame. */
  observe(now: number): void {
    const seen = this.connection.bytesReceived()
    if (seen === this.#bytesSeen) return
    this.#bytesSeen = seen
    this.heardAt = now
  }

  sendControl(frame: LinkFrame): void {
    if (this.#closing || this.#ended) return
    this.#control.push(encodeLinkFrame(frame))
    this.#notify()
  }

  /** Queues a message. `settle` is called when there is room for more, or at once; false: the link ended first. */
  send(channel: string, message: Outbound): boolean {
    const sending = this.#outgoing(channel)
    if (sending === undefined) return false
    sending.window.push(message)
    if (sending.window.queued <= queueBytes) {
      message.settle?.(true)
      message.settle = undefined
    }
    this.#notify()
    return true
  }

  /** The room that is left before senders wait, in bytes. */
  room(channel: string): number {
    const sending = this.#sending.get(channel)
    return sending === undefined ? queueBytes : queueBytes - sending.window.queued
  }

  /** Write no more data. */
  retire(): void {
    this.#retired = true
  }

  /** What is unsent, by channel, to go over another link. */
  takeUnsent(): ReadonlyMap<string, ReadonlyArray<Outbound>> {
    const unsent = new Map<string, ReadonlyArray<Outbound>>()
    for (const [channel, sending] of this.#sending) unsent.set(channel, sending.window.takeUnsent())
    return unsent
  }

  /** Write out the control frames that wait, then end. */
  close(): void {
    if (this.#closing) return
    this.#closing = true
    this.onClosing?.()
    this.#notify()
  }

  /** The link is over: everybody who waits learns it. */
  end(): void {
    this.#ended = true
    for (const sending of this.#sending.values()) {
      for (const message of sending.window.takeUnsent()) message.settle?.(false)
    }
    this.#notify()
  }

  /** Writes until the link closes. */
  readonly writer: Effect.Effect<void, TransportError> = Effect.suspend(() => {
    const batch = this.#batch()
    if (batch.length > 0) {
      this.sentAt = this.#listener.now()
      return Effect.flatMap(
        this.connection.send(batch as unknown as NonEmptyReadonlyArray<OutboundFrame>),
        () => this.writer
      )
    }
    if (this.#closing || this.#ended) return Effect.void
    return Effect.flatMap(this.#idle, () => this.writer)
  })

  /** Reads until the stream ends; `first` are frames that came together with the last one of the handshake. */
  reader(first: ReadonlyArray<Uint8Array>): Effect.Effect<never, TransportError> {
    return Effect.suspend(() => {
      this.connection.limitFrames(maxLinkFrame)
      this.#take(first)
      const loop: Effect.Effect<never, TransportError> = Effect.flatMap(this.connection.receive, (frames) => {
        this.#take(frames)
        return loop
      })
      return loop
    })
  }

  readonly #idle = Effect.callback<void>((resume) => {
    if (this.#hasWork()) {
      resume(Effect.void)
      return
    }
    this.#wake = () => resume(Effect.void)
  })

  #hasWork(): boolean {
    if (this.#control.length > 0 || this.#closing || this.#ended) return true
    return !this.#retired && this.#byId.some((sending) => sending.window.ready)
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #batch(): Array<OutboundFrame> {
    const batch: Array<OutboundFrame> = this.#control
    this.#control = []
    if (this.#retired || this.#closing) return batch
    let bytes = 0
    let idle = 0
    const count = this.#byId.length
    while (bytes < batchBytes && idle < count) {
      const sending = this.#byId[this.#turn++ % count] as Sending
      const taken = this.#fill(batch, sending)
      idle = taken === 0 ? idle + 1 : 0
      bytes += taken
    }
    return batch
  }

  /** Up to 64 KiB of one channel, so that none keeps the others waiting. */
  #fill(batch: Array<OutboundFrame>, sending: Sending): number {
    let bytes = 0
    while (bytes < 65_536) {
      const chunk = sending.window.next()
      if (chunk === undefined) break
      if (!sending.announced) this.#announce(batch, sending)
      batch.push([dataHead(sending.id, chunk.more), chunk.bytes])
      bytes += chunk.bytes.length + dataHeadLength
      const message = chunk.completes
      if (message?.settle !== undefined) {
        message.settle(true)
        message.settle = undefined
      }
    }
    return bytes
  }

  #announce(batch: Array<OutboundFrame>, sending: Sending): void {
    sending.announced = true
    for (const [name, each] of this.#sending) {
      if (each === sending) batch.push(encodeLinkFrame({ _tag: "Channel", id: sending.id, name }))
    }
  }

  #outgoing(channel: string): Sending | undefined {
    if (!this.usable) return undefined
    const known = this.#sending.get(channel)
    if (known !== undefined) return known
    if (this.#sending.size >= maxChannelsPerLink) return undefined
    const sending: Sending = { id: this.#sending.size, announced: false, window: new SendWindow() }
    this.#sending.set(channel, sending)
    this.#byId.push(sending)
    return sending
  }

  #take(frames: ReadonlyArray<Uint8Array>): void {
    if (frames.length === 0) return
    this.heardAt = this.#listener.now()
    this.#bytesSeen = this.connection.bytesReceived()
    for (const frame of frames) {
      if (this.#closing || this.#ended) return
      if (frame[0] === frameType.data && frame.length >= dataHeadLength) this.#data(frame)
      else this.#decoded(frame)
    }
  }

  #decoded(frame: Uint8Array): void {
    const decoded = decodeLinkFrame(frame)
    if (!decoded.ok) return this.#listener.violation(this, decoded.reason)
    const value = decoded.value
    if (value._tag === "Channel") return this.#opened(value.id, value.name)
    if (value._tag !== "Credit") return this.#listener.control(this, value)
    const sending = this.#byId[value.id]
    if (sending === undefined) return this.#listener.violation(this, "credit for a channel that was not opened")
    sending.window.grant(value.bytes)
    this.#notify()
  }

  #opened(id: number, name: string): void {
    if (this.#receiving.has(id) || this.#receiving.size >= maxChannelsPerLink) {
      return this.#listener.violation(this, "a channel was opened twice, or too many are")
    }
    this.#receiving.set(id, { name, window: new ReceiveWindow(this.#maxMessageSize) })
  }

  #data(frame: Uint8Array): void {
    const id = ((frame[1] as number) << 8) | (frame[2] as number)
    const flags = frame[3] as number
    const receiving = this.#receiving.get(id)
    if (receiving === undefined || flags > 1)
      return this.#listener.violation(this, "data for a channel that was not opened")
    const { name, window } = receiving
    const received = window.receive(frame.subarray(dataHeadLength), flags === 1)
    if (received._tag === "Violation") return this.#listener.violation(this, received.reason)
    if (received._tag === "Partial") return this.#grant(id, window)
    const { bytes } = received
    const release = (): void => {
      window.consumed(bytes.length)
      this.#grant(id, window)
    }
    this.#listener.message(this, name, { from: this.name, bytes, release })
    this.#grant(id, window)
  }

  #grant(id: number, window: ReceiveWindow): void {
    if (!this.usable) return
    const bytes = window.credit()
    if (bytes > 0) this.sendControl({ _tag: "Credit", id, bytes })
  }
}
