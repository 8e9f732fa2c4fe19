import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import {
  addressOf,
  app,
  ask,
  asking,
  assertSameFrames,
  counted,
  errorOf,
  local,
  mtls,
  node,
  numbered,
  onWire,
  pair,
  plain,
  portOf,
  psk,
  rawClient,
  rawSocket,
  reasonOf,
  serving,
  until,
  withOwnMetrics
} from "./support.ts"

const aloud: Transport.LinkSecurity = { ...plain, allowPlaintext: true }

describe("a listener's address", () => {
  it.live("has the real port, the path and the protocol of the mode", () =>
    Effect.gen(function* () {
      for (const [options, security, protocol] of [
        [local, plain, "ws"],
        [local, psk, "wss"],
        [node("node-a"), mtls, "wss"],
        [node("node-a"), plain, "wss"]
      ] as const) {
        const address = addressOf(yield* Ws.make({ ...options, path: "/a/b" }).listen(security))
        assert.match(Address.format(address), new RegExp(`^${protocol}://127\\.0\\.0\\.1:[1-9]\\d*/a/b$`))
      }
    })
  )

  it.live("is what advertise says", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [advertise: string, expected: RegExp]> = [
        ["node-a.example", /^ws:\/\/node-a\.example:[1-9]\d*\/gc$/],
        ["192.0.2.7:4999", /^ws:\/\/192\.0\.2\.7:4999\/gc$/],
        ["[2001:db8::1]:4999", /^ws:\/\/\[2001:db8::1\]:4999\/gc$/],
        ["wss://gc.example.org", /^wss:\/\/gc\.example\.org:443\/gc$/],
        ["ws://gc.example.org/", /^ws:\/\/gc\.example\.org:80\/gc$/],
        ["wss://gc.example.org:8443/nodes/a", /^wss:\/\/gc\.example\.org:8443\/nodes\/a$/]
      ]
      for (const [advertise, expected] of cases) {
        assert.match(Address.format(addressOf(yield* Ws.make({ ...local, advertise }).listen(plain))), expected)
      }
    })
  )

  it.live("is never unspecified, no other protocol's, and never weaker than the node", () =>
    Effect.gen(function* () {
      for (const advertise of ["0.0.0.0", "ws://[::]:1/gc", "wss://h:0/gc", "http://h/gc", "ws://h/gc?x=1", ""]) {
        const reason = yield* reasonOf(Ws.make({ ...local, advertise }).listen(plain))
        assert(reason._tag === "TransportFailed", advertise)
        assert.include(reason.detail, `advertise is "${advertise}"`)
      }
      const weak = yield* reasonOf(Ws.make({ ...local, advertise: "ws://h/gc" }).listen(psk))
      assert(weak._tag === "TransportFailed")
      assert.include(weak.detail, "serves wss:// only")
    })
  )

  it.live("stays on loopback in plain mode unless plaintext was allowed aloud", () =>
    Effect.gen(function* () {
      assert.strictEqual(addressOf(yield* Ws.make({ port: 0 }).listen(plain)).host, "127.0.0.1")
      for (const options of [{ host: "0.0.0.0" }, { host: "0.0.0.0", tls: node("node-a").tls }]) {
        assert.strictEqual(
          (yield* reasonOf(Ws.make({ port: 0, ...options }).listen(plain)))._tag,
          "PlaintextRefused",
          "a certificate of the server alone does not change it"
        )
        assert.isTrue(Address.isDialable(addressOf(yield* Ws.make({ port: 0, ...options }).listen(aloud))))
      }
    })
  )

  it.live("that is taken, or foreign, is told", () =>
    Effect.gen(function* () {
      const { port } = addressOf(yield* Ws.make(local).listen(plain))
      assert.strictEqual((yield* reasonOf(Ws.make({ ...local, port }).listen(plain)))._tag, "AddressInUse")
      const foreign = Ws.make({ host: "192.0.2.1", port: 0 })
      assert.strictEqual((yield* reasonOf(foreign.listen(aloud)))._tag, "AddressUnavailable")
    })
  )
})

describe("requests that are no node's", () => {
  const refusals: ReadonlyArray<
    readonly [what: string, path: string, headers: Record<string, string | undefined>, status: number]
  > = [
    ["a page", "/gc", { Upgrade: undefined, Connection: undefined }, 426],
    ["another path", "/other", {}, 404],
    ["an origin", "/gc", { Origin: "https://evil.example" }, 403],
    ["an origin that is allowed", "/gc?x=1", { Origin: "https://app.example" }, 101],
    ["no subprotocol", "/gc", { "Sec-WebSocket-Protocol": undefined }, 400],
    ["another subprotocol", "/gc", { "Sec-WebSocket-Protocol": "gc.2, chat" }, 400],
    ["several subprotocols", "/gc", { "Sec-WebSocket-Protocol": "chat, gc.1" }, 101],
    ["no key", "/gc", { "Sec-WebSocket-Key": "short" }, 400],
    ["another version", "/gc", { "Sec-WebSocket-Version": "7" }, 400],
    ["another upgrade", "/gc", { Upgrade: "h2c" }, 400],
    ["a long header", "/gc", { "X-Long": "x".repeat(9000) }, 431]
  ]

  for (const [what, path, changes, status] of refusals) {
    it.live(`${what}: ${status}`, () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const listener = yield* Ws.make({ ...local, allowedOrigins: ["https://app.example"] }).listen(plain)
          const headers = Object.fromEntries(Object.entries({ ...asking, ...changes }).filter(([, value]) => value))
          assert.strictEqual((yield* ask(addressOf(listener).port, path, headers)).status, status)
          if (status !== 101) {
            while ((yield* counted("gc_ws_dropped")) !== 1) yield* Effect.sleep("2 millis")
          }
        })
      )
    )
  }

  it.live("are dropped when they take too long, though a byte comes now and then", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const listener = yield* Ws.make({ ...local, connectTimeout: "200 millis" }).listen(plain)
        const [silent, slow] = [yield* rawSocket(addressOf(listener)), yield* rawSocket(addressOf(listener))]
        silent.resume()
        slow.resume().write("GET /gc HTTP/1.1\r\n")
        yield* Effect.forkChild(
          Effect.forever(
            Effect.andThen(
              Effect.sync(() => slow.writable && slow.write("x: y\r\n")),
              Effect.sleep("20 millis")
            )
          )
        )
        yield* until(() => silent.closed && slow.closed)
        while ((yield* counted("gc_ws_dropped", { reason: "handshake" })) < 2) yield* Effect.sleep("2 millis")
      })
    )
  )

  it.live("take no place of a newcomer: the cap drops the one that came least far", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        for (const [options, security] of [
          [local, plain],
          [local, psk],
          [node("node-a"), mtls]
        ] as const) {
          const listener = yield* Ws.make({ ...options, maxPending: 4 }).listen(security)
          for (let number = 0; number < 12; number++) yield* rawSocket(addressOf(listener))
          const client = yield* Ws.make(options).dial(addressOf(listener), security)
          const server = yield* listener.accept
          yield* client.send([numbered(1, 9)])
          assertSameFrames(yield* server.receive, [numbered(1, 9)])
        }
        assert.isAtLeast(yield* counted("gc_ws_dropped", { reason: "evicted" }), 3 * 8)
      })
    )
  )
})

describe("accept", () => {
  it.live("gives a connection that ended before it was pulled, with what it sent", () =>
    Effect.gen(function* () {
      const listener = yield* Ws.make(local).listen(plain)
      const raw = yield* rawClient(addressOf(listener))
      raw.send(onWire(numbered(1, 7)))
      raw.close()
      const server = yield* listener.accept
      assertSameFrames(yield* server.receive, [numbered(1, 7)])
      assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
    })
  )

  it.live("a connection that broke the rules before it was pulled is counted and is no element", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const listener = yield* Ws.make(local).listen(plain)
        const raw = yield* rawClient(addressOf(listener))
        raw.send("text")
        while ((yield* counted("gc_ws_dropped", { reason: "cut" })) === 0) yield* Effect.sleep("2 millis")
        const last = yield* rawClient(addressOf(listener))
        last.send(onWire(numbered(1, 3)))
        assertSameFrames(yield* (yield* listener.accept).receive, [numbered(1, 3)])
      })
    )
  )
})

describe("a server of the user's", () => {
  it.live("goes on serving, and other upgrades are left to it", () =>
    Effect.gen(function* () {
      const server = yield* serving(app())
      const mounted = yield* Effect.scoped(
        Effect.gen(function* () {
          const { address } = yield* pair({ server }, plain, {})
          assert.strictEqual(Address.format(address), `ws://127.0.0.1:${portOf(server)}/gc`)
          assert.deepStrictEqual(yield* ask(portOf(server), "/"), { status: 200, text: "hello" })
          const h2c = { Connection: "Upgrade", Upgrade: "h2c" }
          assert.deepStrictEqual(yield* ask(portOf(server), "/", h2c), { status: 200, text: "hello" })
          server.on("upgrade", (request, socket) => {
            if (request.url === "/mine") socket.end("HTTP/1.1 418 Mine\r\nConnection: close\r\n\r\n")
          })
          assert.strictEqual((yield* ask(portOf(server), "/mine", asking)).status, 418)
          assert.strictEqual(
            (yield* ask(portOf(server), "/gc", { ...asking, Origin: "https://a.example" })).status,
            403
          )
          return address
        })
      )
      assert.strictEqual(server.listenerCount("upgrade"), 1, "the user's own")
      server.removeAllListeners("upgrade")
      const refused = yield* reasonOf(Ws.make().dial(mounted, plain))
      assert(refused._tag === "UpgradeRefused" && refused.status === 200)
    })
  )

  it.live("has a path for each node", () =>
    Effect.gen(function* () {
      const server = yield* serving(app())
      const scope = yield* Scope.make()
      yield* Scope.provide(Ws.make({ server, path: "/a" }).listen(plain), scope)
      const b = yield* Ws.make({ server, path: "/b" }).listen(plain)
      const taken = yield* reasonOf(Ws.make({ server, path: "/a" }).listen(plain))
      assert(taken._tag === "TransportFailed")
      assert.include(taken.detail, "another node is mounted on this server at /a")
      assert.deepStrictEqual(yield* ask(portOf(server), "/c", { Connection: "Upgrade", Upgrade: "h2c" }), {
        status: 200,
        text: "hello"
      })
      yield* Scope.close(scope, Exit.void)
      yield* Ws.make({ server, path: "/a" }).listen(plain)
      yield* Ws.make().dial(addressOf(b), plain)
    })
  )

  it.live("that does not listen yet needs advertise with a port, and plaintext allowed aloud", () =>
    Effect.gen(function* () {
      const server = app()
      assert.strictEqual((yield* reasonOf(Ws.make({ server }).listen(plain)))._tag, "PlaintextRefused")
      for (const advertise of [undefined, "gc.example"]) {
        const error = yield* errorOf(Ws.make({ server, advertise }).listen(aloud))
        assert.include(error.message, "does not listen yet")
      }
      const address = addressOf(yield* Ws.make({ server, advertise: "wss://gc.example/x" }).listen(aloud))
      assert.strictEqual(Address.format(address), "wss://gc.example:443/x")
    })
  )

  it.live("takes a bounded number of connections that nobody pulls", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const server = yield* serving(app())
        const listener = yield* Ws.make({ server, maxPending: 3 }).listen(plain)
        for (let number = 0; number < 8; number++) yield* rawClient(addressOf(listener))
        assert.strictEqual(yield* counted("gc_ws_dropped", { reason: "evicted" }), 5)
      })
    )
  )
})
