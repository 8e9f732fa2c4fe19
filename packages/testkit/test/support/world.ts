import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Discovery from "@gc/core/Discovery"
import { Entropy } from "@gc/core/Entropy"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import { SeededEntropy, SimulatedNetwork, TestDiscovery } from "@gc/testkit"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

/** No passphrase: its derivation is real work that no test clock waits for. */
const cookie = `hex:${"0123456789abcdef".repeat(4)}`

const port = 4370

export const addressOf = (host: string): Address.Address => Address.make("memory", host, port)

export const peersOf = (hosts: ReadonlyArray<string>): ReadonlyArray<Peer.Peer> =>
  hosts.map((host) => Peer.fromAddress(addressOf(host)))

/** One event as text: `12 a Up b`, `40 a Down b (timeout)`. */
const line = (at: number, node: string, event: ClusterEvent): string => {
  const reason = event._tag === "Down" ? ` (${event.reason})` : ""
  return `${Math.round(at)} ${node} ${event._tag} ${event.member.name.split("@")[0]}${reason}`
}

/** One life of a node. */
export interface TestNode {
  readonly name: string
  readonly host: string
  readonly cluster: Cluster.Service
  readonly events: ReadonlyArray<ClusterEvent>
  /** Runs the scope's finalizers: this life leaves. */
  readonly stop: Effect.Effect<void>
}

export interface Settings extends Partial<Cluster.Options> {
  /** Default: the node's own. */
  readonly host?: string
  /** The hosts that discovery lists; or a discovery of the test's own. */
  readonly peers?: ReadonlyArray<string> | Discovery.Source
  readonly transport?: Transport["Service"]
}

/** Nodes on a simulated network, under the test clock; all chance comes from the seed. */
export const makeWorld = Effect.fnUntraced(function* (options: Omit<SimulatedNetwork.Options, "onEvent"> = {}) {
  const counts = new Map<string, number>()
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  const network = yield* SimulatedNetwork.make({
    latency: "1 millis",
    ...options,
    onEvent: ({ event, to }) => {
      count(event)
      if (event === "dialing") count(`${event} ${Address.parseUnsafe(to).host}`)
    }
  })
  const clock = yield* Clock.Clock
  const log: Array<string> = []
  const lives = new Map<string, number>()

  const start = Effect.fnUntraced(function* (name: string, settings: Settings = {}) {
    const { host = name, peers = [], transport = network.transport(host, { port }), ...cluster } = settings
    const life = (lives.get(name) ?? 0) + 1
    lives.set(name, life)
    const scope = yield* Scope.fork(yield* Effect.scope)
    const source = "looks" in peers ? peers : (yield* TestDiscovery.make({ peers: peersOf(peers) })).source
    const services = Context.make(Transport, transport).pipe(
      Context.add(Clock.Clock, network.clock(host)),
      Context.add(Discovery.Discovery, source),
      Context.add(Entropy, SeededEntropy.make(`${options.seed ?? 0} ${name} ${life}`))
    )
    const service = yield* Cluster.make({ cluster: "test", node: `${name}@${name}`, cookie, ...cluster }).pipe(
      Effect.provideContext(services),
      Scope.provide(scope)
    )
    const events: Array<ClusterEvent> = []
    yield* Stream.runForEach(service.events, (event) =>
      Effect.sync(() => {
        events.push(event)
        log.push(line(clock.currentTimeMillisUnsafe(), name, event))
      })
    ).pipe(Effect.forkIn(scope))
    const node: TestNode = { name, host, cluster: service, events, stop: Scope.close(scope, Exit.void) }
    return node
  })

  /** As many nodes, each told of all: `n0`, `n1`, … */
  const startAll = (names: ReadonlyArray<string>, settings: Settings = {}) =>
    Effect.forEach(names, (name) => start(name, { peers: names, ...settings }))

  /** SIGKILL: nobody hears of it but by the closed sockets. */
  const kill = (node: TestNode) => Effect.andThen(network.kill(node.host), node.stop)

  /** How many connections were tried, to everybody or to one host. */
  const dials = (host?: string): number => counts.get(host === undefined ? "dialing" : `dialing ${host}`) ?? 0
  const connections = (): number => counts.get("connected") ?? 0

  return { network, log, start, startAll, kill, dials, connections }
})

/** Names of the members that a node sees, without hosts. */
export const seenBy = (node: TestNode): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(node.cluster.members, (members) => members.map((member) => member.name.split("@")[0] ?? "").toSorted())

/** Moves the clock in small steps until the condition holds, and gives the time that took; a defect after `limit`. */
export const until = Effect.fnUntraced(function* (
  what: string,
  condition: Effect.Effect<boolean>,
  limit = 60_000,
  stepMillis = 50
) {
  let passed = 0
  while (!(yield* condition)) {
    if (passed >= limit) throw new Error(`not within ${limit} ms: ${what}`)
    yield* TestClock.adjust(stepMillis)
    passed += stepMillis
  }
  return passed
})

/** Every one of these nodes sees exactly these names. */
export const allSee = (nodes: ReadonlyArray<TestNode>, names: ReadonlyArray<string>): Effect.Effect<boolean> =>
  Effect.map(Effect.forEach(nodes, seenBy), (views) => {
    const wanted = names.toSorted().join()
    return views.every((view) => view.join() === wanted)
  })

/** What a node was told of another, in order: `["Up", "Down timeout"]`. */
export const told = (node: TestNode, of: string): ReadonlyArray<string> =>
  node.events
    .filter((event) => event.member.name.startsWith(`${of}@`))
    .map((event) => (event._tag === "Down" ? `Down ${event.reason}` : event._tag))
