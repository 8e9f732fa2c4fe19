import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import { dataHeadLength, frameType, maxLinkFrame } from "../protocol/frames.ts"
import { decodeLinkFrame, type LinkFrame } from "../protocol/linkFrames.ts"
import type { Connection, OutboundFrame } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import { encodedFrame } from "./encodedFrame.ts"
import type { ObserverFeed } from "./observerFeed.ts"
import type { LinkListener } from "./linkListener.ts"
import { type Inbound, ReceivingHalf } from "./receivingHalf.ts"
import { type Outbound, SendingHalf } from "./sendingHalf.ts"
import { Turn } from "./turn.ts"

/** Control frames that may wait: whoever asks and never reads the answers loses its link. */
const maxControl = 1_024

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
  readonly #receiving: ReceivingHalf
  /** The other end watches: there are no channels, and every frame of it is judged as control. */
  watched = false
  #feed: ObserverFeed | undefined
  #open = false
  #metaSeen = false
  #muted = false
  /** Set: no more data is written. */
  retired = false
  #closing = false
  #ended = false
  #overrun = false
  #wake: (() => void) | undefined
  readonly #turn = new Turn(() => this.#notify())
  /** Links to the same life that have to be read to their end first, so that the order of messages survives. */
  readonly #behind = new Set<Link>()
  readonly #followers = new Set<Link>()
  #held: Array<readonly [channel: string, message: Inbound]> = []
  #onClosing: (() => void) | undefined

  constructor(id: number, connection: Connection, listener: LinkListener, maxMessageSize: number) {
    this.id = id
    this.connection = connection
    this.#listener = listener
    this.#receiving = new ReceivingHalf(maxMessageSize, connection.recycle !== undefined, (id, bytes) => {
      if (this.usable) this.sendControl({ _tag: "Credit", id, bytes })
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
    if (frame._tag === "Leave") this.#turn.end()
    this.#control.push(encodedFrame(frame))
    this.#notify()
    if (this.#control.length > maxControl && !this.#overrun) {
      this.#overrun = true
      this.#listener.violation(this, "it does not read the answers to what it asks")
    }
  }

  /** From now on tells what the feed has whenever there is room; closes the feed at the end. */
  tell(feed: ObserverFeed): void {
    if (this.#stopped) return feed.close()
    this.#feed = feed
    this.#notify()
  }

  /** The feed has something to tell. */
  readonly arrived = (): void => this.#notify()

  /** Whether messages that are queued now are settled at once. */
  hasRoom(channel: string, messages: ReadonlyArray<Uint8Array>): boolean {
    return this.#sending.hasRoom(channel, messages)
  }

  /** Queues messages of a link that is usable. False: too many channels. */
  send(channel: string, messages: ReadonlyArray<Outbound>): boolean {
    const queued = this.#sending.push(channel, messages)
    this.#notify()
    return queued
  }

  /** Data of a life that is over is dropped. */
  mute(): void {
    this.#muted = true
    for (const [, message] of this.#held.splice(0)) message.release()
  }

  /** Takes back what is unsent, by channel, to go over another link. */
  takeUnsent(): ReturnType<SendingHalf["takeUnsent"]> {
    return this.#sending.takeUnsent()
  }

  get waits(): boolean {
    return this.#behind.size > 0
  }

  /** Holds this link's messages back until another one, to the same life, has been read to its end. */
  follow(other: Link): void {
    other.#passed(this)
    if (!other.flows) return
    this.#behind.add(other)
    other.#followers.add(this)
  }

  /** Holds nothing back any more. */
  proceed(): void {
    for (const other of this.#behind) other.#followers.delete(this)
    this.#behind.clear()
    this.#release()
  }

  #passed(other: Link): void {
    other.#followers.delete(this)
    if (this.#behind.delete(other) && this.#behind.size === 0) this.#release()
  }

  #release(): void {
    const held = this.#held
    this.#held = []
    for (const [channel, message] of held) this.#listener.message(channel, message)
    this.#listener.delivered()
    if (this.#stopped) this.#letPass()
  }

  #letPass(): void {
    for (const follower of this.#followers) follower.#passed(this)
  }

  /** Write out the control frames that wait, then end. */
  close(): void {
    if (this.#stopped) return
    this.#closing = true
    this.#stop()
    this.#onClosing?.()
    this.#notify()
  }

  /** The stream is gone. */
  end(): void {
    const stopped = this.#stopped
    this.#ended = true
    if (!stopped) this.#stop()
    this.#notify()
  }

  /** Calls back when the link shall end although the other side does not, or at once when it shall already. */
  whenClosing(callback: () => void): void {
    this.#onClosing = callback
    if (this.#stopped) callback()
  }

  #stop(): void {
    this.#feed?.close()
    this.#feed = undefined
    if (!this.waits) this.#letPass()
    this.#listener.stopped(this)
  }

  /** Writes until the link closes. */
  readonly writer: Effect.Effect<void, TransportError> = Effect.suspend(() => {
    const batch = this.#batch()
    if (batch.length > 0) {
      this.sentAt = this.#listener.now()
      this.#turn.begin()
      return Effect.flatMap(
        this.connection.send(batch as unknown as NonEmptyReadonlyArray<OutboundFrame>),
        () => this.writer
      )
    }
    if (this.#stopped) return Effect.void
    return Effect.flatMap(this.#idle, () => this.writer)
  })

  /** Reads until the stream ends; `first` are frames that came together with the last one of the handshake. */
  reader(first: ReadonlyArray<Uint8Array>): Effect.Effect<never, TransportError> {
    return Effect.suspend(() => {
      this.#open = true
      this.connection.limitFrames(maxLinkFrame)
      this.#take(first)
      const loop: Effect.Effect<never, TransportError> = Effect.flatMap(this.connection.receive, (frames) => {
        if (this.#take(frames) && !this.#receiving.keepsChunk()) this.connection.recycle?.()
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
    return (
      this.#control.length > 0 || this.#stopped || this.#feed?.ready === true || (!this.retired && this.#sending.ready)
    )
  }

  #notify(): void {
    if (this.#turn.busy) return
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #batch(): Array<OutboundFrame> {
    const batch: Array<OutboundFrame> = this.#control
    this.#control = []
    if (this.usable) this.#sending.fill(batch)
    this.#feed?.fill(batch)
    return batch
  }

  /** Whether nothing of the frames themselves is referred to but by what was received on channels. */
  #take(frames: ReadonlyArray<Uint8Array>): boolean {
    if (frames.length === 0) return false
    this.heardAt = this.#listener.now()
    this.#bytesSeen = this.connection.bytesReceived()
    let passing = true
    for (const frame of frames) {
      if (this.#stopped) break
      if (!this.watched && frame[0] === frameType.data && frame.length >= dataHeadLength) this.#data(frame)
      else {
        passing &&= frame[0] === frameType.credit
        // What was said before a LEAVE is read before somebody hears of it.
        this.#listener.delivered()
        this.#decoded(frame)
      }
    }
    this.#listener.delivered()
    return passing
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
        return this.#notify()
      case "Meta":
        this.#metaSeen = true
    }
    this.#listener.control(this, value)
  }

  #data(frame: Uint8Array): void {
    if (!this.#metaSeen) return this.#listener.violation(this, "data before META")
    const arrived = this.#receiving.data(frame, this.name)
    if (arrived._tag === "Violation") return this.#listener.violation(this, arrived.reason)
    if (arrived._tag === "Partial") return
    if (this.#muted) return arrived.release()
    if (!this.waits) this.#listener.message(arrived.channel, arrived)
    else this.#held.push([arrived.channel, arrived])
  }
}
