/**
 * Watching a cluster without being in it: for tools that show who is in and find out why somebody is not.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Cookie } from "./Cluster.ts"
import type { ClusterError, ConnectError } from "./ClusterError.ts"
import type { ClusterEvent } from "./ClusterEvent.ts"
import type { Diagnosis } from "./Diagnosis.ts"
import type { DiscoveryContext } from "./Discovery.ts"
import { makeObserver } from "./internal/makeObserver.ts"
import type { LocalNode } from "./LocalNode.ts"
import type { Peer } from "./Peer.ts"
import type { SecurityMode, Transport } from "./Transport.ts"

/**
 * What an observer shares with the nodes that it watches: the options of `Cluster` by the same names.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The cluster's name, 1–64 bytes. */
  readonly cluster: string
  /** The nodes' cookie; one or two, as in `Cluster.Options`. Default: the content of `cookieFile`. */
  readonly cookie?: Cookie | undefined
  /** A file that only its owner can read. Default: `~/.gc.cookie`, which an observer never makes. */
  readonly cookieFile?: string | undefined
  /** How streams are secured: as the nodes are. Default: `"psk"`. */
  readonly security?: SecurityMode | undefined
  /** Permits plain streams beyond loopback. Default: false. */
  readonly allowPlaintext?: boolean | undefined
  /** What nodes call it in their logs: `basename@host`. Default: `observer-` and 8 hex digits, at this machine's first address. */
  readonly name?: string | undefined
}

/**
 * What was there when the watching began has been told; changes follow.
 *
 * @category models
 * @since 0.1.0
 */
export interface Synced {
  readonly _tag: "Synced"
}

/**
 * Somebody who holds the cookie, or a certificate of the authority, and watches.
 *
 * **Details**
 *
 * It does not listen, is no member, and appears in no node's events; its name conflicts with nobody's. A node takes 16
 * observers at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observer {
  /** This observer. It has no addresses: nobody dials it. */
  readonly self: LocalNode
  /** To run discovery sources without taking part: `announce` is false. */
  readonly context: DiscoveryContext
  /**
   * Dials a node and gives its members as `Up`, itself first, then `Synced`, then every change as the node publishes it, with
   * no gap and no repeat. One that reads so slowly that it is more than 1,024 events behind is given the difference instead.
   * Fails when there is no connection, or when it ends: `shutting_down` when the node leaves. No member in it is `self`.
   */
  readonly observe: (peer: Peer) => Stream.Stream<ClusterEvent | Synced, ConnectError>
  /** Walks the way to a peer and tells which step fails and what to do, as `Cluster.diagnose` does. Nothing changes there. */
  readonly diagnose: (peer: Peer) => Effect.Effect<Diagnosis>
}

/**
 * An observer of a cluster. The transport decides which addresses it can dial; it never listens.
 *
 * **Example** (Who is in)
 *
 * ```ts
 * const observer = yield* Observer.make({ cluster: "orders" })
 * const members = yield* observer.observe(Peer.fromAddress(address)).pipe(
 *   Stream.takeUntil((event) => event._tag === "Synced"),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Observer, ClusterError, Transport | Scope.Scope> =>
  makeObserver(options)
