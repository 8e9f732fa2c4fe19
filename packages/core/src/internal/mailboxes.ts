import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type { Inbound } from "./receivingHalf.ts"

/** How long messages wait for their channel to be opened here, in milliseconds. */
const unclaimedLifetime = 5_000

/** Channels that are not open here and for which messages came: some wait, others were given up. */
const maxUnclaimed = 1_024

/** The messages of one channel that nobody has read yet. Their memory is bounded by each sender's credit. */
export class Mailbox {
  #messages: Array<Inbound>
  #waiting: Array<() => void> = []
  #closed = false

  constructor(messages: Array<Inbound>) {
    this.#messages = messages
  }

  /** Whether it is the first one that waits: its readers have to be woken. */
  push(message: Inbound): boolean {
    if (this.#closed) message.release()
    return !this.#closed && this.#messages.push(message) === 1
  }

  /** Whoever waits may read what was pushed. */
  wake(): void {
    if (this.#messages.length === 0 || this.#waiting.length === 0) return
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** All messages that wait, at least one, released. Of several readers that wait each message goes to one. */
  readonly take: Effect.Effect<NonEmptyReadonlyArray<Inbound>> = Effect.suspend(() => {
    if (this.#messages.length === 0) return Effect.flatMap(this.#arrival, () => this.take)
    const messages = this.#messages
    this.#messages = []
    for (const message of messages) message.release()
    return Effect.succeed(messages as unknown as NonEmptyReadonlyArray<Inbound>)
  })

  readonly #arrival = Effect.callback<void>((resume) => {
    if (this.#messages.length > 0) {
      resume(Effect.void)
      return
    }
    const wake = (): void => resume(Effect.void)
    this.#waiting.push(wake)
    return Effect.sync(() => {
      this.#waiting = this.#waiting.filter((each) => each !== wake)
    })
  })

  close(): void {
    this.#closed = true
    for (const message of this.#messages.splice(0)) message.release()
  }
}

interface Unclaimed {
  readonly messages: Array<Inbound>
  readonly until: number
}

/**
 * Every channel's mailbox. Messages for a channel that is not open here wait for it for a moment, because a program opens its
 * channels after it joined; then they are dropped, so that one node's missing channel never blocks another's broadcast.
 */
export class Mailboxes {
  readonly #open = new Map<string, Mailbox>()
  readonly #unclaimed = new Map<string, Unclaimed>()
  /** Mailboxes that got messages since their readers were woken. */
  readonly #filled = new Set<Mailbox>()
  readonly #dropped: (channel: string, count: number) => void

  constructor(dropped: (channel: string, count: number) => void) {
    this.#dropped = dropped
  }

  /** Opens a channel; `undefined` when it is open already. */
  open(channel: string): Mailbox | undefined {
    if (this.#open.has(channel)) return undefined
    const mailbox = new Mailbox(this.#unclaimed.get(channel)?.messages ?? [])
    this.#unclaimed.delete(channel)
    this.#open.set(channel, mailbox)
    return mailbox
  }

  close(channel: string): void {
    this.#open.get(channel)?.close()
    this.#open.delete(channel)
  }

  /** Puts a message into its channel's mailbox; `wake` has to follow. */
  deliver(channel: string, message: Inbound, clock: () => number): void {
    const mailbox = this.#open.get(channel)
    if (mailbox !== undefined) {
      if (mailbox.push(message)) this.#filled.add(mailbox)
      return
    }
    const now = clock()
    const waiting = this.#unclaimed.get(channel)
    if (waiting !== undefined && now < waiting.until) {
      waiting.messages.push(message)
      return
    }
    if (waiting !== undefined || !this.#hasRoom(now)) {
      this.#dropped(channel, 1)
      return message.release()
    }
    this.#unclaimed.set(channel, { messages: [message], until: now + unclaimedLifetime })
  }

  /** Lets those read that wait for what was delivered: once for all that came together, not for each message. */
  wake(): void {
    for (const mailbox of this.#filled) {
      this.#filled.delete(mailbox)
      mailbox.wake()
    }
  }

  /** Whether one more channel may have messages waiting; the one that was given up first makes room. */
  #hasRoom(now: number): boolean {
    if (this.#unclaimed.size < maxUnclaimed) return true
    for (const [channel, { messages, until }] of this.#unclaimed) {
      if (now >= until && messages.length === 0) return this.#unclaimed.delete(channel)
    }
    return false
  }

  /** Drops what has waited for too long. A channel that was given up once waits no more until it is opened. */
  expire(now: number): void {
    for (const [channel, { messages, until }] of this.#unclaimed) {
      if (now < until || messages.length === 0) continue
      this.#dropped(channel, messages.length)
      for (const message of messages.splice(0)) message.release()
    }
  }
}
