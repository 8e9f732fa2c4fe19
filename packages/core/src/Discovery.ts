/**
 * Which nodes this node should be connected to: the service that every discovery package implements, and its algebra.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { DiscoveryError } from "./DiscoveryError.ts"
import * as algebra from "./internal/discoveryAlgebra.ts"
import { orElse as orElse_ } from "./internal/discoveryOrElse.ts"
import { pollLooks } from "./internal/discoveryPoll.ts"
import { leaf } from "./internal/discoverySource.ts"
import type { LocalNode } from "./LocalNode.ts"
import type { Peer } from "./Peer.ts"

export * from "./DiscoveryError.ts"

/**
 * What a source says: the whole set that it now believes in, or that a look failed.
 *
 * **Details**
 *
 * A failed look is an element and no end: what the source holds open survives it, and core keeps the last good set. A
 * failure is never an empty set. `source` is the name of the source that looked.
 *
 * @category models
 * @since 0.1.0
 */
export type Look = Peers | Unknown

/** The whole set that `source` now believes in, in place of its last one. @category models @since 0.1.0 */
export interface Peers {
  readonly _tag: "Peers"
  readonly source: string
  readonly peers: ReadonlyArray<Peer>
}

/** A look that failed: nothing is known, nothing changes. @category models @since 0.1.0 */
export interface Unknown {
  readonly _tag: "Unknown"
  readonly source: string
  readonly error: DiscoveryError
}

/**
 * A key that a source gets, and the label of the cookie that it comes from: 1–64 printable ASCII characters, no secret.
 *
 * @category models
 * @since 0.1.0
 */
export interface LabelledKey {
  readonly label: string
  readonly key: Redacted.Redacted<Uint8Array>
}

/**
 * What a source learns of the node that it looks for.
 *
 * **Details**
 *
 * - `key` derives 32 bytes for a purpose (`"udp"`) from the cookie that the node dials with, `None` when there is no cookie.
 * - `keys` derives them from every active cookie, two while they are rotated: send with the first, accept each. Empty when
 *   there is no cookie.
 * - The cookie itself is never handed out.
 * - `announce: false` asks to look and listen only: nothing is sent that tells of this node, and it is registered nowhere.
 *   Default: true.
 *
 * @category models
 * @since 0.1.0
 */
export interface DiscoveryContext {
  readonly self: LocalNode
  readonly key: (purpose: string) => Option.Option<Redacted.Redacted<Uint8Array>>
  readonly keys: (purpose: string) => ReadonlyArray<LabelledKey>
  readonly announce?: boolean | undefined
}

/**
 * Which nodes should this one be connected to?
 *
 * **Details**
 *
 * - Running `looks` is taking part: a source that announces this node does so while the stream runs, which begins when the
 *   node listens, and withdraws in a finalizer.
 * - The error channel means that the source itself broke; it is run again with backoff. A normal end means that the last
 *   set is final.
 * - A source never connects, never diffs, never schedules reconnects.
 * - `looks` may run several times at once: a discovery holds no state of one cluster.
 * - `sources` are the parts of a merged discovery; absent for a single source.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly name: string
  readonly looks: (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>
  readonly sources?: ReadonlyArray<Source> | undefined
}

/**
 * The key under which a program finds its source.
 *
 * @category services
 * @since 0.1.0
 */
export class Discovery extends Context.Service<Discovery, Source>()("@gc/core/Discovery") {}

/**
 * How often sources look. Cluster sets it from its `refreshInterval`; a source's own option wins. `Duration.infinity` looks
 * once: until the first look that succeeds.
 *
 * @category references
 * @default 5 seconds
 * @since 0.1.0
 */
export const RefreshInterval: Context.Reference<Duration.Duration> = Context.Reference(
  "@gc/core/Discovery/RefreshInterval",
  { defaultValue: () => Duration.seconds(5) }
)

/** A look that found this whole set. The source is written in by `make`. @category constructors @since 0.1.0 */
export const peers = (found: ReadonlyArray<Peer>): Look => ({ _tag: "Peers", source: "", peers: found })

/** A look that failed. The source is written in by `make`. @category constructors @since 0.1.0 */
export const unknown = (error: DiscoveryError): Look => ({ _tag: "Unknown", source: "", error })

/**
 * A source from its stream of looks. Every look and every peer is marked with the source's name.
 *
 * **Details**
 *
 * A defect in the stream, and an interruption that it caused itself, are failures with the reason `SourceBroken`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly name: string
  readonly looks: (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>
}): Source => leaf(options.name, options.looks)

/**
 * A source from one effect that looks once: poll adds the schedule, the jitter (a fifth) and the timeout.
 *
 * **Details**
 *
 * - A failure, a defect and a timeout of `lookup` are each an `Unknown` look. A `DiscoveryError` and its reasons stay as
 *   they are, anything else becomes the `cause` of a `LookFailed`.
 * - The interval is counted from the end of a look. With an interval of infinity it looks until the first success, with
 *   backoff from 250 ms to 30 s, and ends.
 *
 * **Gotchas**
 *
 * A timeout interrupts `lookup` and waits for its finalizers.
 *
 * **Example** (A source in four lines)
 *
 * ```ts
 * const source = Discovery.poll({
 *   name: "registry",
 *   lookup: () => Effect.map(readRegistry, (urls) => urls.map((url) => Peer.fromAddress(Address.parseUnsafe(url))))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const poll = <E>(options: {
  readonly name: string
  readonly lookup: (self: LocalNode, context: DiscoveryContext) => Effect.Effect<ReadonlyArray<Peer>, E>
  /** Wins over `RefreshInterval`. */
  readonly interval?: Duration.Input | undefined
  /** How long one look may take. Default 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}): Source => make({ name: options.name, looks: (context) => pollLooks(options, context, RefreshInterval) })

/** Nobody, and that is final. Merging leaves nothing of it. @category constructors @since 0.1.0 */
export const empty: Source = algebra.empty

/**
 * The union of several sources. Each is supervised alone: one that fails keeps its last good set and never ends the others,
 * one that breaks is run again with backoff, and a peer goes when every source that vouched for it dropped it.
 *
 * **Details**
 *
 * - The looks of a merged discovery are those of its sources, each marked with its source: the union of their last good
 *   sets is taken by who reads them. They never fail.
 * - A break is an `Unknown` look. The source is run again after 250 ms × 2 up to 30 s, with a jitter of a fifth; after a
 *   good look the pauses begin anew. A source that ended is not run again.
 * - Merging flattens: `merge(merge(a, b), c)` is `merge(a, b, c)`. Sources of one name are told apart as `name`, `name#2`, …
 * - `merge(a)` is `a`, supervised. `merge()` is `empty`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (...sources: ReadonlyArray<Source>): Source => algebra.merge(sources)

/**
 * `merge` on layers. What several of them depend on is built once.
 *
 * **Gotchas**
 *
 * Two layers of one service given to `Layer.mergeAll` silently replace each other. This one keeps them all.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMerge = <const Layers extends NonEmptyReadonlyArray<Layer.Layer<Discovery, unknown, unknown>>>(
  ...layers: Layers
): Layer.Layer<Discovery, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>> =>
  mergeLayers(layers) as Layer.Layer<Discovery, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>>

const mergeLayers = (
  layers: ReadonlyArray<Layer.Layer<Discovery, unknown, unknown>>
): Layer.Layer<Discovery, unknown, unknown> =>
  Layer.fromBuildMemo((memoMap, scope) =>
    Effect.map(
      Effect.forEach(layers, (layer) => Layer.buildWithMemoMap(layer, memoMap, scope)),
      (contexts) => Context.make(Discovery, merge(...contexts.map((context) => Context.get(context, Discovery))))
    )
  )

/**
 * `that` while `self` fails: its set stands in until `self` looks well again.
 *
 * **Details**
 *
 * - `that` is first run when `self` first fails, or ends without a good look, and runs on from then.
 * - It is one source, `self|that`: a merged part fails when none of its sources knows, and its set is their union.
 * - It ends when `self` ended with a good look, or else when both ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const orElse: {
  (that: Source): (self: Source) => Source
  (self: Source, that: Source): Source
} = dual(2, orElse_)

/**
 * Keeps the peers for which the predicate holds. The sources of a merged discovery stay apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const filter: {
  (predicate: (peer: Peer) => boolean): (self: Source) => Source
  (self: Source, predicate: (peer: Peer) => boolean): Source
} = dual(2, (self: Source, predicate: (peer: Peer) => boolean) =>
  algebra.mapSets(self, (found) => found.filter(predicate))
)

/**
 * Changes every peer; who vouches for it stays. The sources of a merged discovery stay apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const mapPeers: {
  (f: (peer: Peer) => Peer): (self: Source) => Source
  (self: Source, f: (peer: Peer) => Peer): Source
} = dual(2, (self: Source, f: (peer: Peer) => Peer) => algebra.mapSets(self, (found) => found.map(f)))

/**
 * Answers a failed look with the last good set. Before the first good look a failure stays a failure.
 *
 * **When to use**
 *
 * For consumers of looks other than Cluster, which keeps the last good set itself and logs the failure.
 *
 * **Details**
 *
 * Each source is supervised as `merge` does it: a break is a failed look, and the source is run again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withLastGood = (self: Source): Source => algebra.withLastGood(self)
