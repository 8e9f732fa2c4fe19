import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { errorCode } from "./errors.ts"

const countersOf = (transport: string) => ({
  accepted: Metric.counter(`gc_${transport}_accepted`, {
    description: "Connections that listeners handed over",
    incremental: true
  }),
  dropped: Metric.counter(`gc_${transport}_dropped`, {
    description: "Connections that came in and were dropped before they were handed over, by reason",
    incremental: true
  }),
  acceptErrors: Metric.counter(`gc_${transport}_accept_errors`, {
    description: "Errors of listening sockets, by code",
    incremental: true
  })
})

/**
 * Why a connection was not handed over: the backlog was full and it was the one to make room; its handshake broke or took
 * too long; its upgrade was refused; the handshake left something unproven; the stream was cut; the listener closed.
 */
export type DropReason = "evicted" | "handshake" | "refused" | "unproven" | "cut" | "closing"

/**
 * What a listener counts and says: everything is counted each time, and said once.
 */
export class Notices {
  /** Where the listener is, for the log. */
  address: string
  readonly #context: Context.Context<never>
  readonly #counters: ReturnType<typeof countersOf>
  readonly #said: Set<string> = new Set()

  constructor(transport: string, address: string, context: Context.Context<never>) {
    this.#counters = countersOf(transport)
    this.address = address
    this.#context = context
  }

  accepted(): void {
    this.#counters.accepted.updateUnsafe(1, this.#context)
  }

  dropped(reason: DropReason): void {
    Metric.withAttributes(this.#counters.dropped, { reason }).updateUnsafe(1, this.#context)
  }

  /** Too many open files, say: the listener goes on. */
  acceptError(error: Error): void {
    const code = errorCode(error)
    Metric.withAttributes(this.#counters.acceptErrors, { code }).updateUnsafe(1, this.#context)
    this.#say(`could not accept a connection (${code})`)
  }

  /** A handshake that failed over TLS itself: another key, no TLS at all. Who only hangs up is not worth a word. */
  handshakeError(error: Error): void {
    const code = errorCode(error)
    if (code !== "ECONNRESET") this.#say(`a TLS handshake failed (${code})`)
  }

  /** A handshake that went well and does not prove who is there. */
  unproven(detail: string): void {
    this.dropped("unproven")
    this.#say(`a connection was refused: ${detail}`)
  }

  /** A request that is not served. Counted where the connection ends. */
  refused(detail: string): void {
    this.#say(`a request was refused: ${detail}`)
  }

  #say(what: string): void {
    if (this.#said.has(what)) return
    this.#said.add(what)
    Effect.runForkWith(this.#context)(Effect.logWarning(`${this.address}: ${what}; from now on this is only counted`))
  }
}
