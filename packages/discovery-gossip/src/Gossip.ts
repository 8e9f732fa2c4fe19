/**
 * Discovery by UDP beacons: every node says every few seconds that it is there, to a multicast group or by broadcast.
 *
 * ```ts
 * import * as Gossip from "@gc/discovery-gossip"
 *
 * Gossip.layer()
 * ```
 *
 * @since 0.1.0
 */
import * as Discovery from "@gc/core/Discovery"
import { Entropy } from "@gc/core/Entropy"
import * as Plugin from "@gc/core/Plugin"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { gcFormat } from "./internal/gcFormat.ts"
import { gossip } from "./internal/gossip.ts"
import { libclusterFormat } from "./internal/libclusterFormat.ts"
import { settings as schema } from "./internal/schema.ts"
import { readOptions, sentence } from "./internal/settings.ts"
import { makeWire } from "./internal/wire.ts"

/**
 * Every setting of this source; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The UDP port of the group. Several nodes of one host share it. Default: 45892. */
  readonly port?: number | undefined
  /**
   * The local address that is bound. Linux hands multicast and broadcast only to sockets bound to `0.0.0.0` or `::`; which
   * network is used is told by `multicastIf`. Default: `"0.0.0.0"`, and `"::"` where the group is IPv6.
   */
  readonly ifAddr?: string | undefined
  /**
   * The group, IPv4 (`"239.1.2.3"`) or IPv6 (`"ff02::4370"`, or with its interface `"ff02::4370%eth0"`). With
   * `broadcastOnly` the address to send to. Default: `"230.1.1.251"`.
   */
  readonly multicastAddr?: string | undefined
  /** How many routers a beacon may pass, and one: 0 stays on the host, 1 in the network segment. Default: 1. */
  readonly multicastTtl?: number | undefined
  /**
   * Where beacons go out and are listened for: the name or the address of an interface, a list of them, or `"all"` (every one
   * that is not loopback; loopback when there is no other). Interfaces that come later are joined within 3 seconds.
   * Default: the one that the routing table says; with `broadcastOnly` all.
   */
  readonly multicastIf?: string | ReadonlyArray<string> | undefined
  /**
   * Sends to broadcast addresses instead of a group, for IPv4 networks that drop multicast: to `multicastAddr` when that is
   * given, otherwise to the one of each interface. Default: false.
   */
  readonly broadcastOnly?: boolean | undefined
  /** Between two beacons, with a jitter of a fifth. Default: uniform between 1 and 5000 milliseconds, as in libcluster. */
  readonly interval?: Duration.Input | undefined
  /** A peer of which nothing was heard for so long is forgotten. At least three times `interval`. Default: 30 seconds, or six times `interval`. */
  readonly lifetime?: Duration.Input | undefined
  /**
   * `"gc"`, authenticated and encrypted with the cluster's cookie, or `"libcluster"`, which Elixir nodes understand: it tells
   * names only, and proves nothing. Default: `"gc"`.
   */
  readonly format?: "gc" | "libcluster" | undefined
  /** The `secret` of libcluster's Gossip strategy. Only with that format. Default: none, beacons are plain. */
  readonly secret?: Redacted.Redacted | undefined
  /**
   * Said aloud that beacons which prove nothing are wanted: the `libcluster` format, or a cluster without a cookie (mTLS). Who
   * sends such beacons can make this node dial up to 64 addresses in vain, and nothing else. Default: false.
   */
  readonly insecure?: boolean | undefined
}

const wrong = (detail: string) =>
  new Discovery.DiscoveryError({ source: "gossip", reason: new Discovery.LookFailed({ detail, code: "option_wrong" }) })

const noCookie =
  "there is no cookie, so nobody could tell this cluster's beacons from forged ones: give the cluster a cookie " +
  "(together with mTLS, if you like), or say insecure: true to take beacons that prove nothing"

/**
 * A source that announces this node and hears the others.
 *
 * **Details**
 *
 * - The first beacon goes out at once; a new node's beacon is answered at once, with one beacon for all that come in 50 ms.
 * - A look is the whole set of peers that are heard: each with its name and the addresses that it signed.
 * - A network that is not there yet, or not any more, is a failed look and tried again, at the latest after 3 seconds. What
 *   was found is kept: a peer is forgotten only while this node hears somebody, be it itself.
 * - With `announce: false` it sends nothing and only listens. It looks when it hears somebody; when nobody was heard for the
 *   longest interval its look fails, for it cannot tell a silent group from a network that drops multicast. Whom it heard it
 *   forgets only while it hears another node.
 * - Fails when an option is wrong, and with the format `libcluster` unless `insecure: true`. Its looks fail in a cluster
 *   without a cookie unless `insecure: true`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Discovery.Source, Discovery.DiscoveryError> {
  const read = readOptions(options)
  if (Result.isFailure(read)) return yield* wrong(sentence(read.failure))
  const settings = read.success
  return Discovery.make({
    name: "gossip",
    looks: (context) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const entropy = yield* Entropy
          const run = { ...settings, announce: context.announce !== false }
          if (settings.format === "libcluster") {
            const format = libclusterFormat(context.self.name, settings.secret, entropy.bytes)
            return gossip(run, context.self, format, makeWire)
          }
          const keys = context.keys("udp")
          if (keys.length === 0 && !settings.insecure) {
            const reason = new Discovery.SourceBroken({ detail: noCookie, code: "no_cookie" })
            return yield* new Discovery.DiscoveryError({ source: "gossip", reason })
          }
          return gossip(run, context.self, gcFormat(context.self, keys, entropy.bytes), makeWire)
        })
      )
  })
})

/**
 * `make` as a layer: a wrong option fails when the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, make(options))

/**
 * `layer` from Effect's Config.
 *
 * **Example** (`GC_GROUP=239.1.2.3`)
 *
 * ```ts
 * Gossip.layerConfig({ multicastAddr: Config.String("GC_GROUP") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Options>
): Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, Effect.flatMap(Config.unwrap(options), make))

/**
 * The discovery `gossip` of a configuration file.
 *
 * **Example** (`{ "discovery": { "gossip": { "multicastAddr": "239.1.2.3" } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { discovery: [Gossip.plugin], transport: [Tcp.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.DiscoveryPlugin<Options> = Plugin.discovery({ key: "gossip", schema, layer })
