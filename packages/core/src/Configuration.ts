/**
 * What a configuration file, or the environment, says of a node: for programs that show it or start parts of it. A program that
 * only joins its cluster takes `Cluster.layerFile` or `Cluster.layerEnvironment`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import { Cluster, type ClusterError, type Options } from "./Cluster.ts"
import type { ConfigurationError } from "./ConfigurationError.ts"
import type { Discovery, DiscoveryError } from "./Discovery.ts"
import { join } from "./internal/configuration/boot.ts"
import { jsonSchemaOf } from "./internal/configuration/jsonSchema.ts"
import { namedIn } from "./internal/configuration/named.ts"
import { readConfiguration } from "./internal/configuration/read.ts"
import { referenceOf } from "./internal/configuration/reference.ts"
import type { Plugins } from "./Plugin.ts"
import type { SecurityMode, Transport } from "./Transport.ts"

export * from "./ConfigurationError.ts"

/** A transport of the node. Its layer gives each stream the mode of `security`. @category models @since 0.1.0 */
export interface ConfiguredTransport {
  readonly key: string
  readonly security: SecurityMode
  /** As the plugin's schema decoded them. */
  readonly settings: unknown
  readonly layer: Layer.Layer<Transport, ConfigurationError>
}

/** A source of the node. @category models @since 0.1.0 */
export interface ConfiguredDiscovery {
  readonly key: string
  /** As the plugin's schema decoded them. */
  readonly settings: unknown
  readonly layer: Layer.Layer<Discovery, DiscoveryError | ConfigurationError>
}

/** The resolver of names of the node. @category models @since 0.1.0 */
export interface ConfiguredResolver {
  readonly key: string
  /** As the plugin's schema decoded them. */
  readonly settings: unknown
  readonly layer: Layer.Layer<never, DiscoveryError | ConfigurationError>
}

/** A node as it is configured. Nothing of it is started yet. @category models @since 0.1.0 */
export interface Configuration {
  /** The absolute path of the file, or `"the environment"`. */
  readonly source: string
  /** What `Cluster.make` takes. Paths are absolute. */
  readonly options: Options
  /** At least one. */
  readonly transports: ReadonlyArray<ConfiguredTransport>
  /** All of them count: the node looks for the union. Empty: it looks for nobody. */
  readonly discoveries: ReadonlyArray<ConfiguredDiscovery>
  readonly resolver: ConfiguredResolver | undefined
  /** What works and is not wise, each with its remedy: a cookie in a file that others can read, `tls` that is not used. */
  readonly warnings: ReadonlyArray<string>
}

/** An entry that names a plugin. @category models @since 0.1.0 */
export interface NamedPlugin {
  readonly key: string
  /** The package to load it from, where the entry says so. */
  readonly package?: string | undefined
}

/** The plugins that a configuration names. @category models @since 0.1.0 */
export interface Named {
  readonly discovery: ReadonlyArray<NamedPlugin>
  /** `tcp` where the configuration names none. */
  readonly transport: ReadonlyArray<NamedPlugin>
  readonly resolver: ReadonlyArray<NamedPlugin>
  /** Whether nothing is configured at all. */
  readonly empty: boolean
}

/** A key of the file and its variable. @category models @since 0.1.0 */
export interface ReferenceRow {
  /** `discovery.dns.port`. */
  readonly key: string
  /** `GC_DISCOVERY_DNS_PORT`. */
  readonly environment: string
  /** What a value looks like. */
  readonly expected: string
  /** As it would stand in the file, JSON for what is no text. */
  readonly default: string | undefined
  readonly description: string
  readonly required: boolean
}

/**
 * Reads and decodes the file, with the environment over it; `None` where neither says anything.
 *
 * **Details**
 *
 * - Each variable of `reference` is asked by its name from Effect's `ConfigProvider` and wins over the file; an empty one counts
 *   as absent. `undefined` for a path reads the environment alone.
 * - The error has all wrong values at once, each with its key or variable. A secret is never shown.
 * - A `cookieFile` that is given is looked at: that it is there, that nobody else can read it, and that it holds a cookie. What
 *   transports check beside their schemas is told with the rest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (
  path: string | undefined,
  plugins: Plugins
): Effect.Effect<Option.Option<Configuration>, ConfigurationError> => readConfiguration(path, plugins)

/**
 * Which plugins a configuration names, before any is loaded: from the file's keys and from variables such as
 * `GC_DISCOVERY_DNS_QUERY` (the word after `GC_DISCOVERY_` is the key).
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (path: string | undefined): Effect.Effect<Named, ConfigurationError> => namedIn(path)

/**
 * Joins the cluster as the configuration says.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  configuration: Configuration
): Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError> =>
  Layer.effect(Cluster, join(configuration))

/**
 * The JSON Schema (draft-07) of the file, for editors: with what these plugins take.
 *
 * @category conversions
 * @since 0.1.0
 */
export const jsonSchema = (plugins: Plugins): Readonly<Record<string, unknown>> => jsonSchemaOf(plugins)

/**
 * Every key of the file with its variable, for documentation.
 *
 * @category conversions
 * @since 0.1.0
 */
export const reference = (plugins: Plugins): ReadonlyArray<ReferenceRow> => referenceOf(plugins)
