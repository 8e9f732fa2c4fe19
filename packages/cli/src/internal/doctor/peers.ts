import * as Address from "@gc/core/Address"
import type { Diagnosis, DiagnosisStep } from "@gc/core/Cluster"
import type { Observer } from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import { bareDetail, failed, type Finding, ok, skipped, warning } from "./finding.ts"
import type { Seen } from "./sources.ts"

/** The most peers that are looked at, and how many at once. */
const maxPeers = 32
const concurrency = 8

/** Somebody whom sources name, and which. */
export interface Named {
  readonly peer: Peer.Peer
  readonly sources: ReadonlyArray<string>
}

/** Where an address leads, however the stream to it is secured: `tcp://` and `tls://` of one port are one place. */
export const placeOf = ({ host, path, port }: Address.Address): string => `${host} ${port} ${path}`

/** Everybody whom the sources name, each once: two that name one place mean one peer. */
export const named = (seen: ReadonlyArray<Seen>): ReadonlyArray<Named> => {
  const all = new Map<string, { peer: Peer.Peer; sources: Array<string> }>()
  for (const { peers = [], source } of seen) {
    for (const peer of peers) {
      const key = peer.address === undefined ? `name ${peer.name}` : placeOf(peer.address)
      const known = all.get(key)
      if (known === undefined) all.set(key, { peer, sources: [source] })
      else {
        if (known.peer.name === undefined) known.peer = peer
        if (!known.sources.includes(source)) known.sources.push(source)
      }
    }
  }
  return [...all.values()]
}

/** Others cannot dial a node that tells them its own loopback address. */
export const checkLoopback = (
  own: ReadonlyArray<Address.Address>,
  peers: ReadonlyArray<Named>
): ReadonlyArray<Finding> => {
  const [first] = own
  const isFar = peers.some(({ peer: { address } }) => address !== undefined && !Address.isLoopback(address))
  if (first === undefined || !own.every(Address.isLoopback) || !isFar) return []
  const detail = "it is this machine's loopback address, and peers are on others: none of them can dial this node"
  const remedy =
    "set the options host and advertise of the transport to an address by which the others reach this machine"
  return [warning("advertise", Address.format(first), "loopback_advertised", detail, remedy)]
}

/** What became of one peer. */
export interface Examined extends Named {
  readonly diagnosis: Diagnosis
  readonly finding: Finding
}

type Verdict = readonly [reason: string, detail: string, remedy: string]

/** What the step that fails says, in one word and in words; of some, doctor knows more than the walk. */
const verdictOf = (
  { detail, reason = "no_connection", remedy = "" }: DiagnosisStep,
  sources: ReadonlyArray<string>
): Verdict => {
  const epmd = sources.find((source) => source.startsWith("epmd"))
  if (reason === "name_unknown") {
    return [reason, detail, "start that node, or list it with its port, such as b@rosa:4370"]
  }
  if (reason !== "refused" || epmd === undefined) return [reason, detail, remedy]
  return [
    "stale_registration",
    `${epmd.replace(":", " at ")} names it, and nobody listens on that port: the registration is stale`,
    "end the process that holds the registration (epmd -names), or start the node again"
  ]
}

const since = (generation: number): string => new Date(generation).toISOString().replace(/\.\d+Z$/, "Z")

const examinePeer = Effect.fnUntraced(function* ({ peer, sources }: Named, observer: Observer) {
  const about = `${Peer.format(peer)} (${sources.join(", ")})`
  const diagnosis = yield* observer.diagnose(peer)
  const { node, steps } = diagnosis
  const broken = steps.findLast((each) => !each.ok)
  if (diagnosis.ok || broken === undefined) {
    const who = node === undefined ? "it answers" : `${node.name} answers, up since ${since(node.generation)}`
    return { peer, sources, diagnosis, finding: ok("peer", about, who) } satisfies Examined
  }
  const [reason, detail, remedy] = verdictOf(broken, sources)
  // It has proved itself, and turns away those who watch: a node may come in.
  const tell = reason === "too_many_peers" ? warning : failed
  const finding = tell("peer", about, reason, `${broken.step}: ${bareDetail(detail)}`, remedy)
  return { peer, sources, diagnosis, finding } satisfies Examined
})

/** `1 peer`, `2 peers`. */
export const countOf = (peers: number): string => `${peers} ${peers === 1 ? "peer" : "peers"}`

/** Walks the way to every peer as far as the handshake; `own` are the places of this node, and `node` is its name. */
export const examinePeers = <E, R>(options: {
  readonly peers: ReadonlyArray<Named>
  readonly own: ReadonlySet<string>
  readonly node: string | undefined
  readonly observer: Observer
  /** Some source told whom it knows; of those that did not it is said already that they did not. */
  readonly answered: boolean
  readonly tell: (finding: Finding) => Effect.Effect<void, E, R>
}): Effect.Effect<ReadonlyArray<Examined>, E, R> =>
  Effect.gen(function* () {
    const { node, observer, own, tell } = options
    const isOwn = ({ peer: { address, name } }: Named): boolean =>
      address === undefined ? name === node : own.has(placeOf(address))
    for (const each of options.peers.filter(isOwn)) {
      yield* tell(ok("peer", `${Peer.format(each.peer)} (${each.sources.join(", ")})`, "it is this node itself"))
    }
    const others = options.peers.filter((each) => !isOwn(each))
    if (others.length === 0 && options.answered) {
      const remedy = "start another node, or see that the sources list it (gcluster discover)"
      yield* tell(warning("peer", "", "nobody_found", "no source names another node", remedy))
    }
    const examined = yield* Effect.forEach(
      others.slice(0, maxPeers),
      (each) => Effect.tap(examinePeer(each, observer), ({ finding }) => tell(finding)),
      { concurrency }
    )
    if (others.length > maxPeers) {
      yield* tell(skipped("peer", "", `${countOf(others.length - maxPeers)} more: ${maxPeers} are looked at`))
    }
    return examined
  })
