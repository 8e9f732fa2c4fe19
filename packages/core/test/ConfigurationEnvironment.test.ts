import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "@gc/core/Configuration"
import type { Options } from "@gc/core/Cluster"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { join } from "node:path"
import {
  type Environment,
  file,
  folder,
  inEnvironment,
  minimal,
  plugins,
  problems,
  read,
  readSome,
  secretText
} from "./support/configurations.ts"

const whole: Environment = { GC_CLUSTER: "orders", GC_COOKIE: "many words, with commas" }

const cookieOf = ({ cookie }: Options) => Redacted.value(cookie as Redacted.Redacted)

describe("the environment", () => {
  it.effect("describes a node alone", () =>
    Effect.gen(function* () {
      const found = yield* readSome(undefined, {
        env: {
          ...whole,
          GC_NODE_NAME: "a@127.0.0.1",
          GC_REFRESH_INTERVAL: "2500",
          GC_RECONNECT_MAX: "10 seconds",
          GC_RECONNECT_FACTOR: "1.5",
          GC_ON_REMOVED: "disconnect",
          GC_DETECTOR: "wan",
          GC_METADATA: '{ "role": "api", "number": "5" }',
          GC_PEER_EXCHANGE: "false",
          GC_MAX_MEMBERS: "16",
          GC_APP_VERSION: "12",
          GC_TRANSPORT_TCP_PORT: "0",
          GC_TRANSPORT_TCP_SECURITY: "mtls",
          GC_DISCOVERY_STATIC_NODES: "b@rosa:4371, tcp://127.0.0.1:4372,",
          GC_DISCOVERY_REGISTRY: '{ "url": "u", "port": 9000 }',
          GC_DISCOVERY_REGISTRY_PORT: "9001",
          GC_DISCOVERY_REGISTRY_TAGS: "one,two",
          GC_DISCOVERY_REGISTRY_LOGIN_USER: "me",
          GC_DISCOVERY_REGISTRY_LOGIN_WORD: secretText,
          GC_RESOLVER_MAPPER: "{}"
        }
      })
      assert.strictEqual(found.source, "the environment")
      assert.strictEqual(cookieOf(found.options), "many words, with commas")
      const { appVersion, detector, maxMembers, metadata, node, onRemoved, peerExchange, security } = found.options
      assert.deepStrictEqual(
        { appVersion, detector, maxMembers, metadata: { ...metadata }, node, onRemoved, peerExchange, security },
        {
          appVersion: "12",
          detector: "wan",
          maxMembers: 16,
          metadata: { role: "api", number: "5" },
          node: "a@127.0.0.1",
          onRemoved: "disconnect",
          peerExchange: false,
          security: "mtls"
        }
      )
      assert.strictEqual(Duration.toMillis(found.options.refreshInterval as Duration.Duration), 2500)
      assert.deepStrictEqual(
        found.transports.map(({ key, settings }) => [key, settings]),
        [["tcp", { port: 0 }]]
      )
      const [list, registry] = found.discoveries
      assert.deepStrictEqual(list!.settings, { nodes: ["b@rosa:4371", "tcp://127.0.0.1:4372"] })
      const { login, port, tags } = registry!.settings as {
        login: { word: Redacted.Redacted }
        port: number
        tags: unknown
      }
      assert.deepStrictEqual([port, tags, Redacted.value(login.word)], [9001, ["one", "two"], secretText])
      assert.strictEqual(found.resolver?.key, "mapper")
      assert.deepStrictEqual(found.warnings, [])
    })
  )

  it.effect("wins over the file, and leaves the rest of it", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({
        ...minimal,
        detector: "lan",
        refresh_interval_ms: 1000,
        transport: { tcp: { host: "127.0.0.1", port: 1 } },
        discovery: { static: { nodes: ["b@rosa"] } }
      })
      const env = {
        GC_CLUSTER: "other",
        GC_DETECTOR_HEARTBEAT: "100",
        GC_DETECTOR_SUSPECT_AFTER: "300 millis",
        GC_DETECTOR_DOWN_AFTER: "600 millis",
        GC_REFRESH_INTERVAL: "infinity",
        GC_TRANSPORT_TCP_PORT: "2"
      }
      const found = yield* readSome(text, { env })
      assert.strictEqual(found.options.cluster, "other")
      assert.strictEqual(typeof found.options.detector, "object")
      assert.isFalse(Duration.isFinite(found.options.refreshInterval as Duration.Duration))
      assert.deepStrictEqual(found.transports[0]!.settings, { host: "127.0.0.1", port: 2 })
      assert.deepStrictEqual(found.discoveries[0]!.settings, { nodes: ["b@rosa"] })
    })
  )

  it.effect("puts a cookie in place of the file's cookieFile, and the other way round", () =>
    Effect.gen(function* () {
      const path = file(join(yield* folder, "cookie"), "a passphrase of many words")
      const named = JSON.stringify({ cluster: "orders", cookieFile: "/nowhere" })
      const { options } = yield* readSome(named, { env: { GC_COOKIE: "another of many words" } })
      assert.deepStrictEqual([cookieOf(options), options.cookieFile], ["another of many words", undefined])
      const inline = yield* readSome(JSON.stringify(minimal), { env: { GC_COOKIE_FILE: path } })
      assert.deepStrictEqual([inline.options.cookie, inline.options.cookieFile], [undefined, path])
      assert.deepStrictEqual(yield* problems(undefined, { env: { ...whole, GC_COOKIE_FILE: path } }), [
        "GC_COOKIE_FILE is given beside GC_COOKIE: expected one of the two"
      ])
    })
  )

  it.effect("has variables that are empty, which count as absent", () =>
    Effect.gen(function* () {
      assert.isTrue(Option.isNone(yield* read(undefined, { env: { GC_CLUSTER: "", GC_TRANSPORT_TCP_PORT: "" } })))
      const found = yield* readSome(JSON.stringify(minimal), { env: { GC_CLUSTER: "" } })
      assert.strictEqual(found.options.cluster, "orders")
      const preserving = ConfigProvider.fromEnv({ env: { GC_CLUSTER: "" }, preserveEmptyStrings: true })
      const nothing = Effect.provideService(
        Configuration.read(undefined, plugins),
        ConfigProvider.ConfigProvider,
        preserving
      )
      assert.isTrue(Option.isNone(yield* nothing))
    })
  )

  it.effect("is told of by the names of its variables", () =>
    Effect.gen(function* () {
      const found = yield* problems(undefined, {
        env: {
          GC_NODE_NAME: "a",
          GC_COOKIE: secretText.slice(0, 9),
          GC_ALLOW_PLAINTEXT: "maybe",
          GC_MAX_MEMBERS: "many",
          GC_METADATA: `{ "cookie": "${secretText}`,
          GC_TRANSPORT_TCP_PORT: "70000",
          GC_DISCOVERY_STATIC_NODES: "b@rosa,x",
          GC_DISCOVERY_REGISTRY: `{ "tokn": "${secretText}" }`
        }
      })
      assert.deepStrictEqual(
        found.map((problem) => problem.replace(/: expected .*?(; did.*)?$/, "$1")),
        [
          "GC_METADATA is no JSON",
          "GC_CLUSTER is missing",
          'GC_NODE_NAME is "a"',
          "GC_COOKIE is a text",
          'GC_ALLOW_PLAINTEXT is "maybe"',
          'GC_MAX_MEMBERS is "many"',
          "GC_TRANSPORT_TCP_PORT is 70000",
          'GC_DISCOVERY_STATIC_NODES.1 is "x"',
          'GC_DISCOVERY_REGISTRY.tokn is no setting; did you mean "GC_DISCOVERY_REGISTRY.token"?',
          "GC_DISCOVERY_REGISTRY.url is missing"
        ]
      )
      assert.notInclude(found.join("\n"), secretText.slice(0, 9))
    })
  )

  it.effect("has misspelled variables, which are warned of", () =>
    Effect.gen(function* () {
      const env = {
        ...whole,
        GC_TRANSPORT_TCP_PROT: "1",
        GC_DISCOVERY_KUBERNETES_NAMESPACE: "u",
        GC_DISCOVERY_CONSUL_PORT: "1",
        GC_NODE: "a@10.0.0.7",
        GC_METADATA_ROLE: "api",
        GC_METADATA_SERVICE_HOST: "10.0.0.1",
        GC_CLUSTR: "x",
        GC_CONFIG: "gc.json",
        GC_DISCOVERY_SERVICE_HOST: "10.0.0.1",
        GC_DISCOVERY_PORT_4370_TCP_ADDR: "10.0.0.1",
        GC_HEAP: "of another program"
      }
      assert.deepStrictEqual((yield* readSome(undefined, { env })).warnings.toSorted(), [
        "the variable GC_CLUSTR is not used; did you mean GC_CLUSTER?",
        "the variable GC_DISCOVERY_CONSUL_PORT is not used",
        "the variable GC_DISCOVERY_KUBERNETES_NAMESPACE is not used",
        "the variable GC_METADATA_ROLE is not used; did you mean GC_METADATA?",
        "the variable GC_NODE is not used; did you mean GC_NODE_NAME?",
        "the variable GC_TRANSPORT_TCP_PROT is not used; did you mean GC_TRANSPORT_TCP_PORT?"
      ])
      const { GC_CLUSTER: _cluster, ...rest } = whole
      const said = yield* problems(undefined, { env: { ...rest, GC_CLUSTR: "x" } })
      assert.strictEqual(said.at(-1), "GC_CLUSTR is not used: expected GC_CLUSTER")
    })
  )

  it.effect("that cannot be read is an error, not an empty one", () =>
    Effect.gen(function* () {
      const broken = ConfigProvider.make(() =>
        Effect.fail(new ConfigProvider.SourceError({ message: "the vault is closed" }))
      )
      const error = yield* Configuration.read(undefined, plugins).pipe(
        Effect.provideService(ConfigProvider.ConfigProvider, broken),
        Effect.flip
      )
      assert.include(error.message, "the vault is closed")
    })
  )
})

describe("the plugins that a configuration names", () => {
  const named = Effect.fnUntraced(function* (content: object | undefined, env: Environment = {}) {
    const path = content === undefined ? undefined : file(join(yield* folder, "gc.json"), JSON.stringify(content))
    return yield* inEnvironment(env)(Configuration.named(path))
  })

  it.effect("are known before any of them is loaded", () =>
    Effect.gen(function* () {
      const content = {
        transport: { ws: {} },
        discovery: { "my-registry": { package: "my-registry" }, dns: { query: "x" } },
        resolver: { epmd: {} }
      }
      const env = {
        GC_DISCOVERY_MY_REGISTRY_URL: "u",
        GC_DISCOVERY_STATIC_NODES: "b@rosa",
        GC_DISCOVERY_REDIS: '{ "package": "gc-redis" }',
        GC_DISCOVERY_DNS_PACKAGE: "my-dns",
        GC_DISCOVERY_SERVICE_HOST: "10.0.0.1"
      }
      const { discovery, ...rest } = yield* named(content, env)
      assert.deepStrictEqual(rest, { transport: [{ key: "ws" }], resolver: [{ key: "epmd" }], empty: false })
      assert.sameDeepMembers(
        [...discovery],
        [
          { key: "my-registry", package: "my-registry" },
          { key: "dns", package: "my-dns" },
          { key: "static" },
          { key: "redis", package: "gc-redis" }
        ]
      )
    })
  )

  it.effect("are tcp alone, or none where nothing is configured", () =>
    Effect.gen(function* () {
      const none = { discovery: [], transport: [], resolver: [], empty: true }
      assert.deepStrictEqual(yield* named(undefined), none)
      assert.deepStrictEqual(yield* named({ $schema: "x" }, { GC_CONFIG: "x" }), none)
      const tcp = { discovery: [], transport: [{ key: "tcp" }], resolver: [], empty: false }
      assert.deepStrictEqual(yield* named({ cluster: "orders" }), tcp)
      assert.deepStrictEqual(yield* named(undefined, { GC_COOKIE: "x" }), tcp)
    })
  )
})
