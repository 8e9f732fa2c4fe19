import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { NodeState } from "../protocol/state.ts"

const counts = Metric.counter("gc_events_total", {
  description:
    'What happened to a node, by the attribute "event": dials, handshakes, membership events, refusals, drops',
  incremental: true
})
const membersGauge = Metric.gauge("gc_members", { description: "Live members, self included" })
const observersGauge = Metric.gauge("gc_observers", { description: "Observers that watch this node" })
const linksGauge = Metric.gauge("gc_links", { description: "Links in use" })

/** Everything that is counted, as `gc_*` metrics with the attributes `cluster` and `node`. */
export class Meter {
  readonly #context: Context.Context<never>
  readonly #attributes: { readonly cluster: string; readonly node: string }
  readonly #reported = new Map<string, number>()
  readonly #counters = new Map<string, Metric.Metric<number, unknown>>()
  readonly #gauges = new Map<
    Metric.Gauge<number>,
    { readonly metric: Metric.Metric<number, unknown>; readonly at: number }
  >()

  constructor(context: Context.Context<never>, self: { readonly cluster: string; readonly name: string }) {
    this.#context = context
    this.#attributes = { cluster: self.cluster, node: self.name }
  }

  add(event: string, count = 1): void {
    let counter = this.#counters.get(event)
    if (counter === undefined) {
      counter = Metric.withAttributes(counts, { ...this.#attributes, event })
      this.#counters.set(event, counter)
    }
    counter.updateUnsafe(count, this.#context)
  }

  /** Brings the metrics up to what the node has counted. */
  report(state: NodeState, links: number): void {
    state.counters.forEach(this.#count)
    let observers = 0
    if (state.observers.size > 0) for (const { phase } of state.observers.values()) if (phase === "open") observers++
    this.#set(observersGauge, observers)
    this.#set(membersGauge, 1 + state.live)
    this.#set(linksGauge, links)
  }

  readonly #count = (total: number, event: string): void => {
    const before = this.#reported.get(event) ?? 0
    if (total === before) return
    this.#reported.set(event, total)
    this.add(event, total - before)
  }

  /** Gauges are looked at with each tick of the detector, and hardly ever change. */
  #set(gauge: Metric.Gauge<number>, value: number): void {
    const known = this.#gauges.get(gauge)
    if (known?.at === value) return
    const metric = known?.metric ?? Metric.withAttributes(gauge, this.#attributes)
    this.#gauges.set(gauge, { metric, at: value })
    metric.updateUnsafe(value, this.#context)
  }
}
