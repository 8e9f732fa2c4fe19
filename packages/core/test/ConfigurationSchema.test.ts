import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "@gc/core/Configuration"
import { Ajv } from "ajv"
import { readFileSync } from "node:fs"
import { readJsonc } from "../src/internal/configuration/jsonc.ts"
import { minimal, plugins } from "./support/configurations.ts"

const document = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8")
const schema = Configuration.jsonSchema(plugins)
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

const right: ReadonlyArray<object> = [
  minimal,
  { $schema: "./node_modules/@gc/cli/schema/gc.schema.json", ...minimal },
  {
    ...minimal,
    node: "a@127.0.0.1",
    cookie: [{ label: "new", cookie: "a passphrase of many words" }],
    security: "psk",
    allowPlaintext: true,
    refresh_interval_ms: "infinity",
    reconnect: { initial: 250, factor: 2, max: "30 seconds" },
    onRemoved: { disconnectAfter: "30 seconds" },
    detector: { heartbeat: 100, suspectAfter: "300 millis", downAfter: 600 },
    metadata: { role: "api" },
    peerExchange: false,
    maxPendingPerHost: 8,
    maxMembers: 16,
    maxMessageSize: 1024,
    appVersion: "1",
    transport: {
      tcp: { host: "127.0.0.1", port: 0, security: "mtls" },
      quic: { package: "gc-quic", security: "mtls", any: 1 }
    },
    discovery: {
      static: { nodes: ["b@rosa"], package: "my-static" },
      registry: { url: "u", tags: ["a"], token: "t", login: { user: "me", word: "w" } },
      theirs: { package: "their-discovery", whatever: { it: ["takes"] } }
    },
    resolver: { mapper: { port: 4369 } }
  }
]

const wrong: ReadonlyArray<object> = [
  { cluster: 5 },
  { ...minimal, clutser: "x" },
  { ...minimal, cookie: 5 },
  { ...minimal, cookie: [{ label: "a", cokie: "x" }] },
  { ...minimal, security: "tls" },
  { ...minimal, reconnect: "always" },
  { ...minimal, reconnect: { mx: 1 } },
  { ...minimal, detector: "lann" },
  { ...minimal, detector: { heartbeat: 1 } },
  { ...minimal, metadata: { role: 5 } },
  { ...minimal, maxMembers: 0 },
  { ...minimal, transport: { tcp: { prot: 1 } } },
  { ...minimal, transport: { tcp: { port: 70_000 } } },
  { ...minimal, transport: { quic: {} } },
  { ...minimal, discovery: { static: {} } },
  { ...minimal, discovery: { static: { nodes: [], security: "psk" } } },
  { ...minimal, discovery: { redsi: { url: "u" } } },
  { ...minimal, discovery: { theirs: { package: 5 } } },
  { ...minimal, resolver: { mapper: {}, other: { package: "other" } } }
]

describe("the JSON Schema of a configuration file", () => {
  it.each(right)("takes what is right: %j", (value) => {
    validate(value)
    assert.deepStrictEqual(validate.errors ?? [], [])
  })

  it.each(wrong)("refuses what is wrong: %j", (value) => {
    assert.isFalse(validate(value))
  })

  it("is draft-07, with a description of every setting, and defaults that are values", () => {
    assert.strictEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
    const properties = schema["properties"] as Record<string, { description?: string; default?: unknown }>
    for (const [key, property] of Object.entries(properties)) assert.isAbove(property.description?.length ?? 0, 10, key)
    assert.strictEqual(properties["refreshInterval"]!.default, "5 seconds")
    assert.strictEqual(properties["security"]!.default, "psk")
    assert.strictEqual(properties["maxMembers"]!.default, 1024)
    assert.isFalse("default" in properties["node"]!, "words about a default are none")
    assert.isFalse("default" in properties["cookie"]!)
    const text = JSON.stringify(schema)
    assert.notInclude(text, "gcExpected")
    assert.include(text, "How often it is asked. Expected: a duration")
  })
})

describe("the reference of settings", () => {
  const rows = Configuration.reference(plugins)
  const row = (key: string) => rows.find((each) => each.key === key)

  it("names the variable, the expectation and the default of each key", () => {
    assert.deepStrictEqual(row("node")?.environment, "GC_NODE_NAME")
    assert.deepStrictEqual(row("cluster"), {
      key: "cluster",
      environment: "GC_CLUSTER",
      expected: "1-64 bytes of UTF-8 without NUL",
      default: undefined,
      description: "The cluster's name: nodes of different clusters never connect.",
      required: true
    })
    assert.deepStrictEqual(row("discovery.registry.every"), {
      key: "discovery.registry.every",
      environment: "GC_DISCOVERY_REGISTRY_EVERY",
      expected: 'a duration such as "5 seconds", or a number of milliseconds',
      default: "5 seconds",
      description: "How often it is asked.",
      required: false
    })
    assert.strictEqual(row("refresh_interval_ms")?.environment, "GC_REFRESH_INTERVAL_MS")
    assert.strictEqual(row("discovery.registry.login.word")?.environment, "GC_DISCOVERY_REGISTRY_LOGIN_WORD")
    assert.strictEqual(row("discovery.registry.url")?.required, true)
    assert.strictEqual(row("transport.tcp.security")?.environment, "GC_TRANSPORT_TCP_SECURITY")
    assert.strictEqual(row("reconnect")?.default, '{"initial":"250 millis","factor":2,"max":"30 seconds"}')
  })

  it("has no variable twice", () => {
    assert.lengthOf(new Set(rows.map(({ environment }) => environment)), rows.length)
  })

  it("takes the sample of docs/configuration.md", () => {
    const [, sample = ""] = /^```jsonc\n(.*?)^```$/ms.exec(document) ?? []
    const read = readJsonc(sample)
    assert(read._tag === "Value")
    validate(JSON.parse(JSON.stringify(read.value)))
    assert.deepStrictEqual(validate.errors ?? [], [])
  })
})
