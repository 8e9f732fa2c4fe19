import { assert, describe, it } from "@effect/vitest"
import type { Address } from "@gc/core/Address"
import type { Listener } from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"
import * as https from "node:https"
import type * as net from "node:net"
import { WebSocket, WebSocketServer } from "ws"
import {
  addressOf,
  app,
  ask,
  asking,
  assertSameFrames,
  fixture,
  numbered,
  plain,
  portOf,
  rawSocket,
  serving,
  until
} from "./support.ts"

/** The head of a request, as bytes. */
const head = (line: string, headers: http.OutgoingHttpHeaders = {}): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  return `${line} HTTP/1.1\r\nHost: x\r\n${lines.join("")}\r\n`
}

const h2c = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "" }

/** Everything that comes until the other end hangs up. */
const answersTo = (address: Address, ...writes: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const socket = yield* rawSocket(address)
      const chunks: Array<Buffer> = []
      socket.on("data", (chunk) => chunks.push(chunk))
      for (const text of writes) {
        socket.write(text)
        yield* Effect.sleep("5 millis")
      }
      yield* until(() => socket.closed)
      return Buffer.concat(chunks).toString("latin1")
    })
  )

/** A node dials and is heard. */
const isReached = Effect.fnUntraced(function* (listener: Listener) {
  const client = yield* Ws.make().dial(addressOf(listener), plain)
  const far = yield* listener.accept
  yield* far.send([numbered(1, 30)])
  assertSameFrames(yield* client.receive, [numbered(1, 30)])
})

const speaksTo = (server: net.Server, path: string) =>
  Effect.callback<string>((resume) => {
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}${path}`)
    socket.on("error", (error) => resume(Effect.succeed(error.message)))
    socket.on("message", (data: Buffer) => {
      socket.terminate()
      resume(Effect.succeed(data.toString()))
    })
  })

describe("beside WebSockets of the user's own", () => {
  const theirs: ReadonlyArray<readonly [what: string, listen: (server: http.Server) => void]> = [
    ["at all paths", (server) => void new WebSocketServer({ server }).on("connection", (one) => one.send("mine"))],
    [
      "at one path",
      (server) => void new WebSocketServer({ server, path: "/mine" }).on("connection", (one) => one.send("mine"))
    ],
    [
      "by hand, where the rest is hung up on",
      (server) => {
        const sockets = new WebSocketServer({ noServer: true })
        server.on("upgrade", (request, socket, first) => {
          if (request.url !== "/mine") return void socket.destroy()
          sockets.handleUpgrade(request, socket, first, (one) => one.send("mine"))
        })
      }
    ]
  ]
  for (const [what, listen] of theirs) {
    for (const first of [true, false]) {
      it.live(`${what}, set up ${first ? "before" : "after"} gc, both work`, () =>
        Effect.gen(function* () {
          const server = yield* serving(app())
          const { emit } = server
          if (first) listen(server)
          yield* Effect.scoped(
            Effect.gen(function* () {
              const listener = yield* Ws.make({ server }).listen(plain)
              if (!first) listen(server)
              yield* isReached(listener)
              assert.strictEqual(yield* speaksTo(server, "/mine"), "mine")
            })
          )
          assert.strictEqual(server.listenerCount("upgrade"), 1, "the user's own")
          assert.strictEqual(server.emit, emit)
          assert.isFalse(Object.hasOwn(server, "emit"))
          assert.strictEqual(yield* speaksTo(server, "/mine"), "mine")
        })
      )
    }
  }

  it.live("somebody else's hold on the server's events outlives ours", () =>
    Effect.gen(function* () {
      const server = yield* serving(app())
      const seen: Array<unknown> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const listener = yield* Ws.make({ server }).listen(plain)
          const { emit } = server
          server.emit = function (...event: Array<unknown>) {
            seen.push(event[0])
            return Reflect.apply(emit, server, event) as boolean
          }
          yield* isReached(listener)
        })
      )
      assert.include(seen, "upgrade")
      assert.strictEqual((yield* ask(portOf(server), "/gc", asking)).status, 200)
      yield* isReached(yield* Ws.make({ server }).listen(plain))
    })
  )
})

describe("requests that would rather have HTTP/2", () => {
  it.live("keep their bodies, however these come, and get whole responses", () =>
    Effect.gen(function* () {
      const piece = Buffer.alloc(1_000_000, "x")
      const server = yield* serving(
        http.createServer((request, response) => {
          if (request.method === "GET") return void response.end(Buffer.concat(Array.from({ length: 5 }, () => piece)))
          let text = ""
          request.on("data", (chunk) => (text += String(chunk)))
          request.on("end", () => {
            response.write(text)
            // What is written next waits until there is room, as a stream does.
            for (let full = false; !full;) full = !response.write(piece)
            response.once("drain", () => response.end("end"))
          })
        })
      )
      const address = addressOf(yield* Ws.make({ server }).listen(plain))
      const posted = head("POST /a?b=c", { ...h2c, "Content-Length": 10 })
      for (const writes of [[`${posted}0123456789`], [posted, "01234", "56789"]]) {
        const answer = yield* answersTo(address, ...writes)
        assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
        assert.include(answer, "0123456789")
        assert.match(answer, /end\r\n0\r\n\r\n$/)
      }
      const chunked = head("POST /", { ...h2c, "Transfer-Encoding": "chunked" })
      assert.include(yield* answersTo(address, chunked, "3\r\nabc\r\n", "0\r\n\r\n"), "abc")
      assert.isAbove((yield* answersTo(address, head("GET /", h2c))).length, 5_000_000)
    })
  )
})

describe("on a server of https", () => {
  it.live("such requests keep their bodies as well", () =>
    Effect.gen(function* () {
      const server = yield* serving(
        https.createServer({ cert: fixture("node-a.pem"), key: fixture("node-a.key") }, (request, response) => {
          request.pipe(response)
        })
      )
      yield* Ws.make({ server }).listen(plain)
      const text = yield* Effect.callback<string>((resume) => {
        const options = { host: "127.0.0.1", port: portOf(server), method: "POST", ca: fixture("ca.pem"), headers: h2c }
        const request = https.request(options, (response) => {
          let got = ""
          response.on("data", (chunk) => (got += String(chunk)))
          response.on("end", () => resume(Effect.succeed(got)))
        })
        request.write("in two ")
        setTimeout(() => request.end("pieces"), 5)
      })
      assert.strictEqual(text, "in two pieces")
    })
  )
})

describe("a request for an upgrade right behind one that is not answered yet", () => {
  it.live("is not served, neither by gc nor by the user, and the first one's answer is whole", () =>
    Effect.gen(function* () {
      const server = yield* serving(
        http.createServer((_request, response) => void setTimeout(() => response.end("late"), 20))
      )
      const address = addressOf(yield* Ws.make({ server }).listen(plain))
      for (const second of [head("GET /", h2c), head("GET /gc", asking)]) {
        const answer = yield* answersTo(address, head("GET /") + second)
        assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nlate$/)
      }
      const own = addressOf(yield* Ws.make({ host: "127.0.0.1", port: 0 }).listen(plain))
      const answer = yield* answersTo(own, head("GET /gc") + head("GET /gc", asking))
      assert.match(answer, /^HTTP\/1\.1 426 /)
      assert.notInclude(answer, "101 Switching")
    })
  )
})
