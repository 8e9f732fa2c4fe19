import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import type * as Peer from "@gc/core/Peer"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Client from "../Client.ts"
import { type Announced, isOf, parse, reachable, tagOf } from "./extra.ts"
import * as metrics from "./metrics.ts"
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
  known: ReadonlyMap<string, Known>
  peers: ReadonlyMap<string, Peer.Peer>
}

/** The gc nodes at the epmd of one host. `registers`: this node among them, at the epmd of its own host. */
export const hostSource = (settings: Settings, host: string, registers: boolean): Discovery.Source => {
  const name = `epmd:${host.includes(":") ? `[${host}]` : host}`
  return Discovery.make({
    name,
    looks: (context) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const tag = tagOf(context.self.cluster)
          const registering = registers ? yield* keepRegistered(settings, context.self, tag) : undefined
          const self = context.self.name
          const state: State = { settings, host, self, tag, registering, known: new Map(), peers: new Map() }
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
 * Of two nodes that start at once the later to register sees the earlier, because each registers first. A host without its
 * epmd must not take all the time of a look.
 */
const afterRegistering = ({ registering, settings }: State): Effect.Effect<unknown> =>
  registering === undefined
    ? Effect.void
    : Effect.timeoutOption(registering.tried, Duration.divideUnsafe(settings.timeout, 2))

const look = Effect.fnUntraced(
  function* (state: State) {
    yield* afterRegistering(state)
    const now = yield* Clock.currentTimeMillis
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
  Effect.mapError((error) => new Discovery.LookFailed({ detail: error.message, cause: error }))
)

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
