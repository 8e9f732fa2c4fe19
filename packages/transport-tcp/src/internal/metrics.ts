import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

/** Connections that a listener handed over. */
const accepted = Metric.counter("gc_tcp_accepted", {
  description: "Connections handed over by listeners",
  incremental: true
})

/** Connections that came in and were never handed over. */
const dropped = Metric.counter("gc_tcp_dropped", {
  description: "Connections that came in and were dropped before they were handed over, by reason",
  incremental: true
})

const acceptErrors = Metric.counter("gc_tcp_accept_errors", {
  description: "Errors of listening sockets, by code",
  incremental: true
})

/**
 * Why a connection was not handed over: the backlog was full and it had been silent longest; its TLS handshake broke; it
 * finished the handshake without the proof that was wanted; it broke; the listener closed.
 *
 * @internal
 */
export type DropReason = "evicted" | "handshake" | "unproven" | "cut" | "closing"

/** @internal */
export const countAccepted = (context: Context.Context<never>): void => accepted.updateUnsafe(1, context)

/** @internal */
export const countDropped = (context: Context.Context<never>, reason: DropReason): void =>
  Metric.withAttributes(dropped, { reason }).updateUnsafe(1, context)

/** @internal */
export const countAcceptError = (context: Context.Context<never>, code: string): void =>
  Metric.withAttributes(acceptErrors, { code }).updateUnsafe(1, context)
