/**
 * What this process uses: its own account of itself, and of the frames that it sends.
 */
import * as Transport from "@gc/core/Transport"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { now } from "../clock.ts"
import type { Usage } from "../messages.ts"

const [authFrame, metaFrame] = [0x03, 0x10]

/** The length prefix of a frame. */
const prefixBytes = 4

const sent = { frames: 0, frameBytes: 0, writes: 0, handshakes: 0, links: 0, linkAt: 0 }

const take = (batch: NonEmptyReadonlyArray<Transport.OutboundFrame>): void => {
  sent.writes++
  for (const frame of batch) {
    const head = frame instanceof Uint8Array ? frame : frame[0]
    for (const pieces of Transport.piecesOf(frame)) {
      sent.frames++
      for (const { length } of pieces) sent.frameBytes += length
      sent.frameBytes += prefixBytes
    }
    if (head[0] === authFrame) sent.handshakes++
    if (head[0] === metaFrame) {
      sent.links++
      sent.linkAt = now()
    }
  }
}

const countConnection = (connection: Transport.Connection): Transport.Connection => ({
  ...connection,
  send: (batch) => Effect.tap(connection.send(batch), () => Effect.sync(() => take(batch)))
})

/** A transport whose connections are counted. */
export const counted = (transport: Transport.Transport["Service"]): Transport.Transport["Service"] => ({
  ...transport,
  listen: (security) =>
    Effect.map(transport.listen(security), (listener) => ({
      ...listener,
      accept: Effect.map(listener.accept, countConnection)
    })),
  dial: (address, security) => Effect.map(transport.dial(address, security), countConnection)
})

/** What has been used so far. */
export const usage: Effect.Effect<Usage> = Effect.map(Metric.snapshot, (metrics) => {
  const { system, user } = process.cpuUsage()
  const counters: Record<string, number> = {}
  let junk = 0
  for (const metric of metrics) {
    if (metric.type !== "Counter") continue
    if (metric.id === "gc_gossip_junk") junk += Number(metric.state.count)
    if (metric.id !== "gc_events_total") continue
    const event = metric.attributes?.["event"] ?? ""
    counters[event] = (counters[event] ?? 0) + Number(metric.state.count)
  }
  return { cpuMillis: (user + system) / 1_000, rssBytes: process.memoryUsage.rss(), ...sent, junk, counters }
})
