import * as Effect from "effect/Effect"
import { createSocket } from "node:dgram"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { cookie, startNodes, told, writeFile } from "./doctor/clusters.ts"
import { fakeEpmd, registration } from "./doctor/fakes.ts"
import { run } from "./doctor/setUp.ts"
import { freePort, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const write = (discovery: object): void =>
  writeFile(place, "x", { cluster: "orders", node: "x@127.0.0.1", cookie, discovery, transport: { tcp: { port: 0 } } })

describe("gcluster discover", () => {
  it("shows whom each source finds, and why another one does not answer", async () => {
    const { ports, programs } = await startNodes(place, "a")
    const before = programs.map(told)
    const list = { static: { nodes: [`a@127.0.0.1:${ports[0]}`, "tcp://10.0.0.7:4370"] } }
    write(list)
    const well = await place.run(["discover", "--config", "x.json"])
    assert.strictEqual(well.code, 0, well.stderr)
    assert.match(well.stdout, /^static {2}2 peers\n/)
    assert.include(well.stdout, `  a@127.0.0.1  tcp://127.0.0.1:${ports[0]}\n`)
    assert.match(well.stdout, /^ {2}- +tcp:\/\/10\.0\.0\.7:4370$/m)

    const closed = await freePort()
    write({ ...list, epmd: { port: closed, daemon: false } })
    const broken = await place.run(["discover", "--config", "x.json", "--json"])
    assert.strictEqual(broken.code, 1)
    const records = broken.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepInclude(records, { source: "static", ok: true, peers: 2 })
    assert.deepInclude(records, { source: "static", address: "tcp://10.0.0.7:4370" })
    const epmd = records.find(({ source }) => source === "epmd:127.0.0.1")
    assert.strictEqual(epmd?.["ok"], false)
    assert.match(String(epmd?.["error"]), /nobody listens there/)
    assert.strictEqual(epmd?.["code"], "epmd_not_running")
    assert.deepStrictEqual(programs.map(told), before)
  })

  it("registers nowhere and announces nothing", () =>
    run(
      Effect.gen(function* () {
        const extra = "gc1 - b@127.0.0.1 tls://127.0.0.1:4999"
        const asked: Array<number | undefined> = []
        const port = yield* fakeEpmd([{ name: "b", port: 4_999, extra, known: true }], asked)
        const group = { port: yield* Effect.promise(freePort), multicastAddr: `239.255.78.${process.pid & 255}` }
        const heard: Array<Buffer> = []
        yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof createSocket>>((resume) => {
            const socket = createSocket({ type: "udp4", reuseAddr: true })
            socket.on("message", (bytes) => void heard.push(bytes))
            socket.bind(group.port, () => {
              socket.addMembership(group.multicastAddr, "127.0.0.1")
              resume(Effect.succeed(socket))
            })
          }),
          (socket) => Effect.sync(() => socket.close())
        )
        write({ epmd: { port }, gossip: { ...group, multicastIf: "127.0.0.1", interval: "200 millis" } })
        const outcome = yield* Effect.promise(() => place.run(["discover", "--config", "x.json", "--for", "900ms"]))
        assert.include(outcome.stdout, "b@127.0.0.1  tls://127.0.0.1:4999")
        assert.match(outcome.stdout, /^gossip/m)
        assert.match(outcome.stderr, /listening for 0\.9 s/)
        assert.lengthOf(heard, 0)
        assert.isAbove(asked.length, 0)
        assert.notInclude(asked, registration)
      })
    ))

  it("says what --for wants, and that a configuration names no discovery", async () => {
    write({})
    assert.strictEqual((await place.run(["discover", "--config", "x.json", "--for", "long"])).code, 2)
    const outcome = await place.run(["discover", "--config", "x.json"])
    assert.strictEqual(outcome.code, 1)
    assert.match(outcome.stderr, /names no discovery/)
  })
})
