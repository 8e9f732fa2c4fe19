import * as Configuration from "@gc/core/Configuration"
import type { Discovery, DiscoveryError } from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import { Transport } from "@gc/core/Transport"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A node has a transport; here nobody dials. */
const transport = [
  Plugin.transport({
    key: "none",
    schema: Schema.Struct({}),
    layer: () => Layer.effect(Transport, Effect.die("nobody dials"))
  })
]

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** What a file with this content says, besides the name of a cluster. */
export const configured = Effect.fnUntraced(function* (plugins: Plugin.Plugins, content: object) {
  const path = join(yield* folder, "gc.json")
  writeFileSync(path, JSON.stringify({ cluster: "test", ...content }))
  return Option.getOrThrow(yield* Configuration.read(path, { transport, ...plugins }))
})

/** What these variables say, besides the name of a cluster. */
export const environment = (plugins: Plugin.Plugins, env: Readonly<Record<string, string>>) =>
  Configuration.read(undefined, { transport, ...plugins }).pipe(
    Effect.map(Option.getOrThrow),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { GC_CLUSTER: "test", ...env } })))
  )

/** The layer of the one discovery that is configured. */
export const layerOf = ({
  discoveries
}: Configuration.Configuration): Layer.Layer<Discovery, DiscoveryError | Plugin.ConfigurationError> => {
  const [only] = discoveries
  if (only === undefined || discoveries.length > 1) throw new Error("expected one discovery")
  return only.layer
}

/** What is said of each wrong value. */
export const problems = <A, R>(read: Effect.Effect<A, Plugin.ConfigurationError, R>) =>
  Effect.map(Effect.flip(read), ({ reason }) =>
    reason._tag === "ValuesInvalid"
      ? reason.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
      : [reason.message]
  )

/** The configuration of a README. */
export const sampleOf = (readme: URL): object => {
  const [, sample = "{}"] = /^```json\n(.*?)^```$/ms.exec(readFileSync(readme, "utf8")) ?? []
  return JSON.parse(sample)
}
