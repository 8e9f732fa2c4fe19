/**
 * What a plugin makes of configuration files and of the environment: for tests of the `plugin` that a package exports.
 *
 * **Details**
 *
 * Everything is read as a node reads it. Where `plugins` has no transport there is one that nobody can dial with, because a node
 * has one.
 *
 * @since 0.1.0
 */
import * as Configuration from "@gc/core/Configuration"
import type { Discovery, DiscoveryError } from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import { Transport } from "@gc/core/Transport"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { readText, writeTemporary } from "./internal/files.ts"

const transport = [
  Plugin.transport({
    key: "none",
    schema: Schema.Struct({}),
    layer: () => Layer.effect(Transport, Effect.die("nobody dials"))
  })
]

/**
 * What a file with this content says. `cluster` is `"test"` where the content names none. The file is gone when the scope closes.
 *
 * **Example** (The settings of an entry)
 *
 * ```ts
 * const { discoveries } = yield* TestConfiguration.fromFile({ discovery: [plugin] }, { discovery: { redis: {} } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFile = Effect.fnUntraced(function* (
  plugins: Plugin.Plugins,
  content: object
): Effect.fn.Return<Configuration.Configuration, Plugin.ConfigurationError, Scope.Scope> {
  const path = yield* writeTemporary("gc.json", JSON.stringify({ cluster: "test", ...content }))
  return Option.getOrThrow(yield* Configuration.read(path, { transport, ...plugins }))
})

/**
 * What these variables say, and no others. `GC_CLUSTER` is `"test"` where they do not give it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromEnvironment = (
  plugins: Plugin.Plugins,
  env: Readonly<Record<string, string>>
): Effect.Effect<Configuration.Configuration, Plugin.ConfigurationError> =>
  Configuration.read(undefined, { transport, ...plugins }).pipe(
    Effect.map(Option.getOrThrow),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { GC_CLUSTER: "test", ...env } })))
  )

/**
 * The layer of the one discovery that is configured. Throws when there is none, or more than one.
 *
 * @category accessors
 * @since 0.1.0
 */
export const discovery = ({
  discoveries
}: Configuration.Configuration): Layer.Layer<Discovery, DiscoveryError | Plugin.ConfigurationError> => {
  const [only] = discoveries
  if (only === undefined || discoveries.length > 1) {
    throw new Error(`expected one discovery, and ${discoveries.length} are configured`)
  }
  return only.layer
}

/**
 * A line for each wrong value, `discovery.redis.lease is 7: expected a time`; or the whole message where the configuration is
 * wrong in another way. Fails when it is right.
 *
 * @category accessors
 * @since 0.1.0
 */
export const problems = <A, R>(
  read: Effect.Effect<A, Plugin.ConfigurationError, R>
): Effect.Effect<ReadonlyArray<string>, A, R> =>
  Effect.map(Effect.flip(read), ({ reason }) =>
    reason._tag === "ValuesInvalid"
      ? reason.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
      : [reason.message]
  )

/**
 * The configuration that a document shows: its first block of JSON. Throws when it has none, or when that is no JSON.
 *
 * @category accessors
 * @since 0.1.0
 */
export const sample = (document: URL): object => {
  const [, json] = /^```json\n(.*?)^```$/ms.exec(readText(document)) ?? []
  if (json === undefined) throw new Error(`${document.href} has no block of JSON`)
  return JSON.parse(json)
}
