import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import type { DropReason } from "./notices.ts"
import type { Wire } from "./wire.ts"

/** A connection that came in and was not pulled yet; it has no wire while its TLS handshake is in progress. @internal */
export interface Pending {
  socket: Socket
  wire: Wire | undefined
}

/**
 * Connections that came in and wait: for the end of their TLS handshake, and then for `accept`. Beyond the cap the one that
 * has been silent longest goes, never the newcomer.
 *
 * @internal
 */
export class Backlog {
  readonly #max: number
  readonly #drop: (reason: DropReason) => void
  /** Who was silent longest comes first. */
  readonly #silence: Set<Pending> = new Set()
  readonly #ready: Set<Pending> = new Set()
  readonly #waiting: Set<() => void> = new Set()
  #closed = false

  constructor(max: number, drop: (reason: DropReason) => void) {
    this.#max = max
    this.#drop = drop
  }

  get closed(): boolean {
    return this.#closed
  }

  add(socket: Socket): Pending {
    const pending: Pending = { socket, wire: undefined }
    this.#silence.add(pending)
    if (this.#silence.size > this.#max) {
      const [silent] = this.#silence
      if (silent !== undefined) this.drop(silent, "evicted")
    }
    return pending
  }

  /** It sent something: it is the last to go now. */
  heard(pending: Pending): void {
    if (this.#silence.delete(pending)) this.#silence.add(pending)
  }

  /** It can be pulled from now on. */
  ready(pending: Pending, socket: Socket, wire: Wire): void {
    if (!this.#silence.has(pending)) return
    pending.socket = socket
    pending.wire = wire
    this.heard(pending)
    this.#ready.add(pending)
    this.#wake()
  }

  /** Drops it unless it was pulled or dropped before. */
  drop(pending: Pending, reason: DropReason): void {
    if (this.remove(pending)) this.#drop(reason)
  }

  /** `drop` without counting; whether it was still here. */
  remove(pending: Pending): boolean {
    if (!this.#silence.delete(pending)) return false
    this.#ready.delete(pending)
    pending.socket.destroy()
    return true
  }

  take(): Wire | undefined {
    const [pending] = this.#ready
    if (pending === undefined) return undefined
    this.#ready.delete(pending)
    this.#silence.delete(pending)
    return pending.wire
  }

  /** Ends when there may be something to take, or nothing ever again. */
  readonly changed: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.#closed || this.#ready.size > 0) return resume(Effect.void)
    const wake = () => resume(Effect.void)
    this.#waiting.add(wake)
    return Effect.sync(() => this.#waiting.delete(wake))
  })

  close(): void {
    this.#closed = true
    for (const pending of this.#silence) this.drop(pending, "closing")
    this.#wake()
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}
