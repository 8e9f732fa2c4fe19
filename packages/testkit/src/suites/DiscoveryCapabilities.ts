/**
 * What a discovery says of itself to its conformance suite.
 *
 * @since 0.1.0
 */
import type { Discovery } from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/**
 * The world that a discovery looks at, as far as a test can change it: a name server, a port mapper, a registry. Each test
 * makes its own.
 *
 * **Details**
 *
 * At first `layer` finds every peer of the capabilities. A world gives what its source can be asked: each of the effects
 * chooses a section of the suite, and is there for all tests or for none.
 *
 * @category models
 * @since 0.1.0
 */
export interface DiscoveryWorld {
  readonly layer: Layer.Layer<Discovery, unknown>
  /** From now on exactly these can be found; some of the capabilities' peers, at times one of them twice. */
  readonly set?: ((peers: ReadonlyArray<Peer.Peer>) => Effect.Effect<void, unknown>) | undefined
  /** From now on every look fails, until `set`. */
  readonly fail?: Effect.Effect<void, unknown> | undefined
  /** From now on what it asks says nothing at all, until `set`. */
  readonly hang?: Effect.Effect<void, unknown> | undefined
  /** How many nodes are announced by this source now. */
  readonly announced?: Effect.Effect<number, unknown> | undefined
}

/**
 * What a discovery can do: it chooses the sections of the suite, and is the plug-in's manifest.
 *
 * @category models
 * @since 0.1.0
 */
export interface DiscoveryCapabilities {
  /** What a new world's source finds. Three or more make the suite stronger. */
  readonly peers: NonEmptyReadonlyArray<Peer.Peer>
  /** Whether the set is final: the looks end. */
  readonly ends: boolean
  /** Whether it follows changes: the world has `set`. */
  readonly changes: boolean
  /** Whether a look can fail: the world has `fail`. */
  readonly fails: boolean
  /** Whether what it asks can stay silent: the world has `hang`. A look must then fail within the patience. Default: no. */
  readonly hangs?: boolean | undefined
  /** Whether it announces the node that runs it, unless that asks not to be (`announce: false`): the world has `announced`. */
  readonly announces: boolean
  /** Whether nodes of one cluster that are announced find each other by it alone, where they listen now. Default: no. */
  readonly meets?: boolean | undefined
  /**
   * Whether it looks at the interval of `Discovery.RefreshInterval`. Infinity is then one look that succeeds, and the end; a
   * source that announces goes on after that look, because its node stays announced.
   */
  readonly polls: boolean
  /** How long a look may take, when the interval is 50 milliseconds. Default: 5 seconds. */
  readonly patience?: Duration.Input | undefined
}

/**
 * The capabilities as text, for a plug-in's documentation.
 *
 * @category conversions
 * @since 0.1.0
 */
export const format = (capabilities: DiscoveryCapabilities): string =>
  [
    `finds ${capabilities.peers.map(Peer.format).join(", ")}`,
    capabilities.ends ? "a final set" : capabilities.changes ? "follows changes" : "looks on",
    capabilities.fails ? "can fail" : "cannot fail",
    ...(capabilities.hangs === true ? ["bears silence"] : []),
    capabilities.announces ? "announces" : "does not announce",
    ...(capabilities.meets === true ? ["lets nodes meet"] : []),
    capabilities.polls ? "polls" : "is told"
  ].join(" · ")
