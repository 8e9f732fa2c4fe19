import * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import { Transport } from "@gc/core/Transport"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const nobody = Layer.succeed(Discovery.Discovery, Discovery.empty)

const nowhere = Layer.succeed(Transport, {
  name: "none",
  protocols: ["tcp"],
  listen: () => Effect.succeed({ addresses: [], accept: Effect.never }),
  dial: () => Effect.never
})

const node = Setting.textThat((text) => (/[@:]/.test(text) ? undefined : "it has neither name nor port"), {
  description: "A node.",
  expected: "a node such as b@rosa:4371"
})

export const listPlugin = Plugin.discovery({
  key: "static",
  schema: Schema.Struct({
    nodes: Setting.list(node, { description: "The nodes.", expected: "a list of nodes" }),
    protocol: Schema.optionalKey(Setting.text({ description: "Of entries without one.", default: "tcp" }))
  }),
  layer: () => nobody
})

/** A third party's, with every kind of setting. */
export const registryPlugin = Plugin.discovery({
  key: "registry",
  schema: Schema.Struct({
    url: Setting.text({ description: "Where it is.", expected: "a URL" }),
    token: Schema.optionalKey(Setting.secret({ description: "Who may ask." })),
    port: Schema.optionalKey(Setting.port({ description: "Its port.", default: 8500 })),
    every: Schema.optionalKey(Setting.duration({ description: "How often it is asked.", default: "5 seconds" })),
    tags: Schema.optionalKey(
      Setting.oneOrMore(Setting.text({ description: "A tag." }), {
        description: "Tags.",
        expected: "a tag, or a list of them"
      })
    ),
    strict: Schema.optionalKey(Setting.flag({ description: "All tags.", default: false })),
    login: Schema.optionalKey(
      Schema.Struct({ user: Setting.text({ description: "Who." }), word: Setting.secret({ description: "Password." }) })
    )
  }).check(
    Schema.makeFilter(({ strict, tags }) =>
      strict === true && tags === undefined
        ? { path: ["tags"], issue: "expected tags where strict is true" }
        : undefined
    )
  ),
  layer: () => nobody
})

export const tcpPlugin = Plugin.transport({
  key: "tcp",
  schema: Schema.Struct({
    host: Schema.optionalKey(Setting.text({ description: "The address to bind.", expected: "a host" })),
    port: Schema.optionalKey(Setting.bindPort({ description: "The port to bind.", default: 4370 })),
    advertise: Schema.optionalKey(Setting.text({ description: "What others dial.", expected: "a host or host:port" }))
  }),
  layer: () => nowhere
})

const mapperPlugin = Plugin.resolver({
  key: "mapper",
  schema: Schema.Struct({ port: Schema.optionalKey(Setting.port({ description: "Its port.", default: 4369 })) }),
  layer: () => Layer.empty
})

export const plugins: Plugin.Plugins = {
  discovery: [listPlugin, registryPlugin],
  transport: [tcpPlugin],
  resolver: [mapperPlugin]
}

export const secretText = "a-secret-that-nobody-may-see"

/** A folder that goes with the scope. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-configuration-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const file = (path: string, content: string | Uint8Array, mode = 0o600): string => {
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

export type Environment = Readonly<Record<string, string>>

export const inEnvironment =
  (env: Environment) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

/** Reads a file of this content, `undefined` for none, beneath the environment. */
export const read = Effect.fnUntraced(function* (
  content: string | Uint8Array | undefined,
  settings: { readonly env?: Environment; readonly mode?: number; readonly plugins?: Plugin.Plugins } = {}
) {
  const path = content === undefined ? undefined : file(join(yield* folder, "gc.json"), content, settings.mode)
  return yield* Configuration.read(path, settings.plugins ?? plugins).pipe(inEnvironment(settings.env ?? {}))
})

export const readSome = (...given: Parameters<typeof read>) =>
  Effect.map(read(...given), (found) => Option.getOrThrowWith(found, () => new Error("nothing is configured")))

/** The wrong values, as `key is value: expected …` without where they stand. */
export const problems = (...given: Parameters<typeof read>) =>
  Effect.map(Effect.flip(read(...given)), ({ message, reason }) => {
    if (reason._tag !== "ValuesInvalid") throw new Error(message)
    return reason.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
  })

export const minimal = { cluster: "orders", cookie: "sixteen or more characters" }
