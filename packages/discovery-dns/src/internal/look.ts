import * as Address from "@gc/core/Address"
import { EntryInvalid, LookFailed } from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ResolveError } from "../ResolveError.ts"
import type { Answer, Resolver } from "../Resolver.ts"
import { literal, reverseName } from "./names.ts"
import type { Settings } from "./options.ts"
import { monotonicMillis } from "./monotonic.ts"
import { all, type Ask, leastTtl, type Place, type Placed, toldFailures } from "./places.ts"
import { targetsOf } from "./targets.ts"

/** Looks once: the whole set of peers, sorted, each once, or a failure when anything is unknown. */
export const look = Effect.fnUntraced(function* (settings: Settings, resolver: Resolver, maxPeers: number) {
  const began = yield* monotonicMillis
  const total = Duration.toMillis(settings.lookupTimeout)
  const ask: Ask = (name, types) =>
    Effect.flatMap(monotonicMillis, (now) =>
      resolver.resolveTypes(name, types, { timeout: Math.max(1, total - (now - began)) })
    )
  const found = yield* all(settings.domains, (domain) => placesOf(domain, settings, ask, maxPeers))
  const places = found.flatMap((each) => each.places)
  if (places.length > maxPeers) return yield* tooMany(places.length, maxPeers)
  const peers = yield* peersOf(places, settings)
  return { peers, ttl: leastTtl(found) }
})

const tooMany = (count: number, maxPeers: number) =>
  new LookFailed({ detail: `${count} peers were answered, and at most ${maxPeers} are taken: ask for fewer` })

const placesOf = Effect.fnUntraced(function* (
  domain: string,
  settings: Settings,
  ask: Ask,
  maxPeers: number
): Effect.fn.Return<Placed, ResolveError | LookFailed> {
  const { hostType, port, types } = settings
  if (literal(domain) !== undefined) return { places: [{ host: domain, port }], ttl: undefined }
  const answers = yield* ask(domain, types)
  const count = answers.reduce((sum, { records }) => sum + records.length, 0)
  if (count > maxPeers) return yield* tooMany(count, maxPeers)
  const addresses = answers.flatMap((answer) => (answer.type === "SRV" ? [] : addressesOf(answer)))
  const services = answers.filter((answer): answer is Answer<"SRV"> => answer.type === "SRV")
  const targets = yield* all(services, (answer) => targetsOf(answer, hostType, ask))
  const called = hostType === "ip" ? [] : yield* all(addresses, (address) => namesOf(address, ask))
  return {
    places: [
      ...(hostType === "ip" ? addresses : called.flatMap(({ hosts }) => hosts)).map((host) => ({ host, port })),
      ...targets.flatMap(({ places }) => places)
    ],
    ttl: leastTtl([...answers, ...targets, ...called])
  }
})

const addressesOf = ({ records }: Answer): ReadonlyArray<string> =>
  records.filter((record): record is string => typeof record === "string")

/** What an address is called; of several names always the same one, and the address when there is none. */
const namesOf = (address: string, ask: Ask) =>
  Effect.map(ask(`${reverseName(address)}.`, ["PTR"]), ([answer]) => {
    const [first = address] = answer === undefined ? [] : addressesOf(answer).toSorted()
    return { hosts: [first], ttl: answer?.ttl }
  })

const peersOf = Effect.fnUntraced(function* (
  places: ReadonlyArray<Place>,
  { basename, protocol }: Settings
): Effect.fn.Return<ReadonlyArray<Peer.Peer>, EntryInvalid> {
  const peers = new Map<string, Peer.Peer>()
  const wrong = new Map<string, { readonly entry: string; readonly expected: string }>()
  for (const { host, port } of places) {
    const text = Address.format({ protocol, host, port, path: "" })
    const read = peerOf(text, host, basename)
    if (Result.isSuccess(read)) peers.set(Peer.format(read.success), read.success)
    else wrong.set(text, { entry: text, expected: read.failure })
  }
  const [first, ...others] = wrong.values()
  if (first !== undefined) {
    return yield* new EntryInvalid(others.length === 0 ? first : { ...first, others: others.slice(0, toldFailures) })
  }
  return [...peers].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, peer]) => peer)
})

const peerOf = (text: string, host: string, basename: string | undefined): Result.Result<Peer.Peer, string> =>
  Result.flatMap(Address.parse(text), (address): Result.Result<Peer.Peer, string> => {
    if (!Address.isDialable(address)) return Result.fail("records of somebody who can be dialed: mend the zone")
    if (basename === undefined) return Result.succeed({ address })
    return Result.map(NodeName.parse(`${basename}@${host}`), (name): Peer.Peer => ({ address, name }))
  })
