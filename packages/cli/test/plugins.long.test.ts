import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const cookie = `hex:${"5a".repeat(32)}`

const source = (key: string, name = "plugin"): string => `
  import * as Discovery from "@gc/core/Discovery"
  import * as Plugin from "@gc/core/Plugin"
  import * as Setting from "@gc/core/Setting"
  import * as Layer from "effect/Layer"
  import * as Schema from "effect/Schema"
  export const ${name} = Plugin.discovery({
    key: "${key}",
    schema: Schema.Struct({ url: Setting.text({ description: "Where the registry is." }) }),
    layer: () => Layer.succeed(Discovery.Discovery, Discovery.empty)
  })`

const configured = (discovery: object): void => {
  place.write("gc.json", { cluster: "orders", node: "a@127.0.0.1", cookie, discovery })
}

const refused = async (): Promise<string> => {
  const { code, stderr, stdout } = await place.run(["config", "check"])
  assert.deepStrictEqual({ code, stdout }, { code: 5, stdout: "" }, stderr)
  return stderr
}

describe("a plugin of somebody else", () => {
  it("is loaded from the package that the entry names, which exports for import alone", async () => {
    place.install("@orders/registry", source("registry"))
    configured({ registry: { package: "@orders/registry", url: "http://rosa" } })
    const { code, stderr, stdout } = await place.run(["config", "check", "--json"])
    assert.strictEqual(code, 0, stderr)
    assert.deepInclude(JSON.parse(stdout), { discovery: [{ key: "registry", settings: { url: "http://rosa" } }] })
  })

  it("is looked for beside the file before the working directory, and may be a file there", async () => {
    place.install("registry", "throw new Error('the working directory')")
    place.write("etc/node_modules/registry/package.json", { name: "registry", type: "module", exports: "./main.js" })
    place.write("etc/node_modules/registry/main.js", "throw new Error('beside the file')")
    place.write("etc/local.mjs", "throw new Error('the local file')")
    place.write("etc/gc.json", {
      cluster: "orders",
      discovery: {
        registry: { package: "registry" },
        local: { package: "./local.mjs" },
        gone: { package: "./gone.mjs" }
      }
    })
    const { code, stderr } = await place.run(["config", "check", "etc/gc.json"])
    assert.strictEqual(code, 5)
    assert.include(stderr, "discovery.registry: the package registry cannot be loaded: beside the file")
    assert.include(stderr, "discovery.local: the package ./local.mjs cannot be loaded: the local file")
    assert.include(stderr, "discovery.gone: ")
  })

  it("is in the schema and the reference of the file that names it", async () => {
    place.install("@orders/registry", source("registry"))
    configured({ registry: { package: "@orders/registry", url: "http://rosa" } })
    const [schema, reference] = await Promise.all([
      place.run(["config", "schema"]),
      place.run(["config", "reference", "--json"])
    ])
    assert.include(schema.stdout, "Where the registry is.")
    assert.include(reference.stdout, '"GC_DISCOVERY_REGISTRY_URL"')
    assert.include(reference.stdout, '"GC_DISCOVERY_DNS_DOMAIN"')
  })
})

describe("a package that is refused", () => {
  it("is not installed: one line installs all of them", async () => {
    configured({ redis: { package: "gc-redis" }, nats: { package: "@orders/nats" } })
    const said = await refused()
    assert.include(said, "discovery.redis: the package gc-redis is not installed")
    assert.include(said, "npm install gc-redis @orders/nats\n")
  })

  it("has a key that is misspelt", async () => {
    configured({ gosip: {} })
    const said = await refused()
    assert.include(said, 'did you mean "gossip"?')
    assert.include(said, '{ "gosip": { "package": "…" } }')
    assert.notInclude(said, "npm install")
  })

  it.each([
    { what: "has no plugin", code: "export const other = 1", says: 'it has no export "plugin"' },
    { what: "is a plugin of another key", code: source("another"), says: 'its export "plugin" has the key "another"' },
    {
      what: "is a plugin of another kind",
      code: 'export const plugin = { kind: "transport", key: "registry", schema: {}, layer() {} }',
      says: 'its export "plugin" has the kind "transport"'
    },
    {
      what: "has no layer",
      code: 'export const plugin = { kind: "discovery", key: "registry" }',
      says: "no schema or no layer"
    },
    { what: "throws while it is loaded", code: "throw new Error('no licence')", says: "cannot be loaded: no licence" },
    { what: "is no JavaScript", code: "export const plugin = (", says: "cannot be loaded: " },
    { what: "lacks a package of its own", code: 'import "nowhere"', says: "Cannot find package 'nowhere'" }
  ])("$what", async ({ code, says }) => {
    place.install("registry", code)
    configured({ registry: { package: "registry" } })
    const said = await refused()
    assert.include(said, "discovery.registry: the package registry ")
    assert.include(said, says)
  })
})
