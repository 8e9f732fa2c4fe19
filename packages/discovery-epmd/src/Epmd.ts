/**
 * Discovery by the Erlang port mapper, epmd: each node registers at the epmd of its host, and asks the epmds of some hosts who
 * else is there. Where a host has none a node serves as one.
 *
 * ```ts
 * import * as Epmd from "@gc/discovery-epmd"
 *
 * Epmd.layer({ hosts: ["127.0.0.1", "rosa"] })
 * ```
 *
 * @since 0.1.0
 */
import * as Discovery from "@gc/core/Discovery"
import { NameResolver } from "@gc/core/NameResolver"
import * as Plugin from "@gc/core/Plugin"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { defaultPort } from "./Client.ts"
import type { Options as DaemonOptions } from "./Daemon.ts"
import { isLoopbackHost } from "./internal/extra.ts"
import { makeNameResolver } from "./internal/resolver.ts"
import { resolverSettings, settings } from "./internal/schema.ts"
import { readResolverSettings, readSettings, type Settings } from "./internal/settings.ts"
import { type Gates, hostSource } from "./internal/source.ts"

/**
 * Every setting of this source; each is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Whose epmds are asked; each is a source of its own, `epmd:rosa`. Default: this host, `["127.0.0.1"]`. */
  readonly hosts?: ReadonlyArray<string> | undefined
  /** Of every epmd. Default: `ERL_EPMD_PORT` of the configuration, or else 4369. */
  readonly port?: number | undefined
  /** Whether this node registers at the epmd of its own host, 127.0.0.1, to be found. Default: true. */
  readonly register?: boolean | undefined
  /** How often each host is asked; wins over the cluster's `refreshInterval`. */
  readonly interval?: Duration.Input | undefined
  /** How long one look at a host, or a registration, may take. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
  /**
   * Whether this node, when it registers and nobody listens on its host, serves as the epmd; and how. Default: true, on
   * 127.0.0.1. With a `host` of its own the daemon can be asked from other hosts.
   */
  readonly daemon?: boolean | Omit<DaemonOptions, "port"> | undefined
}

/**
 * Every setting of the resolver; each is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResolverOptions {
  /** Of every epmd. Default: `ERL_EPMD_PORT` of the configuration, or else 4369. */
  readonly port?: number | undefined
  /** How long one question may take. Default: 2 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** The port of names on hosts whose epmd does not answer. Default: none, and the dial fails with the reason. */
  readonly fallbackPort?: number | undefined
}

/**
 * What `layerConfig` reads.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOptions extends Omit<Options, "daemon"> {
  readonly daemon?: boolean | undefined
}

const environmentPort = Config.withDefault(Config.Port("ERL_EPMD_PORT"), defaultPort)

const refused = (detail: string) =>
  new Discovery.DiscoveryError({ source: "epmd", reason: new Discovery.LookFailed({ detail, code: "option_wrong" }) })

const settled = <Options extends { readonly port?: number | undefined }, A>(
  options: Options,
  read: (options: Options, port: number) => Result.Result<A, string>
) =>
  Effect.gen(function* () {
    const environment = options?.port === undefined ? Effect.result(environmentPort) : Effect.succeed(undefined)
    const port = yield* environment
    if (port !== undefined && Result.isFailure(port)) {
      return yield* refused(`ERL_EPMD_PORT is wrong: expected a port such as 4369 (${port.failure.message})`)
    }
    return yield* Effect.mapError(Effect.fromResult(read(options, port?.success ?? defaultPort)), refused)
  })

/**
 * A source for each host, merged: one that fails keeps its last good set and stops no other.
 *
 * **Details**
 *
 * - The gc nodes of this cluster that are registered there, each with its name and the address that it advertises. Erlang's
 *   nodes, nodes of other clusters and this node itself are left out.
 * - A host that refuses the connection, or does not answer, is a failed look and never an empty set.
 * - This node registers as `basename` of its name, with its first address that can be dialed, as a hidden node. It registers
 *   anew when it loses its registration, and keeps trying while the name is taken.
 * - With `announce: false` it registers nowhere and serves nothing.
 * - Fails when an option is wrong, and names it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Discovery.Source, Discovery.DiscoveryError> =>
  Effect.map(settled(options, readSettings), sourceOf)

const sourceOf = (settings: Settings): Discovery.Source => {
  const registrar = settings.hosts.find(isLoopbackHost) ?? settings.hosts[0]
  const gates: Gates = new WeakMap()
  const sources = settings.hosts.map((host) => hostSource(settings, host, host === registrar, gates))
  const [only] = sources
  return only !== undefined && sources.length === 1 ? only : Discovery.merge(...sources)
}

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
 * **Example** (`GC_EPMD_HOSTS=rosa,hugo`)
 *
 * ```ts
 * Epmd.layerConfig({ hosts: Config.Array(Schema.String, "GC_EPMD_HOSTS") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<ConfigOptions>
): Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, Effect.flatMap(Config.unwrap(options), make))

/**
 * A resolver of names: `a@rosa` is what the epmd of `rosa` says of `a`.
 *
 * **Details**
 *
 * A name that epmd does not know, that is not a gc node's or another node's, or whose epmd does not answer has no address now;
 * the error says which and what to do. It is asked again at the next dial.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeResolver = (options: ResolverOptions = {}): Effect.Effect<NameResolver, Discovery.DiscoveryError> =>
  Effect.map(settled(options, readResolverSettings), makeNameResolver)

/**
 * `makeResolver` as a layer, for the names without a port in a list.
 *
 * **Example** (`a@rosa` without a port)
 *
 * ```ts
 * Cluster.layer({ cluster: "orders", node: "b@hugo" }).pipe(
 *   Layer.provide(Static.layer(["a@rosa"])),
 *   Layer.provide(Epmd.layerResolver())
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerResolver = (options?: ResolverOptions): Layer.Layer<never, Discovery.DiscoveryError> =>
  Layer.effect(NameResolver, makeResolver(options))

/**
 * `layerResolver` from Effect's Config.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerResolverConfig = (
  options: Config.Wrap<ResolverOptions>
): Layer.Layer<never, Config.ConfigError | Discovery.DiscoveryError> =>
  Layer.effect(NameResolver, Effect.flatMap(Config.unwrap(options), makeResolver))

/**
 * The discovery `epmd` of a configuration file.
 *
 * **Example** (`{ "discovery": { "epmd": { "hosts": ["127.0.0.1", "rosa"] } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { discovery: [Epmd.plugin], resolver: [Epmd.resolverPlugin], transport: [Tcp.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.DiscoveryPlugin<Options> = Plugin.discovery({ key: "epmd", schema: settings, layer })

/**
 * The resolver `epmd` of a configuration file: `{ "resolver": { "epmd": {} } }`.
 *
 * @category plugins
 * @since 0.1.0
 */
export const resolverPlugin: Plugin.ResolverPlugin<ResolverOptions> = Plugin.resolver({
  key: "epmd",
  schema: resolverSettings,
  layer: layerResolver
})
