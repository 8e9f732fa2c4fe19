import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type { Connection, OutboundFrame } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import { type Offer, offerOf } from "./stream/direct.ts"

type Batch = ReadonlyArray<OutboundFrame>

/** What is to be written. */
export interface WriteSource {
  /** There will be nothing more than what there is. */
  readonly ended: () => boolean
  /** What there is now, so much of it as goes at once. */
  readonly next: () => Batch
  /** It is on its way. */
  readonly wrote: () => void
}

/** So much of a turn goes before its end, once, in bytes with what frames cost: the other end has work meanwhile. */
const earlyBytes = 4 * 1024

/**
 * Writes to a connection: what one turn of the event loop has to say goes together when it ends, at once where the connection has
 * room, and else in a fiber.
 */
export class LinkWriter {
  readonly #connection: Connection
  readonly #source: WriteSource
  readonly #offer: Offer | undefined
  /** The fiber waits for work. */
  #wake: (() => void) | undefined
  /** This turn writes when it ends. */
  #due = false
  #wroteEarly = false
  #gathered = 0
  /** What there was no room for when it was offered. */
  #refused: Batch = []

  constructor(connection: Connection, source: WriteSource) {
    this.#connection = connection
    this.#source = source
    this.#offer = offerOf(connection)
  }

  /** There may be something to write, or there is so much more of it. */
  notify(bytes = 0): void {
    if (this.#wake === undefined) return
    if (!this.#due) {
      this.#due = true
      queueMicrotask(this.#endOfTurn)
    }
    this.#gathered += bytes
    if (this.#gathered < earlyBytes || this.#wroteEarly) return
    this.#wroteEarly = true
    this.#write()
  }

  /** Writes what this turn has gathered: what comes later goes after it. */
  flush(): void {
    if (this.#due) this.#write()
  }

  readonly #endOfTurn = (): void => {
    this.#due = false
    this.#wroteEarly = false
    this.#gathered = 0
    this.#write()
  }

  #write(): void {
    const wake = this.#wake
    if (wake === undefined) return
    // A sender that is settled by `next` may send at once, and comes by here again.
    this.#wake = undefined
    while (!this.#source.ended()) {
      const batch = this.#source.next()
      if (batch.length === 0) {
        this.#wake = wake
        return
      }
      if (this.#offer?.(this.#begin(batch)) === true) continue
      this.#refused = batch
      break
    }
    wake()
  }

  /** Writes until the source has ended. */
  readonly run: Effect.Effect<void, TransportError> = Effect.suspend(() => {
    const batch = this.#next()
    if (batch.length > 0) {
      return Effect.flatMap(this.#connection.send(this.#begin(batch)), () => this.run)
    }
    if (this.#source.ended()) return Effect.void
    return Effect.flatMap(this.#idle, () => this.run)
  })

  readonly #idle = Effect.callback<void>((resume) => {
    this.#wake = () => resume(Effect.void)
    if (this.#source.ended()) this.#wake()
    else this.notify()
    return Effect.sync(() => {
      this.#wake = undefined
    })
  })

  #next(): Batch {
    const refused = this.#refused
    if (refused.length === 0) return this.#source.next()
    this.#refused = []
    return refused
  }

  #begin(batch: Batch): NonEmptyReadonlyArray<OutboundFrame> {
    this.#source.wrote()
    return batch as unknown as NonEmptyReadonlyArray<OutboundFrame>
  }
}
