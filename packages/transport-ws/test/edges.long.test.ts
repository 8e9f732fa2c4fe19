import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { mkdtempSync, rmSync } from "node:fs"
import type * as http from "node:http"
import * as net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  addressOf,
  app,
  ask,
  asking,
  assertSameFrames,
  errorOf,
  fixture,
  local,
  node,
  numbered,
  plain,
  portOf,
  reasonOf,
  serving
} from "./support.ts"

const aloud: Transport.LinkSecurity = { ...plain, allowPlaintext: true }

/** One frame from the node that listens to the one that dialed. */
const isReached = Effect.fnUntraced(function* (listener: Transport.Listener, address = addressOf(listener)) {
  const client = yield* Ws.make().dial(address, aloud)
  const far = yield* listener.accept
  yield* far.send([numbered(1, 30)])
  assertSameFrames(yield* client.receive, [numbered(1, 30)])
  return { client, far }
})

const listening = (server: http.Server, where: net.ListenOptions) =>
  Effect.callback<void>((resume) => void server.listen(where, () => resume(Effect.void)))

describe("the certificate of a server that is dialed as wss:// in plain mode", () => {
  const cases: ReadonlyArray<readonly [what: string, server: Ws.Options, ca: string, host: string, says: RegExp]> = [
    [
      "of another authority",
      node("node-a"),
      "other-ca",
      "127.0.0.1",
      /no authority .* give its root as ca, in a file caFile/
    ],
    ["that has expired", node("expired"), "ca", "127.0.0.1", /the server's certificate has expired/],
    [
      "for other names",
      { ...node("node-a"), host: "127.0.0.2" },
      "ca",
      "127.0.0.2",
      /127\.0\.0\.2 is not in the cert's list/
    ]
  ]
  for (const [what, options, ca, host, says] of cases) {
    it.live(`${what} is not taken, and the error says what to do`, () =>
      Effect.gen(function* () {
        const listener = yield* Ws.make(options).listen(plain)
        const address = { ...addressOf(listener), host }
        const error = yield* errorOf(Ws.make({ ca: fixture(`${ca}.pem`) }).dial(address, plain))
        assert.strictEqual(error.reason._tag, "SecurityFailed")
        assert.match(error.message, says)
      })
    )
  }
})

describe("a server of the user's on a unix socket", () => {
  it.live("needs advertise, is reached through what is in front of it, and knows of no host", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "gc-ws-"))
      const path = join(folder, "app.sock")
      const server = yield* Effect.acquireRelease(Effect.sync(app), (each) =>
        Effect.sync(() => {
          each.close()
          rmSync(folder, { recursive: true })
        })
      )
      yield* listening(server, { path })
      assert.match((yield* errorOf(Ws.make({ server }).listen(aloud))).message, /listens on a unix socket/)
      const proxy = yield* serving(
        net.createServer((near) => {
          const far = net.connect(path).on("error", () => near.destroy())
          near.on("close", () => far.destroy())
          near.pipe(far).pipe(near)
        })
      )
      const advertise = `ws://127.0.0.1:${portOf(proxy)}`
      const listener = yield* Ws.make({ server, advertise }).listen(aloud)
      assert.strictEqual(Address.format(addressOf(listener)), `${advertise}/gc`)
      const { far } = yield* isReached(listener)
      assert.deepStrictEqual([far.remote, far.remoteHost], ["ws://?", Option.none()])
    })
  )
})

describe("a server of the user's that is closed", () => {
  it.live("keeps the links, and is gc's again when it listens again", () =>
    Effect.gen(function* () {
      const server = yield* serving(app())
      const listener = yield* Ws.make({ server }).listen(plain)
      const { client, far } = yield* isReached(listener)
      const { port } = addressOf(listener)
      server.close()
      server.closeAllConnections()
      assert.strictEqual((yield* reasonOf(Ws.make().dial(addressOf(listener), plain)))._tag, "Refused")
      yield* client.send([numbered(2, 40)])
      assertSameFrames(yield* far.receive, [numbered(2, 40)])
      yield* listening(server, { host: "127.0.0.1", port })
      yield* isReached(listener)
      assert.strictEqual((yield* ask(port, "/")).text, "hello")
    })
  )
})

describe("a request for the path of gc", () => {
  const wrong: ReadonlyArray<readonly [what: string, changes: http.OutgoingHttpHeaders, status: number]> = [
    ["without a key", { "Sec-WebSocket-Key": "" }, 400],
    ["of an old version", { "Sec-WebSocket-Version": "8" }, 400],
    ["for something else", { Upgrade: "h2c" }, 400],
    ["with a subprotocol that is none", { "Sec-WebSocket-Protocol": "gc.1,gc.1" }, 400],
    ["for another subprotocol", { "Sec-WebSocket-Protocol": "gc.10" }, 400]
  ]
  for (const [what, changes, status] of wrong) {
    it.live(`one ${what} is ${status}, and the connection ends`, () =>
      Effect.gen(function* () {
        const server = yield* serving(app())
        for (const options of [local, { server }]) {
          const { port } = addressOf(yield* Ws.make(options).listen(plain))
          const headers = { ...asking, ...changes }
          const answer = yield* Effect.callback<string>((resume) => {
            let text = ""
            const socket = net.connect(port, "127.0.0.1")
            const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
            socket.write(`GET /gc HTTP/1.1\r\nHost: x\r\n${lines.join("")}\r\n`)
            socket.on("data", (chunk) => (text += chunk.toString("latin1")))
            socket.on("close", () => resume(Effect.succeed(text)))
          })
          assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
        }
      })
    )
  }
})
