import { assert, describe, it } from "@effect/vitest"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"
import * as https from "node:https"
import {
  addressOf,
  app,
  counted,
  fixture,
  local,
  mtls,
  material,
  node,
  pair,
  plain,
  psk,
  reasonOf,
  serving,
  withOwnMetrics
} from "./support.ts"

const certified = { cert: fixture("node-a.pem"), key: fixture("node-a.key") }
const hello: http.RequestListener = (_request, response) => response.end("hello")

/** An https server that asks for certificates of these authorities. */
const asking = (...authorities: ReadonlyArray<string>) =>
  https.createServer({ ...certified, ca: authorities.map((name) => fixture(`${name}.pem`)), requestCert: true }, hello)

describe("a server with TLS of the user's", () => {
  it.live("proves both ends in mtls mode, and binds the channel", () =>
    Effect.gen(function* () {
      const server = yield* serving(asking("ca"))
      const { client, server: far } = yield* pair({ server, tls: material("node-a") }, mtls, node("node-b"))
      assert(client.proof._tag === "Mtls" && far.proof._tag === "Mtls")
      assert.deepStrictEqual(far.proof.names.dns, ["b.test"])
      assert.deepStrictEqual(client.proof.channelBinding, far.proof.channelBinding)
    })
  )

  it.live("that trusts more authorities than members have lets in those of tls.ca alone", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const server = yield* serving(
          https.createServer(
            {
              ...certified,
              ca: [fixture("ca.pem"), fixture("other-ca.pem")],
              requestCert: true,
              rejectUnauthorized: false
            },
            hello
          )
        )
        const listener = yield* Ws.make({ server, tls: material("node-a") }).listen(mtls)
        const foreign = { tls: { ...material("foreign"), ca: fixture("ca.pem") } }
        const refused = yield* reasonOf(Ws.make(foreign).dial(addressOf(listener), mtls))
        assert(refused._tag === "UpgradeRefused" && refused.status === 403)
        const expired = yield* reasonOf(Ws.make(node("expired")).dial(addressOf(listener), mtls))
        assert(expired._tag === "UpgradeRefused" && expired.status === 403)
        assert.strictEqual(yield* counted("gc_ws_dropped", { reason: "unproven" }), 2)
        yield* Ws.make(node("node-b")).dial(addressOf(listener), mtls)
        assert.strictEqual((yield* listener.accept).proof._tag, "Mtls")
      })
    )
  )

  it.live("that asks for no certificates lets nobody in in mtls mode", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const server = yield* serving(https.createServer(certified, hello))
        const listener = yield* Ws.make({ server, tls: material("node-a") }).listen(mtls)
        const refused = yield* reasonOf(Ws.make(node("node-b")).dial(addressOf(listener), mtls))
        assert(refused._tag === "UpgradeRefused" && refused.status === 403)
      })
    )
  )

  it.live("is wss:// in plain mode, and proves nothing to core", () =>
    Effect.gen(function* () {
      const server = yield* serving(https.createServer(certified, hello))
      const { address, client, server: far } = yield* pair({ server }, plain, { ca: fixture("ca.pem") })
      assert.strictEqual(address.protocol, "wss")
      assert.deepStrictEqual([client.proof._tag, far.proof._tag], ["Plain", "Plain"])
    })
  )

  it.live("has no place for pre-shared keys, nor a bare one for certificates", () =>
    Effect.gen(function* () {
      const [bare, secure] = [yield* serving(app()), yield* serving(asking("ca"))]
      for (const [options, security, says] of [
        [{ server: bare }, psk, /pre-shared keys .* have no place/],
        [{ server: secure }, psk, /pre-shared keys .* have no place/],
        [{ server: bare, tls: material("node-a") }, mtls, /needs an https server/],
        [{ server: secure }, mtls, /needs options\.tls/]
      ] as const) {
        const reason = yield* reasonOf(Ws.make(options).listen(security))
        assert(reason._tag === "SecurityFailed")
        assert.match(reason.detail, says)
      }
    })
  )
})

describe("options", () => {
  it.live.each<readonly [options: object, says: RegExp]>([
    [{ pat: "/gc" }, /^pat is not an option: .*did you mean "path"\?/],
    [{ path: "gc" }, /^path is "gc", and a path such as/],
    [{ path: "/gc?x" }, /^path is "\/gc\?x", and a path such as/],
    [{ path: 1 }, /^path is 1, and/],
    [{ allowedOrigins: ["*"] }, /^allowedOrigins is \["\*"\], and a list of an origin/],
    [{ allowedOrigins: "https://a.test" }, /^allowedOrigins is/],
    [{ server: {} }, /^server is none of node:http or node:https/],
    [{ server: http.createServer(), port: 1 }, /^port is the server's: leave it out beside server/],
    [{ server: http.createServer(), host: "::" }, /^host is the server's/],
    [{ ca: 7 }, /^ca is something else/],
    [{ port: -1 }, /^port is -1, and an integer from 0 to 65535 is expected/],
    [{ security: "tls" }, /^security is "tls", and psk, mtls or plain is expected/],
    [{ tls: { cert: "x", key: "hunter2", ca: "x" } }, /^tls\.key is something else, and Redacted/]
  ])("%j are refused by listen and dial, in one sentence", ([options, says]) =>
    Effect.gen(function* () {
      const ws = Ws.make(options)
      const listened = yield* reasonOf(ws.listen(plain))
      const dialed = yield* reasonOf(ws.dial({ protocol: "ws", host: "127.0.0.1", port: 1, path: "" }, plain))
      for (const reason of [listened, dialed]) {
        assert(reason._tag === "TransportFailed")
        assert.match(reason.detail, says)
        assert.notInclude(reason.detail, "hunter2")
      }
    })
  )

  it.live("tls that is no PEM fails with its reason, in plain mode too", () =>
    Effect.gen(function* () {
      const tls = { ...material("node-a"), cert: "no PEM" }
      for (const security of [plain, mtls]) {
        const reason = yield* reasonOf(Ws.make({ ...local, tls }).listen(security))
        assert(reason._tag === "SecurityFailed")
        assert.include(reason.detail, "options.tls is not usable")
      }
    })
  )
})
