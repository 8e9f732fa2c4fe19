/**
 * What a discovery or transport package exports so that a configuration file can name it.
 *
 * **Details**
 *
 * The entry `{ "discovery": { "redis": { "url": "…" } } }` is decoded with the schema of the plugin whose key is `redis`, and
 * the layer is made of what came out. `Cluster.layerFile` takes plugins as values; the program `gcluster` imports the package
 * `@gc/discovery-redis`, or the one that the entry names in `"package"`, and takes its exports `plugin` and `resolverPlugin`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type { ConfigurationError, Problem } from "./ConfigurationError.ts"
import type { Discovery, DiscoveryError } from "./Discovery.ts"
import type { SecurityMode, Transport } from "./Transport.ts"

export * from "./ConfigurationError.ts"

/**
 * Files that a configuration names. A path that begins with `~/` is in the user's home, a relative one is beside the
 * configuration file, or in the working directory where there is no file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Files {
  readonly resolve: (path: string) => string
  /** The bytes of a regular file, 1 MiB at most; `key` names the setting in the error. */
  readonly read: (key: string, path: string) => Effect.Effect<Uint8Array, ConfigurationError>
  /** `read` of a file that only its owner may read. */
  readonly readSecret: (key: string, path: string) => Effect.Effect<Redacted.Redacted<Uint8Array>, ConfigurationError>
}

/** What a plugin's layer may use of the place where it is built. @category models @since 0.1.0 */
export interface Boot {
  /** The key of the entry in the file, for errors: `"discovery.redis"`. */
  readonly path: string
  /** Where the configuration comes from, for errors: the file's path, or `"the environment"`. */
  readonly source: string
  readonly files: Files
}

/**
 * What is wrong, or unwise, about settings that are each right. The keys of problems are whole: `"transport.tcp.tls"`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Checked {
  readonly problems: ReadonlyArray<Problem>
  readonly warnings: ReadonlyArray<string>
}

/** A discovery that a configuration names by its key. @category models @since 0.1.0 */
export interface DiscoveryPlugin<out Settings = unknown> {
  readonly kind: "discovery"
  /** No other discovery of the program has it. */
  readonly key: string
  /**
   * Of the entry without the keys that core takes. It may neither wait nor throw. A rule about several settings is a check of the
   * struct, each rule one of its own: it is looked at as soon as the settings that it reads are right.
   */
  readonly schema: Schema.Decoder<Settings>
  /** Method syntax, so that plugins of several settings fit in one list. */
  layer(settings: unknown, boot: Boot): Layer.Layer<Discovery, DiscoveryError | ConfigurationError>
}

/**
 * A transport that a configuration names by its key. The `security` of its entry is core's: it comes to the transport in its
 * `LinkSecurity`.
 *
 * @category models
 * @since 0.1.0
 */
export interface TransportPlugin<out Settings = unknown> {
  readonly kind: "transport"
  readonly key: string
  readonly schema: Schema.Decoder<Settings>
  layer(settings: unknown, boot: Boot): Layer.Layer<Transport, ConfigurationError>
  /** Looks at what no schema can: whether files are there, and what the mode of the streams needs. Starts nothing. */
  check?(settings: unknown, boot: Boot, security: SecurityMode): Effect.Effect<Checked>
}

/** A `NameResolver` that a configuration names by its key. @category models @since 0.1.0 */
export interface ResolverPlugin<out Settings = unknown> {
  readonly kind: "resolver"
  readonly key: string
  readonly schema: Schema.Decoder<Settings>
  layer(settings: unknown, boot: Boot): Layer.Layer<never, DiscoveryError | ConfigurationError>
}

/** Every plugin that a file may name. @category models @since 0.1.0 */
export interface Plugins {
  readonly discovery?: ReadonlyArray<DiscoveryPlugin> | undefined
  readonly transport?: ReadonlyArray<TransportPlugin> | undefined
  readonly resolver?: ReadonlyArray<ResolverPlugin> | undefined
}

/**
 * A plugin of a discovery.
 *
 * **Example** (`{ "discovery": { "redis": { "url": "redis://rosa" } } }`)
 *
 * ```ts
 * export const plugin = Plugin.discovery({
 *   key: "redis",
 *   schema: Schema.Struct({ url: Setting.text({ description: "Where the server is.", expected: "redis://host" }) }),
 *   layer: ({ url }) => layer({ url })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const discovery = <Settings>(options: {
  readonly key: string
  readonly schema: Schema.Decoder<Settings>
  readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<Discovery, DiscoveryError | ConfigurationError>
}): DiscoveryPlugin<Settings> => ({
  kind: "discovery",
  key: options.key,
  schema: options.schema,
  layer: (settings, boot) => options.layer(settings as Settings, boot)
})

/** A plugin of a transport. @category constructors @since 0.1.0 */
export const transport = <Settings>(options: {
  readonly key: string
  readonly schema: Schema.Decoder<Settings>
  readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<Transport, ConfigurationError>
  readonly check?: ((settings: Settings, boot: Boot, security: SecurityMode) => Effect.Effect<Checked>) | undefined
}): TransportPlugin<Settings> => {
  const { check, key, layer, schema } = options
  return {
    kind: "transport",
    key,
    schema,
    layer: (settings, boot) => layer(settings as Settings, boot),
    ...(check !== undefined && { check: (settings, boot, security) => check(settings as Settings, boot, security) })
  }
}

/** A plugin of a resolver of names. @category constructors @since 0.1.0 */
export const resolver = <Settings>(options: {
  readonly key: string
  readonly schema: Schema.Decoder<Settings>
  readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<never, DiscoveryError | ConfigurationError>
}): ResolverPlugin<Settings> => ({
  kind: "resolver",
  key: options.key,
  schema: options.schema,
  layer: (settings, boot) => options.layer(settings as Settings, boot)
})
