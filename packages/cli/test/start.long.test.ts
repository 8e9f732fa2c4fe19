import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { freePort, patience, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const cookie = `hex:${"5a".repeat(32)}`

describe("gcluster start", { timeout: 2 * patience }, () => {
  it("makes three files a cluster of three, and the others see one leave at a SIGTERM", async () => {
    const names = ["a", "b", "c"]
    const ports = await Promise.all(names.map(freePort))
    const nodes = names.map((name, index) => `${name}@127.0.0.1:${ports[index]}`)
    const programs = names.map((name, index) => {
      place.write(`${name}.json`, {
        cluster: "orders",
        node: `${name}@127.0.0.1`,
        cookie,
        transport: { tcp: { host: "127.0.0.1", port: ports[index] } },
        discovery: { static: { nodes } },
        metadata: { role: name === "a" ? "api" : "worker" }
      })
      return place.start(["start", "--config", `${name}.json`, "--json"])
    })
    for (const program of programs) {
      for (const name of names) await program.event("up", `${name}@127.0.0.1`)
    }
    const [a, b, c] = programs
    assert.ok(a && b && c)
    const seen = await b.event("up", "a@127.0.0.1")
    const started = await a.event("started", "a@127.0.0.1")
    assert.deepInclude(seen, {
      instance: started["instance"],
      generation: started["generation"],
      addresses: [`tls://127.0.0.1:${ports[0]}`],
      metadata: { role: "api" }
    })
    assert.match(String(seen["at"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

    c.signal("SIGTERM")
    assert.deepInclude(await c.ended, { code: 0, signal: null })
    assert.deepStrictEqual(
      c.events.filter(({ node }) => node === "c@127.0.0.1").map(({ event }) => event),
      ["started", "up", "leaving", "left"]
    )
    await Promise.all([a.event("left", "c@127.0.0.1"), b.event("left", "c@127.0.0.1")])
    b.signal("SIGKILL")
    assert.strictEqual((await a.event("down", "b@127.0.0.1"))["reason"], "closed")
  })

  it("takes everything from the environment, and prints for people", async () => {
    const env = { GC_CLUSTER: "orders", GC_NODE_NAME: "a@127.0.0.1", GC_COOKIE: cookie, GC_TRANSPORT_TCP_PORT: "0" }
    const program = place.start(["start"], { ...env, GC_TRANSPORT_TCP_HOST: "127.0.0.1" })
    await program.until("started", () => /^\d\d:\d\d:\d\d started {7}a@127\.0\.0\.1 {2}tls:/m.test(program.stdout))
    program.signal("SIGINT")
    assert.strictEqual((await program.ended).code, 0)
    assert.notInclude(program.stdout + program.stderr, cookie)
  })

  it("ends well when the reader of its events has gone", async () => {
    place.write("gc.json", { cluster: "orders", cookie, transport: { tcp: { port: 0 } }, discovery: { epmd: {} } })
    const start = (name: string) => place.start(["start", "--json"], { GC_NODE_NAME: `${name}@127.0.0.1` })
    const watcher = start("b")
    const program = start("a")
    await Promise.all([program.event("up", "b@127.0.0.1"), watcher.event("up", "a@127.0.0.1")])
    program.child.stdout.destroy()
    start("c")
    await watcher.event("left", "a@127.0.0.1")
    assert.deepInclude(await program.ended, { code: 0, signal: null })
  })

  it.each([
    { second: "SIGINT", code: 130 },
    { second: "SIGTERM", code: 143 }
  ] as const)("ends at once at a second signal, $second, when leaving hangs", async ({ code, second }) => {
    place.install(
      "stubborn",
      `import * as Discovery from "@gc/core/Discovery"
       import * as Plugin from "@gc/core/Plugin"
       import * as Effect from "effect/Effect"
       import * as Layer from "effect/Layer"
       import * as Schema from "effect/Schema"
       export const plugin = Plugin.discovery({
         key: "stubborn",
         schema: Schema.Struct({}),
         layer: () => Layer.effect(Discovery.Discovery, Effect.as(
           Effect.addFinalizer(() => Effect.andThen(Effect.sync(() => process.stderr.write("hanging\\n")), Effect.never)),
           Discovery.empty
         ))
       })`
    )
    place.write("gc.json", {
      cluster: "orders",
      node: "a@127.0.0.1",
      cookie,
      transport: { tcp: { host: "127.0.0.1", port: 0 } },
      discovery: { stubborn: { package: "stubborn" } }
    })
    const program = place.start(["start", "--json"])
    await program.event("started", "a@127.0.0.1")
    program.signal("SIGHUP")
    await program.until("the hanging finalizer", () => program.stderr.includes("hanging"))
    program.signal(second)
    assert.deepInclude(await program.ended, { code, signal: null })
  })
})

describe("a configuration that cannot be started", () => {
  it("that says nothing ends with 4 and says where it looked", async () => {
    const absent = await place.run(["start"])
    assert.deepInclude(absent, { code: 4, stdout: "" })
    assert.include(absent.stderr, `there is no file ${place.folder}/gc.json, and no variable such as GC_CLUSTER is set`)

    place.write("empty.json", "{ /* later */ }")
    const empty = await place.run(["start"], { GC_CONFIG: "empty.json" })
    assert.deepInclude(empty, { code: 4, stdout: "" })
    assert.include(empty.stderr, "empty.json is empty")

    const misspelt = await place.run(["start", "-c", "orders.json"])
    assert.deepInclude(misspelt, { code: 4, stdout: "" })
    assert.include(misspelt.stderr, `there is no file ${place.folder}/orders.json`)
  })

  it("that is wrong ends with 3 and names all of it", async () => {
    place.write("gc.json", {
      cluster: "",
      nodee: "a@127.0.0.1",
      cookie: "a secret that is quite long",
      refreshInterval: "soon",
      transport: { tcp: { port: 99_999 } },
      discovery: { static: { nodes: "b" } }
    })
    const { code, stderr, stdout } = await place.run(["start"])
    assert.deepStrictEqual({ code, stdout }, { code: 3, stdout: "" })
    for (const key of ["cluster", "nodee", "refreshInterval", "transport.tcp.port", "discovery.static.nodes"]) {
      assert.include(stderr, key)
    }
    assert.include(stderr, 'did you mean "node"')
    assert.notInclude(stderr, "a secret")
  })

  it("that is no JSON ends with 3 and names the place", async () => {
    place.write("gc.json", '{\n  "cluster": orders }')
    const { code, stderr } = await place.run(["start"])
    assert.strictEqual(code, 3)
    assert.include(stderr, "gc.json:2:14 is no JSON")
  })

  it("whose port is taken ends with 1", async () => {
    place.write("gc.json", { cluster: "orders", cookie, transport: { tcp: { host: "127.0.0.1", port: 0 } } })
    const first = place.start(["start", "--json"], { GC_NODE_NAME: "a@127.0.0.1" })
    const [address] = (await first.event("started", "a@127.0.0.1"))["addresses"] as ReadonlyArray<string>
    const port = String(address).split(":").at(-1) ?? ""
    const second = await place.run(["start"], { GC_NODE_NAME: "b@127.0.0.1", GC_TRANSPORT_TCP_PORT: port })
    assert.strictEqual(second.code, 1)
    assert.include(second.stderr, port)
  })
})
