import type { LocalNode } from "@gc/core/LocalNode"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Notice } from "./format.ts"

const received = Metric.counter("gc_gossip_received", {
  description: "Packets that came to the group's port, of whatever kind",
  incremental: true
})
const sent = Metric.counter("gc_gossip_sent", {
  description: "Beacons sent, one for each interface",
  incremental: true
})
const heard = Metric.counter("gc_gossip_heard", {
  description: 'Beacons that said something, by the attribute "from": peer, self',
  incremental: true
})
const junk = Metric.counter("gc_gossip_junk", {
  description: 'Packets that changed nothing, by the attribute "reason"',
  incremental: true
})
const errors = Metric.counter("gc_gossip_send_errors", {
  description: 'Beacons that could not be sent, by the attribute "code"',
  incremental: true
})
const peers = Metric.gauge("gc_gossip_peers", { description: "Nodes of which beacons are heard" })

const counters = { received, sent, heard, junk, errors }

/** Things that a notice is about; beyond these it is only counted. */
const maxNotices = 64

/**
 * What a run counts and says. Counts are kept here and handed to the metrics now and then: 20,000 packets a second are not to
 * cost 20,000 updates. What is said is said once for each thing that it is about.
 *
 * @internal
 */
export class Journal {
  readonly #context: Context.Context<never>
  readonly #attributes: { readonly cluster: string; readonly node: string }
  readonly #counts = new Map<string, number>()
  readonly #noticed = new Set<string>()

  constructor(context: Context.Context<never>, self: LocalNode) {
    this.#context = context
    this.#attributes = { cluster: self.cluster, node: self.name }
  }

  /** `kind` and, behind a blank, the value of its attribute. */
  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  notice({ about, text }: Notice): void {
    if (this.#noticed.has(about) || this.#noticed.size >= maxNotices) return
    this.#noticed.add(about)
    this.#warn(`${text}; from now on this is only counted`)
  }

  /** Said at each transition. */
  warn(text: string): void {
    this.#warn(text)
  }

  flush(size: number): void {
    for (const [what, count] of this.#counts) {
      const [kind = "", value = ""] = what.split(" ")
      const name = { heard: "from", junk: "reason", errors: "code" }[kind]
      const attributes = { ...this.#attributes, ...(name !== undefined && { [name]: value }) }
      Metric.withAttributes(counters[kind as keyof typeof counters], attributes).updateUnsafe(count, this.#context)
    }
    this.#counts.clear()
    Metric.withAttributes(peers, this.#attributes).updateUnsafe(size, this.#context)
  }

  #warn(text: string): void {
    const line = Effect.annotateLogs(Effect.logWarning(`gossip: ${text}`), this.#attributes)
    Effect.runForkWith(this.#context)(line)
  }
}
