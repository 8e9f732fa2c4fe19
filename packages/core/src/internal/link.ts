import * as Effect from "effect/Effect"
import { dataHeadLength, frameType, maxLinkFrame } from "../protocol/frames.ts"
import { decodeLinkFrame, type LinkFrame } from "../protocol/linkFrames.ts"
import type { Connection, OutboundFrame } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import { encodedFrame } from "./encodedFrame.ts"
import { LinkOrder } from "./linkOrder.ts"
import { LinkWriter } from "./linkWriter.ts"
import type { ObserverFeed } from "./observerFeed.ts"
import type { LinkListener } from "./linkListener.ts"
import { ReceivingHalf } from "./receivingHalf.ts"
import { pourOf } from "./stream/direct.ts"
import { type Outbound, SendingHalf } from "./sendingHalf.ts"

/** Control frames that may wait: whoever asks and never reads the answers loses its link. */
const maxControl = 1_024

/** A record of TLS that is likely to be followed by another, in bytes. */
const longRecord = { from: 8 * 1024, to: 16 * 1024 }

const nothing: ReadonlyArray<never> = []

/** An authenticated stream: control frames, and channels with credit. It holds no rules of membership. */
export class Link {
  readonly id: number
  readonly connection: Connection
  readonly #listener: LinkListener
  /** The peer, once it is authentic. */
  name = ""
  instance = ""
  heardAt: number
  sentAt: number
  #bytesSeen = 0
  #control: Array<Uint8Array> = []
  readonly #sending = new SendingHalf()
  readonly #order: LinkOrder
  readonly #receiving: ReceivingHalf
  readonly #writer: LinkWriter
  /** The other end watches: there are no channels, and every frame of it is judged as control. */
  watched = false
  #feed: ObserverFeed | undefined
  #open = false
  #metaSeen = false
  /** Readers are woken when this turn of the event loop ends. */
  #delivers = false
  /** Set: no more data is written. */
  retired = false
  #closing = false
  #ended = false
  #overrun = false
  #onClosing: (() => void) | undefined

  constructor(id: number, connection: Connection, listener: LinkListener, maxMessageSize: number) {
    this.id = id
    this.connection = connection
    this.#listener = listener
    const credit = (id: number, bytes: number): void => {
      if (this.usable) this.sendControl({ _tag: "Credit", id, bytes })
    }
    this.#order = new LinkOrder({
      flows: () => this.flows,
      stopped: () => this.#stopped,
      deliver: (channel, message) => listener.message(channel, this.name, message),
      released: () => listener.delivered()
    })
    this.#receiving = new ReceivingHalf(maxMessageSize, pourOf(connection) !== undefined, credit, this.#order.arrived)
    this.#writer = new LinkWriter(connection, {
      ended: () => this.#stopped,
      next: () => this.#batch(),
      wrote: () => (this.sentAt = listener.now())
    })
    this.heardAt = listener.now()
    this.sentAt = this.heardAt
  }

  get usable(): boolean {
    return !this.retired && !this.#stopped
  }

  /** Whether messages may still come out of it: the handshake is done, and the stream is read or something is held back. */
  get flows(): boolean {
    return this.#open && (!this.#stopped || this.waits)
  }

  get #stopped(): boolean {
    return this.#closing || this.#ended
  }

  /** Takes note of bytes that came without making a whole frame. */
  observe(now: number): void {
    const seen = this.connection.bytesReceived()
    if (seen === this.#bytesSeen) return
    this.#bytesSeen = seen
    this.heardAt = now
  }

  sendControl(frame: LinkFrame): void {
    if (this.#stopped) return
    // Behind it nothing is read any more: what was sent before goes first.
    if (frame._tag === "Leave") this.#writer.flush()
    this.#control.push(encodedFrame(frame))
    this.#writer.notify()
    if (this.#control.length > maxControl && !this.#overrun) {
      this.#overrun = true
      this.#listener.violation(this, "it does not read the answers to what it asks")
    }
  }

  /** From now on tells what the feed has whenever there is room; closes the feed at the end. */
  tell(feed: ObserverFeed): void {
    if (this.#stopped) return feed.close()
    this.#feed = feed
    this.#writer.notify()
  }

  /** The feed has something to tell. */
  readonly arrived = (): void => this.#writer.notify()

  /** Queues messages of a link that is usable, of so much credit, if nobody has to wait then. */
  offer(channel: string, messages: ReadonlyArray<Uint8Array>, cost: number): boolean {
    const queued = this.#sending.offer(channel, messages, cost)
    if (queued) this.#writer.notify(cost)
    return queued
  }

  /** Queues messages of a link that is usable. False: too many channels. */
  send(channel: string, messages: Outbound): boolean {
    const queued = this.#sending.push(channel, messages)
    this.#writer.notify()
    return queued
  }

  /** Data of a life that is over is dropped. */
  mute(): void {
    this.#order.mute()
  }

  /** Takes back what is unsent, by channel, to go over another link. */
  takeUnsent(): ReturnType<SendingHalf["takeUnsent"]> {
    return this.#sending.takeUnsent()
  }

  get waits(): boolean {
    return this.#order.waits
  }

  /** Holds this link's messages back until another one, to the same life, has been read to its end. */
  follow(other: Link): void {
    this.#order.follow(other.#order)
  }

  /** Holds nothing back any more. */
  proceed(): void {
    this.#order.proceed()
  }

  /** Write out the control frames that wait, then end. */
  close(): void {
    if (this.#stopped) return
    this.#closing = true
    this.#stop()
    this.#onClosing?.()
    this.#writer.notify()
  }

  /** The stream is gone. */
  end(): void {
    const stopped = this.#stopped
    this.#ended = true
    if (!stopped) this.#stop()
    this.#writer.notify()
  }

  /** Calls back when the link shall end although the other side does not, or at once when it shall already. */
  whenClosing(callback: () => void): void {
    this.#onClosing = callback
    if (this.#stopped) callback()
  }

  #stop(): void {
    this.#feed?.close()
    this.#feed = undefined
    this.#order.end()
    this.#listener.stopped(this)
  }

  /** Writes until the link closes. */
  get writer(): Effect.Effect<void, TransportError> {
    return this.#writer.run
  }

  /** Reads until the stream ends; `first` are frames that came together with the last one of the handshake. */
  reader(first: ReadonlyArray<Uint8Array>): Effect.Effect<never, TransportError> {
    return Effect.suspend(() => {
      this.#open = true
      this.connection.limitFrames(maxLinkFrame)
      if (first.length > 0) this.#take(first)
      const pour = pourOf(this.connection)
      return pour?.({ frame: this.#frame, taken: this.#taken }) ?? this.#receive
    })
  }

  readonly #receive: Effect.Effect<never, TransportError> = Effect.suspend(() =>
    Effect.flatMap(this.connection.receive, (frames) => {
      this.#take(frames)
      return this.#receive
    })
  )

  #batch(): ReadonlyArray<OutboundFrame> {
    const batch: Array<OutboundFrame> = this.#control
    if (batch.length === 0 && !this.#sending.ready && this.#feed?.ready !== true) return nothing
    this.#control = []
    if (this.usable) this.#sending.fill(batch)
    this.#feed?.fill(batch)
    return batch
  }

  #take(frames: ReadonlyArray<Uint8Array>): void {
    for (const frame of frames) {
      // A plain array: what is cut out of a `Buffer` is one, and its `slice` copies nothing.
      this.#frame(new Uint8Array(frame.buffer, frame.byteOffset, frame.length), 0, frame.length)
    }
    this.#noted()
    this.#listener.delivered()
  }

  /** TLS shows what was read at once in records: where a long one came more are about to, and each wake of a reader costs. */
  readonly #taken = (bytes: number): void => {
    this.#noted()
    if (bytes < longRecord.from || bytes > longRecord.to) return this.#listener.delivered()
    if (this.#delivers) return
    this.#delivers = true
    setImmediate(() => {
      this.#delivers = false
      this.#listener.delivered()
    })
  }

  /** Something was heard. */
  #noted(): void {
    this.heardAt = this.#listener.now()
    this.#bytesSeen = this.connection.bytesReceived()
  }

  /** A frame came, which lies there. True: something refers to these bytes from now on. */
  readonly #frame = (bytes: Uint8Array, start: number, end: number): boolean => {
    if (this.#stopped) return false
    const type = bytes[start]
    if (type !== frameType.data || end - start < dataHeadLength || this.watched) {
      // What was said before a LEAVE is read before somebody hears of it.
      this.#noted()
      this.#listener.delivered()
      this.#decoded(bytes.subarray(start, end))
      return type !== frameType.credit
    }
    const wrong = this.#metaSeen ? this.#receiving.data(bytes, start, end) : "data before META"
    if (wrong !== undefined) this.#listener.violation(this, wrong)
    return this.#receiving.keepsChunk()
  }

  #decoded(frame: Uint8Array): void {
    const decoded = decodeLinkFrame(frame)
    if (!decoded.ok) return this.#listener.violation(this, decoded.reason)
    const value = decoded.value
    if (this.watched) return this.#listener.control(this, value)
    switch (value._tag) {
      case "Channel":
        if (this.#receiving.open(value.id, value.name)) return
        return this.#listener.violation(this, "a channel was opened twice, or too many are")
      case "Credit":
        if (!this.#sending.grant(value.id, value.bytes)) {
          return this.#listener.violation(this, "credit for a channel that was not opened")
        }
        return this.#writer.notify()
      case "Meta":
        this.#metaSeen = true
    }
    this.#listener.control(this, value)
  }
}
