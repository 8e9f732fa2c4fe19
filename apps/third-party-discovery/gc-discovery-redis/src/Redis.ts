import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { entry } from "./internal/schema.ts"
import { readSettings } from "./internal/settings.ts"
import { sourceOf } from "./internal/source.ts"

/** Every setting of this source; each is optional. */
export interface Options {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. Default: `redis://127.0.0.1:6379`. */
  readonly url?: string | Redacted.Redacted<string> | undefined
  /** What the keys begin with. Default: `"gc"`, for `gc:<cluster>:<instance>`. */
  readonly prefix?: string | undefined
  /** How long a node stays listed that says nothing any more, from a second to a day. Default: 15 seconds. */
  readonly lease?: Duration.Input | undefined
  /** Between two looks; wins over the cluster's `refreshInterval`. */
  readonly interval?: Duration.Input | undefined
  /** How long one look, or one renewal, may take. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * A source that keeps this node listed while it runs, and finds the other nodes of its cluster.
 *
 * - A server that does not answer, or refuses, is a failed look and never an empty set.
 * - The lease is written before the first look, renewed, written anew when it is lost, and taken out at the end.
 * - Where the server may have forgotten (a new connection, a lease that is gone) whoever was known stays known for one lease.
 * - With `announce: false` in its context nothing is written.
 * - Fails when an option is wrong, and names it.
 */
export const make = (options: Options = {}): Effect.Effect<Discovery.Source, Discovery.DiscoveryError> =>
  Effect.map(readSettings(options), sourceOf)

/** `make` as a layer: a wrong option fails when the layer is built. */
export const layer = (options?: Options): Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, make(options))

/** `layer` from Effect's Config: `Redis.layerConfig({ url: Config.Redacted("REDIS_URL") })`. */
export const layerConfig = (
  options: Config.Wrap<Options>
): Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, Effect.flatMap(Config.unwrap(options), make))

/** The discovery `redis` of a configuration file: `{ "discovery": { "redis": { "url": "redis://rosa" } } }`. */
export const plugin: Plugin.DiscoveryPlugin<Options> = Plugin.discovery({ key: "redis", schema: entry, layer })
