import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Address from "../Address.ts"
import type * as Cluster from "../Cluster.ts"
import { ClusterError, ListenFailed, OptionInvalid } from "../ClusterError.ts"
import { Discovery } from "../Discovery.ts"
import { Entropy } from "../Entropy.ts"
import * as LocalAddress from "../LocalAddress.ts"
import type { LocalNode } from "../LocalNode.ts"
import { NameResolver } from "../NameResolver.ts"
import * as NodeName from "../NodeName.ts"
import { toHex } from "../protocol/bytes.ts"
import type { Listener } from "../Transport.ts"
import { Transport } from "../Transport.ts"
import { openChannel } from "./byteChannel.ts"
import { awaitMembers, connect, disconnect, membersOf, orNoPeer, updateMetadata } from "./clusterCalls.ts"
import { dial } from "./dialer.ts"
import { diagnose } from "./diagnose.ts"
import { runDiscovery } from "./discoveryRunner.ts"
import { Engine } from "./engine.ts"
import { keysFor, loadKeyring, psksOf } from "./keyring.ts"
import { keepListening, listen } from "./listening.ts"
import { eventOf } from "./publicView.ts"
import { readOptions } from "./options.ts"

/** Leaving, with everything that has to be written and closed (GC/1 section 5). */
const leaveTimeout = Duration.seconds(5)

/** Of that, for LEAVE to be written on all links. */
const drainTimeout = Duration.seconds(3)

const nodeNameOf = (given: NodeName.NodeName | undefined, instance: string, listener: Listener) => {
  if (given !== undefined) return Effect.succeed(given)
  const host = listener.addresses[0]?.host ?? Option.getOrElse(LocalAddress.firstExternal(), () => "127.0.0.1")
  const text = `node-${instance.slice(0, 8)}@${host}`
  return Effect.mapError(Effect.fromResult(NodeName.parse(text)), (reason) => {
    const expected = `basename@host, for example a@10.0.0.7 (the first address makes no name: ${reason})`
    return new ClusterError({ reason: new OptionInvalid({ key: "node", value: "undefined", expected }) })
  })
}

/** Joins a cluster for as long as the scope is open. */
export const makeCluster = Effect.fnUntraced(function* (options: Cluster.Options) {
  const read = yield* readOptions(options)
  const {
    admit,
    allowPlaintext,
    appVersion,
    cluster,
    maxMessageSize,
    maxPendingPerHost,
    metadata,
    node,
    security: mode
  } = read
  const transport = yield* Transport
  const discovery = yield* Discovery
  const entropy = yield* Entropy
  const clock = yield* Clock.Clock
  const keyring =
    mode === "mtls" && options.cookie === undefined && options.cookieFile === undefined
      ? []
      : yield* loadKeyring({ cluster, cookie: options.cookie, cookieFile: options.cookieFile })
  const security = {
    mode,
    psks: psksOf(cluster, keyring),
    allowPlaintext
  }
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => within(leaveTimeout)(Scope.close(scope, Exit.void)))
  const open = listen(transport, security, scope)
  const first = yield* Effect.mapError(open, (error) => new ClusterError({ reason: new ListenFailed({ error }) }))
  let { listener } = first
  const instance = toHex(entropy.bytes(16))
  const name = yield* nodeNameOf(read.name, instance, listener)
  const fibers = yield* Scope.provide(FiberSet.make<void>(), scope)
  const dials = yield* Scope.provide(FiberMap.make<number, void>(), scope)
  const run = yield* FiberSet.runtime(fibers)<never>()
  const runDial = yield* FiberMap.runtime(dials)<never>()
  const fork = (effect: Effect.Effect<void>): Fiber.Fiber<void> => run(seen(effect))
  const engine = new Engine({
    self: {
      cluster,
      name,
      instance,
      generation: clock.currentTimeMillisUnsafe(),
      addresses: announced(listener),
      capabilities: 0n,
      ...(appVersion !== undefined && { appVersion })
    },
    options: { ...node, protocols: transport.protocols },
    metadata,
    maxMessageSize,
    maxPendingPerHost,
    keyring,
    security,
    admit,
    transport,
    resolver: yield* NameResolver,
    nonce: () => entropy.bytes(32),
    seed: entropy.bytes(4).reduce((seed, byte) => seed * 256 + byte, 0),
    clock,
    context: yield* Effect.context<never>(),
    fork
  })
  engine.start({
    dial: (output) => void runDial(output.dial, seen(dial(engine, output))),
    cancelDial: (id) => void fork(FiberMap.remove(dials, id))
  })
  const self: LocalNode = {
    cluster,
    name,
    instance,
    get generation() {
      return engine.state.self.generation
    },
    get addresses() {
      return listener.addresses
    }
  }
  const opened = (next: Listener): void => {
    listener = next
    engine.state.self.addresses = announced(next)
  }
  fork(keepListening(engine, first, open, opened))
  const keys = keysFor(keyring)
  const key = (purpose: string) => Option.map(Option.fromUndefinedOr(keys(purpose)[0]), (first) => first.key)
  const looking = fork(runDiscovery(engine, discovery, { self, key, keys }, node.refreshInterval))
  const leave = yield* Effect.cached(leaving(engine, looking, scope))
  yield* Effect.addFinalizer(() => leave)
  yield* Effect.logInfo("joined the cluster").pipe(
    Effect.annotateLogs({ cluster, node: name, addresses: self.addresses.map(Address.format).join(" ") })
  )
  return {
    self,
    members: membersOf(engine),
    events: Stream.map(engine.hub.events, (event) => eventOf(event, name)),
    connect: (peer) => connect(engine, peer),
    disconnect: (node) => disconnect(engine, node),
    awaitMembers: (wanted, settings) => awaitMembers(engine, wanted, settings?.timeout),
    diagnose: (peer) => orNoPeer(peer, diagnose(engine.caller, peer)),
    updateMetadata: (next) => updateMetadata(engine, next),
    leave,
    openChannel: (channel) => openChannel(engine, channel)
  } satisfies Cluster.Service as Cluster.Service
})

/** The addresses that peers are told of (GC/1 section 2). */
const announced = ({ addresses }: Listener): ReadonlyArray<string> => addresses.slice(0, 8).map(Address.format)

/** A background fiber's failure is a defect of ours: it is logged, never silent. */
const seen = (effect: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.ignoreCause(effect, { log: "Error", message: "a fiber of the cluster failed; please report it" })

/** Stops discovery, says LEAVE everywhere, then closes everything; goes on in the background when that takes too long. */
const leaving = (engine: Engine, looking: Fiber.Fiber<void>, scope: Scope.Closeable): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Effect.forkDetach(Fiber.interrupt(looking), { startImmediately: true })
    engine.dispatch({ _tag: "Leave" })
    yield* Effect.timeoutOption(engine.links.drained, drainTimeout)
    engine.hub.end()
    yield* Scope.close(scope, Exit.void)
  }).pipe(within(leaveTimeout), Effect.uninterruptible)

/** Waits no longer than this, and lets it go on. */
const within =
  (duration: Duration.Duration) =>
  (effect: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.forkDetach(effect, { startImmediately: true }).pipe(
      Effect.flatMap((fiber) => Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), duration)),
      Effect.asVoid
    )
