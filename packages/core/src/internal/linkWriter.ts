import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type { Connection, OutboundFrame } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import { type Offer, offerOf } from "./stream/direct.ts"
import { Turn } from "./turn.ts"

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

/** Writes to a connection: at once where that has room, else in a fiber; and once in a turn of the event loop. */
export class LinkWriter {
  readonly #connection: Connection
  readonly #source: WriteSource
  readonly #offer: Offer | undefined
  readonly #turn = new Turn(() => this.notify())
  #wake: (() => void) | undefined
  /** What there was no room for when it was offered. */
  #refused: Batch = []

  constructor(connection: Connection, source: WriteSource) {
    this.#connection = connection
    this.#source = source
    this.#offer = offerOf(connection)
  }

  /** There may be something to write. */
  notify(): void {
    const wake = this.#wake
    if (this.#turn.busy || wake === undefined) return
    // A sender that is settled by `next` may send at once, and comes by here again.
    this.#wake = undefined
    if (!this.#source.ended()) {
      const batch = this.#source.next()
      if (batch.length === 0 || this.#offer?.(this.#begin(batch)) === true) {
        this.#wake = wake
        return
      }
      this.#refused = batch
    }
    wake()
  }

  /** What came in this turn goes before what comes now. */
  flush(): void {
    this.#turn.end()
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
    this.notify()
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
    this.#turn.begin()
    return batch as unknown as NonEmptyReadonlyArray<OutboundFrame>
  }
}
