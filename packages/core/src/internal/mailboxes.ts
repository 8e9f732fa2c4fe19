import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type { Message } from "../Channel.ts"
import { frameCost } from "../protocol/flow.ts"
import { Letters } from "./letters.ts"
import type { Origin } from "./receivingHalf.ts"

/** How long messages wait for their channel to be opened here, in milliseconds. */
const unclaimedLifetime = 5_000

/** Channels that are not open here and for which messages came: some wait, others were given up. */
const maxUnclaimed = 1_024

/** The messages of one channel, and who waits for them. */
export class Mailbox {
  readonly #letters: Letters
  #waiting: Array<() => void> = []
  #closed = false

  constructor(letters: Letters) {
    this.#letters = letters
  }

  /** Whether it is the first one that waits: its readers have to be woken. */
  push(from: string, message: Uint8Array, origin: Origin): boolean {
    if (this.#closed) {
      origin.release(message.length + frameCost)
      return false
    }
    this.#letters.push(from, message, origin)
    return this.#letters.count === 1
  }

  /** Whoever waits may read what was pushed. */
  wake(): void {
    if (this.#letters.count === 0 || this.#waiting.length === 0) return
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** All messages that wait, at least one, released. Of several readers that wait each message goes to one. */
  readonly take: Effect.Effect<NonEmptyReadonlyArray<Message<Uint8Array>>> = Effect.suspend(() =>
    this.#letters.count === 0 ? Effect.flatMap(this.#arrival, () => this.take) : Effect.succeed(this.#letters.take())
  )

  readonly #arrival = Effect.callback<void>((resume) => {
    if (this.#letters.count > 0) {
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
    this.#letters.drop()
  }
}

interface Unclaimed {
  readonly letters: Letters
  readonly until: number
}

/**
 * Every channel's mailbox. Messages for a channel that is not open here wait for it for a moment, because a program opens its
 * channels after it joined; then they are dropped, so that one node's missing channel never blocks another's broadcast.
 */
export class Mailboxes {
  readonly #open = new Map<string, Mailbox>()
  readonly #unclaimed = new Map<string, Unclaimed>()
  /** The one that got the last message. */
  #last: Mailbox | undefined
  #lastName: string | undefined
  /** Mailboxes that got messages since their readers were woken. */
  readonly #filled = new Set<Mailbox>()
  readonly #dropped: (channel: string, count: number) => void

  constructor(dropped: (channel: string, count: number) => void) {
    this.#dropped = dropped
  }

  /** Opens a channel; `undefined` when it is open already. */
  open(channel: string): Mailbox | undefined {
    if (this.#open.has(channel)) return undefined
    const mailbox = new Mailbox(this.#unclaimed.get(channel)?.letters ?? new Letters())
    this.#unclaimed.delete(channel)
    this.#open.set(channel, mailbox)
    return mailbox
  }

  close(channel: string): void {
    this.#open.get(channel)?.close()
    this.#open.delete(channel)
    if (this.#lastName === channel) this.#lastName = this.#last = undefined
  }

  /** Puts a message into its channel's mailbox; `wake` has to follow. */
  deliver(channel: string, from: string, message: Uint8Array, origin: Origin, clock: () => number): void {
    const mailbox = channel === this.#lastName ? this.#last : this.#open.get(channel)
    if (mailbox !== undefined) {
      this.#lastName = channel
      this.#last = mailbox
      if (mailbox.push(from, message, origin)) this.#filled.add(mailbox)
      return
    }
    const now = clock()
    const waiting = this.#unclaimed.get(channel)
    if (waiting !== undefined && now < waiting.until) {
      waiting.letters.push(from, message, origin)
      return
    }
    if (waiting !== undefined || !this.#hasRoom(now)) {
      this.#dropped(channel, 1)
      return origin.release(message.length + frameCost)
    }
    const letters = new Letters()
    letters.push(from, message, origin)
    this.#unclaimed.set(channel, { letters, until: now + unclaimedLifetime })
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
    for (const [channel, { letters, until }] of this.#unclaimed) {
      if (now >= until && letters.count === 0) return this.#unclaimed.delete(channel)
    }
    return false
  }

  /** Drops what has waited for too long. A channel that was given up once waits no more until it is opened. */
  expire(now: number): void {
    for (const [channel, { letters, until }] of this.#unclaimed) {
      if (now < until || letters.count === 0) continue
      this.#dropped(channel, letters.count)
      letters.drop()
    }
  }
}
