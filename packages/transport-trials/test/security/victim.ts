/**
 * A node under attack, and everything of it that an attacker must not change.
 */
import { assert } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Discovery from "@gc/core/Discovery"
import type { StreamOptions } from "@gc/core/StreamOptions"
import * as Peer from "@gc/core/Peer"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { addressAt, type Kit } from "../kit.ts"
import { until } from "../support.ts"

/** The cookie and the cluster of the nodes under attack. */
export const cookie = `hex:${"5a".repeat(32)}`
export const cluster = "orders"

/** What is counted when somebody is refused, and what time brings; everything else stands still. */
const refusals = /^(handshakes_failed|handshakes_broken|handshakes_refused|dials|dials_.*|looks|stalls)$/

/** Sockets and timers of this process, those of the attacker too. */
const handles = () => {
  const all = process.getActiveResourcesInfo()
  const count = (kind: RegExp) => all.filter((name) => kind.test(name)).length
  return { sockets: count(/^(TCP|TLS)/), timers: count(/^Timeout/) }
}

/** The most timers that come and go by themselves: the node's own one, and that of the discovery's next look. */
const coming = 2

/** A node that discovers nobody, and whose dials are noted. Give each test a registry of metrics of its own. */
export const startVictim = Effect.fnUntraced(function* (
  kit: Kit,
  options: Partial<Cluster.Options> = {},
  own: StreamOptions = {}
) {
  const dialed: Array<string> = []
  const transport = kit.make({ host: "127.0.0.1", port: 0, ...own })
  const service = yield* Cluster.make({ cluster, cookie, node: "victim@127.0.0.1", ...options }).pipe(
    Effect.provideService(Discovery.Discovery, Discovery.empty),
    Effect.provideService(Transport.Transport, {
      ...transport,
      dial: (address, security) => {
        dialed.push(Address.format(address))
        return transport.dial(address, security)
      }
    })
  )
  const events: Array<ClusterEvent> = []
  yield* Effect.forkScoped(Stream.runForEach(service.events, (event) => Effect.sync(() => void events.push(event))))
  yield* until(() => events.length > 0)
  const { name } = service.self

  /** The members as a whole, the events, the links, the dials and every counter of the node that counts no refusal. */
  const state = Effect.gen(function* () {
    const members = yield* service.members
    const counters: Record<string, number> = { gc_members: 1, gc_links: 0, gc_observers: 0 }
    for (const metric of yield* Metric.snapshot) {
      if (metric.attributes?.["node"] !== name) continue
      const event = metric.attributes["event"]
      if (event !== undefined && refusals.test(event)) continue
      if (metric.type === "Counter") counters[event ?? metric.id] = Number(metric.state.count)
      if (metric.type === "Gauge") counters[metric.id] = Number(metric.state.value)
    }
    return JSON.parse(
      JSON.stringify({ members, events, counters }, (_key, value) =>
        typeof value === "bigint" ? Number(value) : value
      )
    ) as unknown
  })

  /** Runs an attack and asserts that it changed nothing; `dials` is how often the node dialed because it was told to. */
  const unchangedBy = <A, E, R>(attack: Effect.Effect<A, E, R>, dials = 0) =>
    Effect.gen(function* () {
      const before = yield* state
      const [already, held] = [dialed.length, yield* settledHandles]
      const result = yield* attack
      yield* until(() => handles().sockets <= held.sockets && handles().timers <= held.timers + coming)
      assert.deepStrictEqual(yield* state, before)
      assert.strictEqual(dialed.length - already, dials, "dials")
      return result
    })

  const connect = (port: number, security: Transport.SecurityMode = "plain") =>
    service.connect(Peer.fromAddress(addressAt(kit, port, security)))

  return { service, name, port: service.self.addresses[0]!.port, events, unchangedBy, connect }
})

/** What is left of tests before is gone when no socket comes or goes for a while. */
const settledHandles = Effect.gen(function* () {
  let [seen, same] = [handles(), 0]
  yield* until(() => {
    const now = handles()
    same = now.sockets === seen.sockets ? same + 1 : 0
    seen = now
    return same >= 10
  })
  return seen
})

export type Victim = Effect.Success<ReturnType<typeof startVictim>>
