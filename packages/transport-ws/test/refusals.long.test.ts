import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"
import * as net from "node:net"
import { WebSocketServer } from "ws"
import { publicAddress, reverseProxy } from "./proxy.ts"
import { addressOf, errorOf, fixture, local, mtls, node, plain, portOf, psk, reasonOf, serving } from "./support.ts"

const ws = Ws.make(local)

const at = (server: net.Server): Address.Address => Address.make("ws", "127.0.0.1", portOf(server), "/gc")

const answering = (status: number) =>
  Effect.map(
    serving(
      http.createServer((_request, response) =>
        response.writeHead(status, status < 400 ? { Location: "ws://127.0.0.1:1/" } : {}).end("no")
      )
    ),
    at
  )

describe("an answer other than 101", () => {
  it.live.each<readonly [status: number, remedy: string]>([
    [200, "something else answers here"],
    [301, "a redirect is not followed"],
    [400, "pass on the headers Upgrade, Connection and Sec-WebSocket-Protocol"],
    [403, "without an Origin header"],
    [404, "compare the address with the option path"],
    [426, "pass on the headers Upgrade"],
    [502, "a proxy answers that it does not reach the node"],
    [503, "a proxy answers that it does not reach the node"]
  ])("%i is named, with what to do", ([status, remedy]) =>
    Effect.gen(function* () {
      const error = yield* errorOf(ws.dial(yield* answering(status), plain))
      assert(error.reason._tag === "UpgradeRefused" && error.reason.status === status)
      assert.include(error.message, remedy)
    })
  )

  it.live("of a node at another path is 404", () =>
    Effect.gen(function* () {
      const address = addressOf(yield* Ws.make({ ...local, path: "/here" }).listen(plain))
      const reason = yield* reasonOf(ws.dial({ ...address, path: "/there" }, plain))
      assert(reason._tag === "UpgradeRefused" && reason.status === 404)
    })
  )
})

describe("an address without a path", () => {
  it.live("is dialed at the dialer's own path", () =>
    Effect.gen(function* () {
      const here = { ...local, path: "/here" }
      const listener = yield* Ws.make(here).listen(plain)
      yield* Ws.make(here).dial({ ...addressOf(listener), path: "" }, plain)
      assert.strictEqual((yield* listener.accept).proof._tag, "Plain")
    })
  )
})

describe("servers that are no node", () => {
  const servers: ReadonlyArray<readonly [what: string, server: () => net.Server, says: RegExp]> = [
    ["speaks something else", () => net.createServer((socket) => socket.write("220 mail ESMTP\r\n")), /speak HTTP/],
    ["hangs up", () => net.createServer((socket) => socket.destroy()), /cut \(ECONNRESET\)/],
    [
      "speaks WebSocket without the subprotocol",
      () => {
        const server = http.createServer()
        const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => false })
        return server.on("upgrade", (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}))
      },
      /no gc node \(Server sent no subprotocol\)/
    ],
    [
      "wants to compress",
      () =>
        http.createServer().on("upgrade", (request, socket) => {
          const upgrade = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          socket.end(`${upgrade}Sec-WebSocket-Accept: ${String(request.headers["sec-websocket-key"])}\r\n\r\n`)
        }),
      /no gc node \(Invalid Sec-WebSocket-Accept header\)/
    ]
  ]
  for (const [what, make, says] of servers) {
    it.live(`one that ${what} is told, and leaves nothing behind`, () =>
      Effect.gen(function* () {
        const server = yield* serving(make())
        const error = yield* errorOf(ws.dial(at(server), plain))
        assert.match(error.message, says)
      })
    )
  }

  it.live("one that is silent is given up after connectTimeout", () =>
    Effect.gen(function* () {
      const server = yield* serving(net.createServer((socket) => socket.resume()))
      for (const security of [plain, psk]) {
        const reason = yield* reasonOf(Ws.make({ connectTimeout: "150 millis" }).dial(at(server), security))
        assert.deepStrictEqual([reason._tag], ["ConnectTimeout"])
      }
    })
  )

  it.live("a head without end is cut", () =>
    Effect.gen(function* () {
      const server = yield* serving(
        net.createServer((socket) => {
          socket.write("HTTP/1.1 101 Switching\r\n")
          const timer = setInterval(() => socket.writable && socket.write(`x: ${"y".repeat(8000)}\r\n`), 1)
          socket.once("close", () => clearInterval(timer))
        })
      )
      const error = yield* errorOf(ws.dial(at(server), plain))
      assert.match(error.message, /HPE_HEADER_OVERFLOW/)
    })
  )
})

describe("modes that do not meet", () => {
  const cases: ReadonlyArray<
    readonly [
      what: string,
      listens: readonly [Ws.Options, Transport.LinkSecurity],
      dials: readonly [Ws.Options, Transport.LinkSecurity],
      tags: ReadonlyArray<string>
    ]
  > = [
    ["plain to psk", [local, psk], [local, plain], ["Reset", "SecurityFailed"]],
    ["psk to plain", [local, plain], [local, psk], ["SecurityFailed"]],
    ["psk to mtls", [node("node-a"), mtls], [local, psk], ["SecurityFailed"]],
    ["mtls to psk", [local, psk], [node("node-a"), mtls], ["SecurityFailed"]],
    ["psk to a certificate alone", [node("node-a"), plain], [local, psk], ["SecurityFailed"]],
    ["plain to an unknown authority", [node("node-a"), plain], [local, plain], ["SecurityFailed"]]
  ]
  for (const [what, [options, security], [dialer, wanted], tags] of cases) {
    it.live(`${what}: neither is weakened`, () =>
      Effect.gen(function* () {
        const listener = yield* Ws.make(options).listen(security)
        const accepted = yield* Effect.forkChild(listener.accept)
        const reason = yield* reasonOf(Ws.make(dialer).dial(addressOf(listener), wanted))
        assert.include(tags, reason._tag)
        assert.isUndefined(accepted.pollUnsafe())
      })
    )
  }

  it.live("a ws:// address is dialed with TLS where it is asked for", () =>
    Effect.gen(function* () {
      const listener = yield* ws.listen(psk)
      const connection = yield* ws.dial({ ...addressOf(listener), protocol: "ws" }, psk)
      assert.strictEqual(connection.proof._tag, "Psk")
    })
  )

  it.live("a protocol of others is not dialed", () =>
    Effect.gen(function* () {
      const reason = yield* reasonOf(ws.dial(Address.make("tls", "127.0.0.1", 1), psk))
      assert(reason._tag === "ProtocolUnsupported")
      assert.deepStrictEqual(reason.supported, ["ws", "wss"])
    })
  )
})

describe("a proxy that ends TLS", () => {
  const dialer = Ws.make({ ca: fixture("ca.pem") })

  it.live("is believed by its certificate and its name alone", () =>
    Effect.gen(function* () {
      const listener = yield* ws.listen(plain)
      const proxy = yield* reverseProxy(addressOf(listener).port)
      const address = publicAddress(proxy)
      yield* dialer.dial(address, plain)
      const { proof, remote } = yield* listener.accept
      assert.strictEqual(proof._tag, "Plain")
      assert.match(remote, /^ws:\/\/127\.0\.0\.1:/)
      assert.strictEqual((yield* reasonOf(ws.dial(address, plain)))._tag, "SecurityFailed")
      const elsewhere = Ws.make({ ca: fixture("other-ca.pem") })
      assert.strictEqual((yield* reasonOf(elsewhere.dial(address, plain)))._tag, "SecurityFailed")
      assert.strictEqual((yield* reasonOf(dialer.dial(address, psk)))._tag, "SecurityFailed", "psk never gets through")
    })
  )

  it.live("without a node behind it, or that eats the upgrade, is named", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(Effect.map(ws.listen(plain), addressOf))
      const down = yield* reasonOf(dialer.dial(publicAddress(yield* reverseProxy(gone.port)), plain))
      assert(down._tag === "UpgradeRefused" && down.status === 502)
      const listener = yield* ws.listen(plain)
      const deaf = yield* reverseProxy(addressOf(listener).port, true)
      const eaten = yield* reasonOf(dialer.dial(publicAddress(deaf), plain))
      assert(eaten._tag === "UpgradeRefused" && eaten.status === 426)
    })
  )
})
