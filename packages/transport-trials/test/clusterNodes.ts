import { assert } from "@effect/vitest"
import type * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { type SecurityMode, Transport } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Kit } from "./kit.ts"
import { until } from "./support.ts"

export const cookie = `hex:${"0123456789abcdef".repeat(4)}`

/** A node of a cluster on loopback. */
export interface Node {
  readonly cluster: Cluster.Service
  readonly address: Address.Address
  readonly events: ReadonlyArray<ClusterEvent>
  readonly stop: Effect.Effect<void>
}

export type Settings = Partial<Cluster.Options> & {
  readonly peers?: ReadonlyArray<Address.Address>
  readonly transport?: Transport["Service"]
}

/** A node on loopback that looks for these peers. */
export const start = Effect.fnUntraced(function* (kit: Kit, name: string, settings: Settings = {}) {
  const { peers = [], transport = kit.make({ host: "127.0.0.1", port: 0 }), ...options } = settings
  const scope = yield* Scope.fork(yield* Effect.scope)
  const source = Discovery.poll({ name: "list", lookup: () => Effect.succeed(peers.map(Peer.fromAddress)) })
  const cluster = yield* Cluster.make({
    cluster: "test",
    node: `${name}@127.0.0.1`,
    cookie,
    detector: "test",
    refreshInterval: "100 millis",
    ...options
  }).pipe(
    Effect.provideService(Transport, transport),
    Effect.provideService(Discovery.Discovery, source),
    Effect.updateService(References.MinimumLogLevel, (level) => (level === "Info" ? "Error" : level)),
    Scope.provide(scope)
  )
  const events: Array<ClusterEvent> = []
  yield* Stream.runForEach(cluster.events, (event) => Effect.sync(() => void events.push(event))).pipe(
    Effect.forkIn(scope)
  )
  const [address] = cluster.self.addresses
  assert.isDefined(address)
  const node: Node = { cluster, address: address!, events, stop: Scope.close(scope, Exit.void) }
  return node
})

const namesOf = (names: ReadonlyArray<string>) => names.toSorted().join()

/** Waits until a node's members are these, by what stands before the `@`; self included. */
export const sees = (node: Node, ...names: ReadonlyArray<string>) =>
  until(
    () => namesOf(Effect.runSync(node.cluster.members).map(({ name }) => name.split("@")[0] ?? "")) === namesOf(names)
  )

/** Two nodes that see each other; `unimpressed` fails when anything else was said since. */
export const healthy = Effect.fnUntraced(function* (kit: Kit, security: SecurityMode = "plain") {
  const a = yield* start(kit, "a", { security })
  const b = yield* start(kit, "b", { security, peers: [a.address] })
  yield* sees(a, "a", "b")
  yield* sees(b, "a", "b")
  const unimpressed = Effect.sync(() => {
    for (const { events } of [a, b]) {
      const said = events.map((event) => `${event._tag} ${event.member.name}`)
      assert.deepStrictEqual(said.toSorted(), ["Up a@127.0.0.1", "Up b@127.0.0.1"])
    }
  })
  return { a, b, unimpressed }
})
