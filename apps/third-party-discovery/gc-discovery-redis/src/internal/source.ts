import * as Discovery from "@gc/core/Discovery"
import type { Peer } from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Connection, makeConnection } from "./connection.ts"
import { mostText, patternOf, peersOf } from "./entries.ts"
import { keepLease, type Lease } from "./lease.ts"
import { name, type Settings } from "./settings.ts"
import { monotonic } from "./time.ts"

/** The most nodes of one cluster that are looked at. */
const mostNodes = 4_096

/** The keys that the server walks over in one step of a SCAN, and the values that are asked for at once. */
const step = { keys: 1_000, values: 256 }

/** How often it is looked anew when somebody goes while it is looked. */
const attempts = 3

/** A node that was found, and for how long it has not been found any more, in milliseconds. */
interface Known {
  readonly peers: ReadonlyArray<Peer>
  readonly missing: number
}

/** What one run of the source knows. */
interface State {
  readonly settings: Settings
  readonly connection: Connection
  readonly pattern: string
  readonly lease: Lease | undefined
  readonly now: () => number
  known: ReadonlyMap<string, Known>
  /** When a look last succeeded. */
  lookedAt: number
  /** Keys with entries that no node wrote, which were warned of. */
  odd: ReadonlySet<string>
}

/** The nodes that have a lease in the server, and this one while the looks run. */
export const sourceOf = (settings: Settings): Discovery.Source =>
  Discovery.make({
    name,
    looks: (context) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const connection = yield* makeConnection(settings)
          const lease = context.announce === false ? undefined : yield* keepLease(settings, connection, context.self)
          const state: State = {
            settings,
            connection,
            pattern: patternOf(settings.prefix, context.self.cluster),
            lease,
            now: yield* monotonic,
            known: new Map(),
            lookedAt: -Infinity,
            odd: new Set()
          }
          const looks = Discovery.poll({
            name,
            lookup: () => look(state),
            interval: settings.interval,
            timeout: Duration.times(settings.timeout, 2)
          }).looks(context)
          // With an infinite interval the looks end; being found does not.
          return lease === undefined ? looks : Stream.concat(looks, Stream.never)
        })
      )
  })

const look = Effect.fnUntraced(function* (state: State) {
  const { connection, lease } = state
  const listed = yield* connection.ask((client) => list(client, state.pattern))
  if (lease !== undefined && !listed.has(lease.key)) yield* lease.missed
  const found = new Map<string, ReadonlyArray<Peer>>()
  const odd = new Set<string>()
  for (const [key, value] of listed) {
    if (key === lease?.key) continue
    const peers = peersOf(value)
    if (peers === undefined) odd.add(key)
    else found.set(key, peers)
  }
  yield* warn(state, odd)
  state.known = believed(state, found)
  return [...state.known.values()].flatMap(({ peers }) => peers)
})

/** Whom the server lists, and for a lease those whom it listed before it may have forgotten. */
const believed = (state: State, found: ReadonlyMap<string, ReadonlyArray<Peer>>): ReadonlyMap<string, Known> => {
  const { connection, lease, lookedAt } = state
  const now = (state.lookedAt = state.now())
  const length = Duration.toMillis(state.settings.lease)
  const known = new Map(Array.from(found, ([key, peers]): [string, Known] => [key, { peers, missing: 0 }]))
  // A server that was started anew does not know yet whom the old one knew: who is not there yet is not gone.
  const since = Math.max(lease?.forgottenAt() ?? -Infinity, connection.renewedAt())
  if (now - since >= length) return known
  // Where no connection lasts, each time may be such a time: that keeps nobody for ever. Time without looks counts a third.
  const passed = Math.min(now - lookedAt, length / 3)
  for (const [key, { missing, peers }] of state.known) {
    if (known.has(key) || missing + passed >= length || known.size >= 2 * mostNodes) continue
    known.set(key, { peers, missing: missing + passed })
  }
  return known
}

type Client = Parameters<Parameters<Connection["ask"]>[0]>[0]

/** The keys of the pattern with their values. A key that goes between the two questions makes it ask anew. */
const list = async (client: Client, pattern: string): Promise<ReadonlyMap<string, string>> => {
  for (let attempt = 1; ; attempt++) {
    const keys = await scan(client, pattern)
    const values: Array<string> = []
    for (let from = 0; from < keys.length; from += step.values) {
      values.push(...(await Promise.all(keys.slice(from, from + step.values).map((key) => read(client, key)))))
    }
    if (attempt < attempts && values.includes("")) continue
    return new Map(keys.map((key, index) => [key, values[index] ?? ""] as const).filter(([, value]) => value !== ""))
  }
}

/** No more of a value than a node writes; "" for a key that is gone. */
const read = (client: Client, key: string): Promise<string> =>
  client.getRange(key, 0, mostText).then(
    (value) => value ?? "",
    (error: unknown) => {
      if (error instanceof Error && error.message.startsWith("WRONGTYPE")) return "no text"
      throw error
    }
  )

const scan = async (client: Client, pattern: string): Promise<ReadonlyArray<string>> => {
  const keys = new Set<string>()
  let cursor = "0"
  do {
    const part = await client.scan(cursor, { MATCH: pattern, COUNT: step.keys })
    for (const key of part.keys) keys.add(key)
    // A part of a set would be taken for the whole.
    if (keys.size > mostNodes)
      throw new Error(`more than ${mostNodes} keys ${pattern}: is something else writing them?`)
    cursor = part.cursor
  } while (cursor !== "0")
  return [...keys]
}

const warn = (state: State, odd: ReadonlySet<string>): Effect.Effect<void> => {
  const fresh = [...odd].filter((key) => !state.odd.has(key))
  state.odd = odd
  const [first] = fresh
  if (first === undefined) return Effect.void
  const more = fresh.length > 1 ? ` and ${fresh.length - 1} more` : ""
  return Effect.logWarning(`what stands in Redis at ${first}${more} is no node of gc, and is left out`)
}
