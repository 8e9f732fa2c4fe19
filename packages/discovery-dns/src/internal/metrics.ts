import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { Mismatch } from "./message.ts"

const queries = Metric.counter("gc_dns_queries_total", {
  description: "Questions to a server, by server, transport (udp, tcp) and outcome (the rcode, failed, unanswered)",
  incremental: true
})

const ignored = Metric.counter("gc_dns_ignored_total", {
  description: "Datagrams that were no answer to the question, by server and reason (malformed, id, question)",
  incremental: true
})

const truncated = Metric.counter("gc_dns_truncated_total", {
  description: "Answers that did not fit in a datagram and were asked for over TCP, by server",
  incremental: true
})

type Services = Context.Context<never>

/** Counts a question that ended. */
export const countQuery = (
  context: Services,
  attributes: { readonly server: string; readonly transport: "udp" | "tcp"; readonly outcome: string }
): void => Metric.withAttributes(queries, attributes).updateUnsafe(1, context)

/** Counts a datagram that was passed over. */
export const countIgnored = (context: Services, server: string, reason: Mismatch): void =>
  Metric.withAttributes(ignored, { server, reason }).updateUnsafe(1, context)

/** Counts an answer that did not fit. */
export const countTruncated = (context: Services, server: string): void =>
  Metric.withAttributes(truncated, { server }).updateUnsafe(1, context)
