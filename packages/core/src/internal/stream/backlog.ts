import * as Effect from "effect/Effect"
import { makesRoom, type Unproven } from "../../protocol/pending.ts"
import type { DropReason } from "./notices.ts"
import type { Wire } from "./wire.ts"

/** No first message of TLS 1.3 is shorter: its random bytes and key share alone take 64, a key's or a certificate's part more. */
const leastHello = 128

/** A socket that came in, as the backlog sees it. @category models @since 0.1.0 */
export interface Incoming {
  readonly remoteAddress?: string | undefined
  readonly bytesRead: number
  destroy(): unknown
}

/** A connection that came in and was not pulled yet; it has no wire while its TLS handshake is in progress. */
export class Pending implements Unproven {
  readonly host: string | undefined
  socket: Incoming
  /** What it counts as when it is closed before it is ready. */
  reason: DropReason = "handshake"
  wire: Wire | undefined
  /** Counts up: who was heard later has more. */
  heardAt: number

  constructor(socket: Incoming, heardAt: number) {
    this.host = socket.remoteAddress
    this.socket = socket
    this.heardAt = heardAt
  }

  get progress(): number {
    if (this.wire !== undefined) return 2
    return this.socket.bytesRead < leastHello ? 0 : 1
  }
}

/**
 * Connections that came in and wait: for the end of their TLS handshake, and then for `accept`. Beyond the cap one of them
 * makes room by the rule of `@gc/core/Pending`, never the newcomer.
 */
export class Backlog {
  readonly #max: number
  readonly #drop: (reason: DropReason) => void
  readonly #pending: Set<Pending> = new Set()
  readonly #ready: Set<Pending> = new Set()
  readonly #waiting: Set<() => void> = new Set()
  #heard = 0
  #closed = false

  constructor(max: number, drop: (reason: DropReason) => void) {
    this.#max = max
    this.#drop = drop
  }

  get closed(): boolean {
    return this.#closed
  }

  add(socket: Incoming): Pending {
    const leaving = this.#pending.size < this.#max ? undefined : makesRoom(this.#pending)
    if (leaving !== undefined) this.drop(leaving, "evicted")
    const pending = new Pending(socket, this.#heard++)
    this.#pending.add(pending)
    return pending
  }

  /** It sent something. */
  heard(pending: Pending): void {
    pending.heardAt = this.#heard++
  }

  /** It can be pulled from now on. */
  ready(pending: Pending, socket: Incoming, wire: Wire): void {
    if (!this.#pending.has(pending)) return
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
    if (!this.#pending.delete(pending)) return false
    this.#ready.delete(pending)
    pending.socket.destroy()
    return true
  }

  take(): Wire | undefined {
    const [pending] = this.#ready
    if (pending === undefined) return undefined
    this.#ready.delete(pending)
    this.#pending.delete(pending)
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
    for (const pending of this.#pending) this.drop(pending, "closing")
    this.#wake()
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}
