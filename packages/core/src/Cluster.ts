/**
 * Who is in, and a way to talk to them: the cluster that this node is a member of.
 *
 * Joining is opening a scope; leaving is its finalizer.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ByteChannel } from "./Channel.ts"
import type { ChannelError } from "./ChannelError.ts"
import type { ClusterError, ConnectError, AwaitTimeout, OptionInvalid } from "./ClusterError.ts"
import type { ClusterEvent } from "./ClusterEvent.ts"
import type { ConfigurationError } from "./ConfigurationError.ts"
import type { Diagnosis } from "./Diagnosis.ts"
import type { Discovery, DiscoveryError } from "./Discovery.ts"
import { joinConfigured } from "./internal/configuration/boot.ts"
import { makeCluster } from "./internal/makeCluster.ts"
import type { LocalNode } from "./LocalNode.ts"
import type { Member } from "./Member.ts"
import type { NodeName } from "./NodeName.ts"
import type { Peer } from "./Peer.ts"
import type { Plugins } from "./Plugin.ts"
import type { SecurityMode, Transport } from "./Transport.ts"

export * from "./ClusterError.ts"
export type * from "./Diagnosis.ts"

/**
 * Figures by name: `lan` 1, 3 and 6 s · `lossy` 1, 3 and 8 s · `wan` 3, 10 and 20 s · `test` 100, 300 and 600 ms · `erlang`
 * 15, 30 and 60 s.
 *
 * @category models
 * @since 0.1.0
 */
export type Preset = "lan" | "lossy" | "wan" | "test" | "erlang"

/**
 * The figures of the failure detector.
 *
 * **Details**
 *
 * A link on which nothing was written for `heartbeat` gets one. A member that was silent for `suspectAfter` is suspected and
 * others are asked about it; one that was silent for `downAfter`, and that nobody else heard, is down. `suspectAfter` is at
 * least twice `heartbeat`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Detector {
  readonly heartbeat: Duration.Input
  readonly suspectAfter: Duration.Input
  readonly downAfter: Duration.Input
}

/**
 * A cookie and the label by which both ends know it: 1–64 printable ASCII characters.
 *
 * @category models
 * @since 0.1.0
 */
export interface LabelledCookie {
  readonly label: string
  readonly cookie: string | Redacted.Redacted<string>
}

/**
 * One cookie, or up to two with labels while one replaces the other: dial with the first, accept each.
 *
 * @category models
 * @since 0.1.0
 */
export type Cookie = string | Redacted.Redacted<string> | ReadonlyArray<LabelledCookie>

/** An authentic peer that wants to come in. @category models @since 0.1.0 */
export interface Candidate {
  readonly name: NodeName
  readonly addresses: ReadonlyArray<string>
  readonly appVersion: string | undefined
}

/**
 * How a node joins.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The cluster's name, 1–64 bytes: nodes of different clusters never connect. */
  readonly cluster: string
  /** `basename@host`, unique in the cluster. Default: `node-` and 8 hex digits, at the first advertised host. */
  readonly node?: string | undefined
  /**
   * What the nodes of a cluster share: `hex:` and 64 hexadecimal digits, or a passphrase of at least 16 characters; two with
   * labels while one replaces the other. Default: the content of `cookieFile`.
   */
  readonly cookie?: Cookie | undefined
  /** A file that only its owner can read. Default: `~/.gc.cookie`, made with 32 random bytes where there is none. */
  readonly cookieFile?: string | undefined
  /** How often discovery looks. Default: 5 seconds. Infinity looks once and, unless `reconnect` is given, never redials. */
  readonly refreshInterval?: Duration.Input | undefined
  /** Backoff per peer, with full jitter. Default: 250 ms × 2 up to 30 seconds. `"never"` dials each peer once. */
  readonly reconnect?:
    | "never"
    | {
        readonly initial?: Duration.Input | undefined
        readonly factor?: number | undefined
        readonly max?: Duration.Input | undefined
      }
    | undefined
  /** What becomes of a member that discovery no longer lists. Default: `"keep"`: stay connected, do not redial. */
  readonly onRemoved?: "keep" | "disconnect" | { readonly disconnectAfter: Duration.Input } | undefined
  /** A preset or figures. Default: `"lan"`: heartbeat 1 s, suspected after 3 s, down after 6 s. */
  readonly detector?: Preset | Detector | undefined
  /** Texts that the others see in `Member.metadata`: at most 4 KiB, keys of 1–64 letters, digits, `_`, `.` or `-`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** How streams are secured. Default: `"psk"`: TLS 1.3 with keys derived from the cookie. */
  readonly security?: SecurityMode | undefined
  /** Permits plain streams beyond loopback. Default: false. */
  readonly allowPlaintext?: boolean | undefined
  /**
   * Who may come in, beside holding the cookie or a certificate: asked about every authentic peer, dialed or dialing. One that is
   * turned away is left alone until discovery lists it anew. Only `true` lets it in. Default: everybody.
   */
  readonly admit?: ((peer: Candidate) => boolean) | undefined
  /** Whether members tell each other whom they are linked to, so that one seed is enough. Default: true. */
  readonly peerExchange?: boolean | undefined
  /** Connections from one host that have not proved themselves, loopback aside. Default: 8. */
  readonly maxPendingPerHost?: number | undefined
  /** Live members beyond self. Default: 1024. */
  readonly maxMembers?: number | undefined
  /** The largest message of a channel, in bytes. Default: 16 MiB. */
  readonly maxMessageSize?: number | undefined
  /** A version of the application that peers may log, at most 64 bytes. */
  readonly appVersion?: string | undefined
}

/**
 * The cluster that this node is a member of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** This node as it is now: read `generation` and `addresses` anew, they may change (see `LocalNode`). */
  readonly self: LocalNode
  /** The live members, self first, the others by name. */
  readonly members: Effect.Effect<ReadonlyArray<Member>>
  /**
   * First the present members as `Up`, then every change, with no gap and no repeat. A subscriber that is more than 1,024 events
   * behind is given the difference between what it saw last and what is. This node is a member, too: it is `Up` from the start,
   * and `Updated` by `updateMetadata`. Ends when this node leaves.
   */
  readonly events: Stream.Stream<ClusterEvent>
  /** Connects now, whatever discovery says, and gives the member. */
  readonly connect: (peer: Peer) => Effect.Effect<Member, ConnectError>
  /** Walks the way to a peer and tells which step fails and what to do. Nobody is connected or disconnected by it. */
  readonly diagnose: (peer: Peer) => Effect.Effect<Diagnosis>
  /** Parts from a member on both sides. Neither redials until it is asked to or discovery lists the other anew. */
  readonly disconnect: (node: NodeName) => Effect.Effect<void>
  /** Waits until so many members are in, self included, or until those of these names are. Default timeout: 30 seconds. */
  readonly awaitMembers: (
    members: number | ReadonlyArray<string>,
    options?: { readonly timeout?: Duration.Input | undefined }
  ) => Effect.Effect<void, AwaitTimeout>
  /** Replaces this node's metadata; everybody, this node included, sees `Updated` when it differs. */
  readonly updateMetadata: (metadata: Readonly<Record<string, string>>) => Effect.Effect<void, OptionInvalid>
  /** Says goodbye to everybody and closes, within 5 seconds; what still hangs then is left behind. The scope's finalizer does the same. */
  readonly leave: Effect.Effect<void>
  /** Opens a channel of bytes; `Channel.make` opens one of messages. */
  readonly openChannel: (name: string) => Effect.Effect<ByteChannel, ChannelError, Scope.Scope>
}

/**
 * The key under which a program finds its cluster.
 *
 * @category services
 * @since 0.1.0
 */
export class Cluster extends Context.Service<Cluster, Service>()("@gc/core/Cluster") {}

/**
 * Joins a cluster for as long as the scope is open.
 *
 * **When to use**
 *
 * For a second cluster in one program, under a key of one's own; `layer` otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service, ClusterError, Discovery | Transport | Scope.Scope> =>
  makeCluster(options)

/**
 * Joins a cluster for as long as the layer lives.
 *
 * **Example** (A node of three on one machine)
 *
 * ```ts
 * const ClusterLive = Cluster.layer({ cluster: "orders", node: "a@127.0.0.1" }).pipe(
 *   Layer.provide(Static.layer(["tcp://127.0.0.1:4371", "tcp://127.0.0.1:4372"])),
 *   Layer.provide(Tcp.layer({ host: "127.0.0.1", port: 4370 }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Cluster, ClusterError, Discovery | Transport> =>
  Layer.effect(Cluster, make(options))

/**
 * `layer` from Effect's Config.
 *
 * **Example** (`GC_COOKIE=…`)
 *
 * ```ts
 * Cluster.layerConfig({ cluster: Config.succeed("orders"), cookie: Config.Redacted("GC_COOKIE") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Options>
): Layer.Layer<Cluster, Config.ConfigError | ClusterError, Discovery | Transport> =>
  Layer.effect(Cluster, Effect.flatMap(Config.unwrap(options), make))

/**
 * Joins the cluster that a configuration file describes, with the environment over it: which transports, which sources, and
 * everything of `Options` but `admit`.
 *
 * **Details**
 *
 * - The file is JSON; comments and trailing commas may stand in it. Its keys and their variables are those of
 *   `Configuration.reference`; a variable wins over the file.
 * - Where the file is absent or says nothing, and no variable is set, nothing is started: no listener, no cookie. A warning
 *   says so, and the program gets a `Cluster` in which it is alone, as `nonode@nohost`.
 * - Otherwise all wrong values are one `ConfigurationError`.
 *
 * **Example** (A program with a source of its own)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { discovery: [Static.plugin, Registry.plugin], transport: [Tcp.plugin] })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  path: string,
  plugins: Plugins
): Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError> =>
  Layer.effect(Cluster, joinConfigured(path, plugins))

/**
 * `layerFile` without a file: `GC_CLUSTER`, `GC_NODE_NAME`, `GC_COOKIE`, `GC_DISCOVERY_STATIC_NODES`, …
 *
 * @category layers
 * @since 0.1.0
 */
export const layerEnvironment = (
  plugins: Plugins
): Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError> =>
  Layer.effect(Cluster, joinConfigured(undefined, plugins))
