/**
 * Discovery from DNS: the addresses (A, AAAA) or the services (SRV) of a name.
 *
 * ```ts
 * import * as Dns from "@gc/discovery-dns"
 *
 * Dns.layer({ domain: "web.shop" })
 * Dns.layer({ domain: "_gc._tcp.web.shop.svc.cluster.local.", type: "SRV" })
 * ```
 *
 * @since 0.1.0
 */
import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { look } from "./internal/look.ts"
import { readOptions } from "./internal/options.ts"
import { settings } from "./internal/schema.ts"
import * as Resolver from "./Resolver.ts"

/** The record types that say who is there. @category models @since 0.1.0 */
export type Type = "A" | "AAAA" | "SRV"

/**
 * Every setting of this source, and of its resolver.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Resolver.Options {
  /**
   * The name to ask for, or several: the peers are those of all. Without a dot at its end it is tried in the search domains.
   * An IP address is a peer itself. At most 64.
   */
  readonly domain: string | ReadonlyArray<string>
  /** The records to ask for; of several all count. Default: `["A", "AAAA"]`. */
  readonly type?: Type | ReadonlyArray<Type> | undefined
  /**
   * Under what a peer is dialed. `"ip"`: the address. `"hostname"`: a name that is resolved at each dial, the target of an SRV
   * record, or what the address is called in the reverse tree (PTR); an address without a name there stays as it is. Default:
   * `"hostname"` for SRV alone, else `"ip"`, as in gen_cluster.
   */
  readonly hostType?: "ip" | "hostname" | undefined
  /** What stands before the `@` of all nodes: a peer is then `basename@host`, and nobody else. Default: whoever answers. */
  readonly basename?: string | undefined
  /** The port of peers that come from A and AAAA records. Default: 4370. */
  readonly port?: number | undefined
  /** The protocol of all peers: one that the node's transport dials. Default: `"tcp"`. */
  readonly protocol?: string | undefined
  /** How long to wait from the end of a look to the next; wins over `Discovery.RefreshInterval`. */
  readonly refreshInterval?: Duration.Input | undefined
  /** Whether to look again only when the records' time to live is over, an hour at most. Default: no. */
  readonly respectTtl?: boolean | undefined
}

/** The most peers of one look: with more the look fails, for a part would cut the cluster. @category constants @since 0.1.0 */
export const maxPeers = 4096

/**
 * A source that asks for the domains again and again. Each look is the whole set, sorted, each peer once.
 *
 * **Details**
 *
 * - No such name, no such record, and a service whose target is `.` are an empty set: a headless service without pods.
 * - Anything else that is no answer, for any domain and any type, is a failed look that names them all: SERVFAIL, REFUSED,
 *   silence, a truncated answer without TCP, endless aliases. Core then keeps the last good set.
 * - Priorities and weights of SRV records do not matter: every target is a peer.
 * - Fails when an option is wrong. Nothing is asked before the source runs.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Discovery.Source, Discovery.DiscoveryError> {
  const settings = yield* Effect.mapError(readOptions(options), refused)
  const resolver = yield* Effect.mapError(Resolver.make(settings.resolver), refused)
  return Discovery.make({
    name: "dns",
    looks: (context) => {
      let holdMillis = 0
      const lookup = Effect.map(look(settings, resolver, maxPeers), ({ peers, ttl = 0 }) => {
        holdMillis = settings.respectTtl ? Math.min(ttl, maxHoldSeconds) * 1000 : 0
        return peers
      })
      // The look keeps to its own time, and says what it waited for.
      const timeout = Duration.infinity
      const interval = settings.refreshInterval
      const looks = Discovery.poll({ name: "dns", lookup: () => lookup, interval, timeout }).looks(context)
      if (!settings.respectTtl) return looks
      const held = Effect.flatMap(Discovery.RefreshInterval, (usual) =>
        Effect.sleep(Math.max(0, holdMillis - Duration.toMillis(interval ?? usual) * leastJitter))
      )
      return Stream.flatMap(looks, (found) =>
        Stream.concat(
          Stream.succeed(found),
          found._tag === "Peers" ? Stream.drain(Stream.fromEffect(held)) : Stream.empty
        )
      )
    }
  })
})

/** The longest that a time to live holds a look back. */
const maxHoldSeconds = 3600

/** The part of an interval that poll's jitter leaves at least. */
const leastJitter = 0.8

const refused = ({ message }: Resolver.OptionsInvalid): Discovery.DiscoveryError =>
  new Discovery.DiscoveryError({
    source: "dns",
    reason: new Discovery.LookFailed({ detail: message, code: "option_wrong" })
  })

/**
 * `make` as a layer: a wrong option fails when the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, make(options))

/**
 * `layer` from Effect's Config.
 *
 * **Example** (`GC_DNS=web.shop`)
 *
 * ```ts
 * Dns.layerConfig({ domain: Config.String("GC_DNS") })
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
 * The discovery `dns` of a configuration file. A `resolvConf` is beside that file, unless its path is absolute.
 *
 * **Example** (`{ "discovery": { "dns": { "domain": "web.shop" } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { discovery: [Dns.plugin], transport: [Tcp.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.DiscoveryPlugin<Options> = Plugin.discovery({
  key: "dns",
  schema: settings,
  layer: ({ resolvConf, ...options }, { files }) =>
    layer(resolvConf === undefined ? options : { ...options, resolvConf: files.resolve(resolvConf) })
})
