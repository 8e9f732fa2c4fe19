import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const cookie = "a passphrase that nobody guesses"

describe("gcluster config check", () => {
  it("says what would be started, and no secret", async () => {
    place.write(
      "gc.json",
      `{
        "$schema": "./node_modules/@gc/cli/schema/gc.schema.json",
        "cluster": "orders", "node": "a@127.0.0.1", "cookie": "${cookie}", // shared
        "transport": { "tcp": { "host": "127.0.0.1", "port": 4370 } },
        "discovery": { "static": { "nodes": ["b@127.0.0.1:4371"] }, "dns": { "domain": "web.test" } },
        "refreshInterval": "infinity",
      }`
    )
    const { code, stderr, stdout } = await place.run(["config", "check", "gc.json"])
    assert.strictEqual(code, 0, stderr)
    assert.include(stdout, "gc.json is fine.")
    assert.match(stdout, /node +a@127\.0\.0\.1 in the cluster "orders"/)
    assert.match(stdout, /transport +tcp \(psk\) .*port=4370/)
    assert.match(stdout, /discovery +static nodes=\["b@127\.0\.0\.1:4371"\]/)
    assert.match(stdout, /discovery +dns domain=web\.test/)
    assert.match(stdout, /refreshInterval=infinity/)
    assert.match(stdout, /warning: .*cookie/)
    const json = await place.run(["config", "check", "--json"])
    assert.deepInclude(JSON.parse(json.stdout), { ok: true, cluster: "orders", cookie: "<redacted>" })
    assert.notInclude(stdout + json.stdout + stderr + json.stderr, cookie)
  })

  it("gives every wrong value, as JSON too, and ends with 3", async () => {
    place.write("gc.json", {
      cluster: "orders",
      cookie: "short",
      detector: "slow",
      discovery: { dns: { port: "many" } }
    })
    const text = await place.run(["config", "check"])
    assert.deepInclude(text, { code: 3, stdout: "" })
    const json = await place.run(["config", "check", "--json"])
    assert.strictEqual(json.code, 3)
    const { ok, problems } = JSON.parse(json.stdout) as { ok: boolean; problems: ReadonlyArray<{ key: string }> }
    assert.isFalse(ok)
    const keys = problems.map(({ key }) => key)
    assert.includeMembers(keys, ["cookie", "detector", "discovery.dns.port"])
    for (const key of keys) assert.include(text.stderr, key)
    assert.notInclude(text.stderr + json.stdout, "short")
  })
})

describe("gcluster config schema", () => {
  it("describes the file with gc's own packages", async () => {
    const { stdout } = await place.run(["config", "schema"])
    const schema = JSON.parse(stdout) as { properties: Record<string, { properties?: object }> }
    assert.containsAllKeys(schema.properties, ["$schema", "cluster", "node", "cookie", "transport", "discovery"])
    assert.containsAllKeys(schema.properties["discovery"]?.properties ?? {}, ["static", "dns", "gossip", "epmd"])
  })
})

describe("gcluster config reference", () => {
  it("has each key with its variable, what it expects and its default", async () => {
    const { stdout } = await place.run(["config", "reference"])
    assert.match(stdout, /^cluster {2}GC_CLUSTER\n {4}.*\n {4}Expected .* Required\.$/m)
    assert.match(
      stdout,
      /^transport\.tcp\.port {2}GC_TRANSPORT_TCP_PORT\n {4}.*\n {4}Expected a port .* Default: 4370\.$/m
    )
    const rows = (await place.run(["config", "reference", "--json"])).stdout.trim().split("\n")
    assert.isAbove(rows.length, 30)
    assert.hasAllKeys(JSON.parse(rows[0] ?? ""), ["key", "environment", "expected", "description", "required"])
  })
})
