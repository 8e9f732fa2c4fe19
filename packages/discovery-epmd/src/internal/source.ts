import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import type * as Peer from "@gc/core/Peer"
import type { LocalNode } from "@gc/core/LocalNode"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Client from "../Client.ts"
import { type Announced, isOf, parse, reachable, tagOf } from "./extra.ts"
import * as metrics from "./metrics.ts"
import { monotonicMillis } from "./monotonic.ts"
import { keepRegistered, type Registering } from "./registering.ts"
import type { Settings } from "./settings.ts"

/** Ports that are asked for at once. */
const concurrency = 16

/** How long it is believed what is behind a line that stays the same, in milliseconds. */
const cacheTime = 60_000

/** A line of the listing, and what was behind it: a gc node, or somebody else. */
interface Known {
  readonly announced: Announced | undefined
  readonly until: number
}

/** What one source knows of its host. */
interface State {
  readonly settings: Settings
  readonly host: string
  readonly self: string
  readonly tag: string
  readonly registering: Registering | undefined
  readonly tried: Effect.Effect<unknown>
  looked: boolean
  known: ReadonlyMap<string, Known>
  peers: ReadonlyMap<string, Peer.Peer>
}

/** For each node that runs the sources of one discovery: opened when its first attempt to register has ended. */
export type Gates = WeakMap<LocalNode, Deferred.Deferred<void>>

const gateOf = (gates: Gates, self: LocalNode): Deferred.Deferred<void> => {
  const gate = gates.get(self) ?? Deferred.makeUnsafe<void>()
  gates.set(self, gate)
  return gate
}

/** The gc nodes at the epmd of one host. `registers`: this source keeps the node registered, where it announces itself. */
export const hostSource = (settings: Settings, host: string, registers: boolean, gates: Gates): Discovery.Source => {
  const name = `epmd:${host.includes(":") ? `[${host}]` : host}`
  return Discovery.make({
    name,
    looks: (context) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const { cluster, name: self } = context.self
          const tag = tagOf(cluster)
          const gate = gateOf(gates, context.self)
          const announces = settings.register && context.announce !== false
          const registering =
            registers && announces ? yield* keepRegistered(settings, context.self, tag, gate) : undefined
          const state: State = {
            settings,
            host,
            self,
            tag,
            registering,
            tried: announces ? Deferred.await(gate) : Effect.void,
            looked: false,
            known: new Map(),
            peers: new Map()
          }
          const looks = Discovery.poll({
            name,
            lookup: () => look(state),
            interval: settings.interval,
            timeout: settings.timeout
          }).looks(context)
          // With an infinite interval the looks end; being found does not.
          return registering === undefined ? looks : Stream.concat(looks, Stream.never)
        })
      )
  })
}

/**
 * Of two nodes that start at once the later to register sees the earlier, because each registers first. A host whose epmd does
 * not answer must not take all the time of a look.
 */
const afterRegistering = (state: State): Effect.Effect<unknown> => {
  if (state.looked) return Effect.void
  state.looked = true
  return Effect.timeoutOption(state.tried, Duration.divideUnsafe(state.settings.timeout, 2))
}

const look = Effect.fnUntraced(
  function* (state: State) {
    yield* afterRegistering(state)
    const now = yield* monotonicMillis
    const { host, settings } = state
    const options = { port: settings.port, timeout: settings.timeout }
    const lines = yield* Client.names(host, options)
    const unsettled = state.registering !== undefined && (yield* state.registering.unsettled)
    const known = yield* Effect.forEach(
      new Map(lines.filter(isPossible).map((line) => [`${line.port} ${line.name}`, line])),
      ([key, line]) => Effect.map(identify(state, key, line, now), (found) => [key, found] as const),
      { concurrency }
    )
    state.known = new Map(known)
    const announced = known.flatMap(([, found]) => (found.announced === undefined ? [] : [found.announced]))
    const own = announced.filter((each) => isOf(each, state.tag))
    yield* measure(state, {
      gc: own.length,
      foreign: announced.length - own.length,
      other: lines.length - announced.length
    })
    const peers = own
      .filter(({ name }) => name !== state.self)
      .map((each): readonly [string, Peer.Peer] => [each.name, { name: each.name, address: reachable(each, host) }])
    // A new epmd does not know yet whom the old one knew: who is not there yet is not gone.
    state.peers = new Map(unsettled ? [...state.peers, ...peers] : peers)
    return [...state.peers.values()]
  },
  Effect.mapError((error) => new Discovery.LookFailed({ detail: error.message, code: codeOf(error), cause: error }))
)

const codeOf = ({ reason }: Client.EpmdError): Discovery.DiscoveryCode =>
  reason._tag === "Unreachable" && reason.code === "ECONNREFUSED" ? "epmd_not_running" : "epmd_unreachable"

/** Whether a gc node can have this name and port; of others nothing is asked. */
const isPossible = ({ name, port }: Client.Listed): boolean =>
  port > 0 && name.length < 255 && Result.isSuccess(NodeName.parse(`${name}@h`))

const identify = Effect.fnUntraced(function* (state: State, key: string, line: Client.Listed, now: number) {
  const cached = state.known.get(key)
  if (cached !== undefined && cached.until > now) return cached
  const { host, settings } = state
  const found = yield* Client.port(line.name, host, { port: settings.port, timeout: settings.timeout })
  const announced = Option.isSome(found)
    ? parse(Buffer.from(found.value.extra).toString("latin1"), found.value)
    : undefined
  const known: Known = { announced, until: now + cacheTime }
  return known
})

const measure = ({ host }: State, counts: Readonly<Record<string, number>>) =>
  Effect.forEach(
    Object.entries(counts),
    ([kind, value]) => Metric.update(Metric.withAttributes(metrics.listed, { host, kind }), value),
    { discard: true }
  )
