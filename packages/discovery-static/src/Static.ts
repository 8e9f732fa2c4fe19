/**
 * Discovery from a fixed list of nodes.
 *
 * ```ts
 * import * as Static from "@gc/discovery-static"
 *
 * Static.layer(["b@127.0.0.1:4371", "tcp://127.0.0.1:4372", "c@rosa"])
 * ```
 *
 * @since 0.1.0
 */
import * as Discovery from "@gc/core/Discovery"
import * as OptionKeys from "@gc/core/OptionKeys"
import * as Peer from "@gc/core/Peer"
import * as Plugin from "@gc/core/Plugin"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { readEntry, shown } from "./internal/entries.ts"
import { settings } from "./internal/schema.ts"

/**
 * One node of the list.
 *
 * **Details**
 *
 * | entry | who | where |
 * |---|---|---|
 * | `"c@rosa"` | `c@rosa` | what core's `NameResolver` says: port 4370 of its host, by default |
 * | `"b@127.0.0.1:4371"` | `b@127.0.0.1` | `tcp://127.0.0.1:4371` |
 * | `"127.0.0.1:4371"` | whoever answers | `tcp://127.0.0.1:4371` |
 * | `"tcp://127.0.0.1:4371"` | whoever answers | there |
 * | a `Peer` | as it says | as it says |
 *
 * The host of an entry with a port has its brackets when it is an IPv6 literal: `"b@[::1]:4371"`, `"[::1]:4371"`. Blanks
 * around an entry do not count.
 *
 * @category models
 * @since 0.1.0
 */
export type Entry = string | Peer.Peer

/**
 * Every setting of this source; it is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The protocol of entries with a port that name none: one that the node's transport dials. Default: `"tcp"`. */
  readonly protocol?: string | undefined
}

/**
 * What `layerConfig` and `plugin` read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings extends Options {
  readonly nodes: ReadonlyArray<string>
}

/**
 * A source that says the list once, and that is final. The same entry twice is one peer.
 *
 * **Details**
 *
 * Fails with the reason `EntryInvalid` when an entry is no peer, or one that nobody can dial; it names all of them. An
 * empty list is fine. The list may contain this node itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  entries: ReadonlyArray<Entry>,
  options: Options = {}
): Effect.fn.Return<Discovery.Source, Discovery.DiscoveryError> {
  const peers = new Map<string, Peer.Peer>()
  const wrong: Array<{ readonly entry: string; readonly expected: string }> = []
  const given: { readonly entries: unknown; readonly options: unknown } = { entries, options }
  if (!Array.isArray(given.entries)) {
    const expected = 'a list of nodes, such as ["b@rosa:4371"]'
    const reason = new Discovery.EntryInvalid({ entry: shown(given.entries), expected })
    return yield* new Discovery.DiscoveryError({ source: "static", reason })
  }
  const protocol: unknown = typeof given.options === "object" ? (options?.protocol ?? "tcp") : undefined
  const unknown = OptionKeys.unknown({ ...options }, ["protocol"])
  if (typeof protocol !== "string" || unknown !== undefined) {
    const detail =
      unknown === undefined
        ? `the options are wrong: expected { protocol: "tcp" }, or another protocol that the transport dials`
        : `option "${unknown.key}" is not an option: expected ${unknown.expected}`
    return yield* new Discovery.DiscoveryError({ source: "static", reason: new Discovery.LookFailed({ detail }) })
  }
  for (const entry of entries) {
    const read = readEntry(entry, protocol)
    if (Result.isSuccess(read)) peers.set(Peer.format(read.success), read.success)
    else wrong.push({ entry: shown(entry), expected: read.failure })
  }
  const [first, ...others] = wrong
  if (first !== undefined) {
    const reason = new Discovery.EntryInvalid(others.length === 0 ? first : { ...first, others })
    return yield* new Discovery.DiscoveryError({ source: "static", reason })
  }
  const look = Discovery.peers([...peers.values()])
  return Discovery.make({ name: "static", looks: () => Stream.succeed(look) })
})

/**
 * `make` as a layer: a wrong entry fails when the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  entries: ReadonlyArray<Entry>,
  options?: Options
): Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError> =>
  Layer.effect(Discovery.Discovery, make(entries, options))

/**
 * `layer` from Effect's Config.
 *
 * **Example** (`GC_SEEDS=b@10.0.0.7:4371,c@rosa`)
 *
 * ```ts
 * Static.layerConfig({ nodes: Config.Array(Schema.String, "GC_SEEDS") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  settings: Config.Wrap<Settings>
): Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError> =>
  Layer.effect(
    Discovery.Discovery,
    Effect.flatMap(Config.unwrap(settings), ({ nodes, ...options }) => make(nodes, options))
  )

/**
 * The discovery `static` of a configuration file.
 *
 * **Example** (`{ "discovery": { "static": { "nodes": ["b@10.0.0.7:4371", "c@rosa"] } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { discovery: [Static.plugin], transport: [Tcp.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.DiscoveryPlugin<Settings> = Plugin.discovery({
  key: "static",
  schema: settings,
  layer: ({ nodes, ...options }) => layer(nodes, options)
})
