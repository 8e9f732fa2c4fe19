import { assert, describe, it } from "@effect/vitest"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { cookie, type Node, sees, start, type Settings } from "./clusterNodes.ts"
import { publicAddress, reverseProxy } from "./proxy.ts"
import { addressOf, app, ask, fixture, local, material, plain, portOf, serving, until } from "./support.ts"

const large = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 167 + 13) & 0xff)

/** Each tells the other something small and something large. */
const talk = (one: Node, other: Node) => Effect.scoped(talking(one, other))

const talking = Effect.fnUntraced(function* (one: Node, other: Node) {
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    const channel = yield* from.cluster.openChannel(`to-${to.cluster.self.name}`)
    const inbox = yield* to.cluster.openChannel(`to-${to.cluster.self.name}`)
    yield* channel.sendAll(to.cluster.self.name, [Uint8Array.of(1), large])
    const received: Array<Uint8Array> = []
    while (received.length < 2) received.push(...(yield* inbox.receive).map(({ message }) => message))
    assert.isTrue(Buffer.from(received[1]!).equals(large))
  }
})

/** Three nodes form a cluster, talk and part. */
const formed = Effect.fnUntraced(function* (settingsOf: (name: string) => Settings) {
  const a = yield* start("a", settingsOf("a"))
  const b = yield* start("b", { ...settingsOf("b"), peers: [a.address] })
  const c = yield* start("c", { ...settingsOf("c"), peers: [b.address] })
  for (const node of [a, b, c]) yield* sees(node, "a", "b", "c")
  yield* talk(a, c)
  yield* c.stop
  for (const node of [a, b]) {
    yield* sees(node, "a", "b")
    assert.strictEqual(node.events.at(-1)?._tag, "Left")
    assert.deepStrictEqual(
      node.events.filter(({ _tag }) => _tag === "Suspected" || _tag === "Down"),
      []
    )
  }
  return a
})

describe.concurrent("a cluster over WebSocket", () => {
  it.live("certificates decide who is who in mtls mode, without a cookie", () =>
    Effect.gen(function* () {
      const mtls = (name: string): Settings => ({
        security: "mtls",
        cookie: undefined,
        ws: { ...local, tls: material(name) }
      })
      const a = yield* start("a", { ...mtls("node-a"), node: "a@a.test" })
      const b = yield* start("b", { ...mtls("node-b"), node: "b@b.test", peers: [a.address] })
      yield* sees(a, "a", "b")
      yield* talk(a, b)
      const liar = yield* start("x", { ...mtls("node-b"), node: "x@x.test" })
      const error = yield* Effect.flip(liar.cluster.connect(Peer.fromAddress(a.address)))
      assert.strictEqual(error.reason, "not_admitted")
    })
  )

  it.live("on the servers of applications, whose ports they share", () =>
    Effect.gen(function* () {
      const servers = { a: yield* serving(app()), b: yield* serving(app()), c: yield* serving(app()) }
      const a = yield* formed((name) => ({
        security: "plain",
        ws: { server: servers[name as keyof typeof servers], path: "/nodes" }
      }))
      assert.strictEqual(a.address.port, portOf(servers.a))
      assert.deepStrictEqual(yield* ask(portOf(servers.a), "/"), { status: 200, text: "hello" })
    })
  )

  it.live("behind proxies that end TLS, where the cookie alone lets in", () =>
    Effect.gen(function* () {
      /** A port that is free, for a proxy has to know it before the node listens. */
      const freePort = Effect.scoped(Effect.map(Ws.make(local).listen(plain), (each) => addressOf(each).port))
      const behind = Effect.fnUntraced(function* (name: string, settings: Settings = {}) {
        const port = yield* freePort
        const proxy = yield* reverseProxy(port)
        const { host, path, port: shown } = publicAddress(proxy)
        const advertise = `wss://${host}:${shown}${path}`
        const ws = { host: "127.0.0.1", port, advertise, ca: fixture("ca.pem") }
        return { node: yield* start(name, { security: "plain", ws, ...settings }), proxy }
      })
      const { node: a, proxy: first } = yield* behind("a")
      assert.deepStrictEqual([a.address.protocol, a.address.path], ["wss", "/public"])
      const { node: b, proxy: second } = yield* behind("b", { peers: [a.address] })
      for (const node of [a, b]) yield* sees(node, "a", "b")
      yield* talk(a, b)
      const { node: stranger } = yield* behind("x", { cookie: cookie.replace("0", "1") })
      const error = yield* Effect.flip(stranger.cluster.connect(Peer.fromAddress(a.address)))
      assert.strictEqual(error.reason, "auth_failed")
      // The proxies drop what goes through them: nobody is down for that.
      let again = 0
      for (const proxy of [first, second]) {
        proxy.on("upgrade", () => again++)
        proxy.emit("close-all")
      }
      yield* until(() => again > 0)
      yield* Effect.retry(talk(a, b), { times: 200, schedule: Schedule.spaced("10 millis") })
      for (const node of [a, b]) yield* sees(node, "a", "b")
      assert.deepStrictEqual(
        a.events.filter(({ _tag }) => _tag === "Down"),
        []
      )
    })
  )

  it.live("a node that is not there, or at another path, is told in the words of HTTP", () =>
    Effect.gen(function* () {
      const a = yield* start("a", { security: "plain" })
      const b = yield* start("b", { security: "plain" })
      const wrong = Peer.fromAddress({ ...a.address, path: "/other" })
      assert.strictEqual((yield* Effect.flip(b.cluster.connect(wrong))).reason, "failed")
      const { steps } = yield* b.cluster.diagnose(wrong)
      const broken = steps.find(({ ok }) => !ok)
      assert.strictEqual(broken?.reason, "upgrade_refused")
      assert.strictEqual(broken?.detail, "HTTP 404 and no upgrade to a WebSocket")
      assert.include(broken?.remedy, "compare the address with the option path")
      yield* b.cluster.connect(Peer.fromAddress(a.address))
      assert.strictEqual(
        (yield* a.cluster.members).some(({ name }) => name === NodeName.make("b@127.0.0.1")),
        true
      )
    })
  )
})
