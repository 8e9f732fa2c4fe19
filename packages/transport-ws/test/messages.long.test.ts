import { assert, describe, it } from "@effect/vitest"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as http from "node:http"
import type * as net from "node:net"
import { type WebSocket, WebSocketServer } from "ws"
import { message } from "./kit.ts"
import {
  addressOf,
  assertSameFrames,
  asking,
  local,
  numbered,
  onWire,
  pair,
  plain,
  rawClient,
  rawPair,
  rawSocket,
  reasonOf,
  receiveFrames,
  serving,
  until
} from "./support.ts"

const maxMessage = 16_384

/** The socket under a bare peer. */
const under = (raw: WebSocket): net.Socket => (raw as unknown as { readonly _socket: net.Socket })._socket

/** What a bare peer was sent, message by message. */
const messagesTo = (raw: WebSocket): ReadonlyArray<{ readonly data: Buffer; readonly isBinary: boolean }> => {
  const messages: Array<{ data: Buffer; isBinary: boolean }> = []
  raw.on("message", (data: Buffer, isBinary: boolean) => messages.push({ data, isBinary }))
  return messages
}

const closeOf = (raw: WebSocket): Promise<number> => new Promise((resolve) => raw.once("close", resolve))

/** A bare socket that has become a WebSocket, frame by frame. */
const upgraded = Effect.fnUntraced(function* (stubborn = false) {
  const listener = yield* Ws.make(local).listen(plain)
  const socket = yield* rawSocket(addressOf(listener), stubborn)
  const headers = Object.entries(asking).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  socket.write(`GET /gc HTTP/1.1\r\nHost: x\r\n${headers.join("")}\r\n`)
  const connection = yield* listener.accept
  return { socket, connection }
})

describe("messages", () => {
  it.live("are binary, carry many frames each, and none is longer than 16 KiB", () =>
    Effect.gen(function* () {
      const { raw, server } = yield* rawPair()
      const messages = messagesTo(raw)
      const frames = [
        ...Array.from({ length: 400 }, (_, number) => numbered(number, 60)),
        ...[16_379, 16_380, 16_381, 65_536, 100_000].map((length, number) => numbered(number, length))
      ]
      yield* server.send([frames[0]!])
      for (const frame of frames.slice(1)) yield* server.send([frame])
      const bytes = Buffer.concat(frames.map(onWire))
      yield* until(() => messages.reduce((sum, { data }) => sum + data.length, 0) === bytes.length)
      assert.isTrue(Buffer.concat(messages.map(({ data }) => data)).equals(bytes))
      assert.isTrue(messages.every(({ data, isBinary }) => isBinary && data.length <= maxMessage))
      assert.isBelow(messages.length, 60, "small frames go together")
    })
  )

  it.live("are not compressed, though the other end offers it", () =>
    Effect.gen(function* () {
      const listener = yield* Ws.make(local).listen(plain)
      const raw = yield* rawClient(addressOf(listener), { perMessageDeflate: true })
      assert.deepStrictEqual([raw.extensions, raw.protocol], ["", "gc.1"])
    })
  )

  it.live("may cut frames anywhere, and come in pieces", () =>
    Effect.gen(function* () {
      const { raw, server } = yield* rawPair()
      const frames = Array.from({ length: 40 }, (_, number) => numbered(number, 1 + number * 7))
      const bytes = Buffer.concat(frames.map(onWire))
      for (let at = 0; at < bytes.length; at += 11) {
        raw.send(bytes.subarray(at, at + 5), { fin: false })
        raw.send(bytes.subarray(at + 5, at + 11), { fin: true })
        raw.send(Buffer.alloc(0))
      }
      assertSameFrames(yield* receiveFrames(server, frames.length), frames)
      assert.strictEqual(server.bytesReceived(), bytes.length)
    })
  )

  const broken: ReadonlyArray<readonly [what: string, act: (socket: net.Socket) => void, says: RegExp]> = [
    ["text", (socket) => socket.write(message(0x81, Buffer.from("hello"))), /a text message/],
    ["longer than 16 KiB", (socket) => socket.write(message(0x82, Buffer.alloc(maxMessage + 1))), /exceeded/],
    [
      "of pieces longer than 16 KiB together",
      (socket) => {
        socket.write(message(0x02, Buffer.alloc(maxMessage)))
        socket.write(message(0x00, Buffer.alloc(1)))
      },
      /exceeded/
    ],
    [
      "of a thousand pieces",
      (socket) => {
        socket.write(message(0x02, Buffer.alloc(1)))
        for (let piece = 0; piece < 1000; piece++) socket.write(message(0x00, Buffer.alloc(1)))
      },
      /fragments|parts/i
    ],
    ["not masked", (socket) => socket.write(Buffer.of(0x82, 1, 7)), /MASK/],
    ["said to be compressed", (socket) => socket.write(message(0xc2, Buffer.alloc(1))), /RSV1/]
  ]
  for (const [what, act, says] of broken) {
    it.live(`that are ${what} end the connection, after what came before`, () =>
      Effect.gen(function* () {
        const { connection, socket } = yield* upgraded()
        socket.resume()
        socket.write(message(0x82, onWire(numbered(1, 100))))
        act(socket)
        assertSameFrames(yield* receiveFrames(connection, 1), [numbered(1, 100)])
        const reason = yield* reasonOf(connection.receive)
        assert(reason._tag === "FrameMalformed", reason.message)
        assert.match(reason.detail, says)
        yield* until(() => socket.closed)
      })
    )
  }

  it.live("too long for a dialer end its connection, too", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair()
      yield* server.send([numbered(1, 10)])
      yield* receiveFrames(client, 1)
      const sockets = new WebSocketServer({ noServer: true })
      const web = yield* serving(http.createServer())
      web.on("upgrade", (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (raw) => raw.send(Buffer.alloc(maxMessage + 1)))
      )
      const { port } = web.address() as net.AddressInfo
      const connection = yield* Ws.make(local).dial({ protocol: "ws", host: "127.0.0.1", port, path: "/gc" }, plain)
      assert.strictEqual((yield* reasonOf(connection.receive))._tag, "FrameMalformed")
    })
  )
})

describe("pings", () => {
  it.live("are answered, and are no sign of life", () =>
    Effect.gen(function* () {
      const { raw, server } = yield* rawPair()
      let answered = 0
      raw.on("pong", () => answered++)
      for (let number = 0; number < 5; number++) raw.ping(Buffer.from("are you there?"))
      yield* until(() => answered === 5)
      raw.pong()
      raw.send(onWire(numbered(1, 5)))
      yield* receiveFrames(server, 1)
      assert.strictEqual(server.bytesReceived(), 9)
    })
  )

  it.live("of somebody who does not read the answers cost a bounded number of bytes", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* upgraded()
      socket.pause()
      const before = process.memoryUsage().rss
      const many = Buffer.concat(Array.from({ length: 400 }, () => message(0x89, Buffer.alloc(125))))
      const pinging = yield* Effect.forkChild(
        Effect.forever(Effect.callback<void>((resume) => void socket.write(many, () => resume(Effect.void))))
      )
      const reason = yield* reasonOf(connection.receive)
      yield* Fiber.interrupt(pinging)
      assert.include(["Closed", "Reset"], reason._tag)
      assert.isBelow(process.memoryUsage().rss - before, 64 * 2 ** 20)
    })
  )
})

describe("the end", () => {
  it.live("is said by Close, with what came before", () =>
    Effect.gen(function* () {
      const { raw, server } = yield* rawPair()
      raw.send(onWire(numbered(1, 50)))
      raw.close(1000)
      assertSameFrames(yield* receiveFrames(server, 1), [numbered(1, 50)])
      assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
      assert.strictEqual((yield* reasonOf(server.send([numbered(1, 1)])))._tag, "Closed")
    })
  )

  it.live("is known at once though the other end does not hang up after its Close", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* upgraded(true)
      socket.resume()
      socket.write(message(0x88, Buffer.of(0x03, 0xe8)))
      const start = performance.now()
      assert.strictEqual((yield* reasonOf(connection.receive))._tag, "Closed")
      assert.isBelow(performance.now() - start, 900)
    })
  )

  it.live("without Close is the end as well; a cut stream says so", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* upgraded()
      socket.end()
      assert.strictEqual((yield* reasonOf(connection.receive))._tag, "Closed")
      const { raw, server } = yield* rawPair()
      const receiving = yield* Effect.forkChild(reasonOf(server.receive), { startImmediately: true })
      under(raw).resetAndDestroy()
      const reason = yield* Fiber.join(receiving)
      assert(reason._tag === "Reset" && reason.code === "ECONNRESET")
    })
  )

  it.live("of this side says Close with 1000, behind everything that was accepted", () =>
    Effect.gen(function* () {
      const listener = yield* Ws.make(local).listen(plain)
      const raw = yield* rawClient(addressOf(listener))
      const scope = yield* Scope.make()
      const server = yield* Scope.provide(listener.accept, scope)
      const messages = messagesTo(raw)
      const frames = Array.from({ length: 20 }, (_, number) => numbered(number, 10_000))
      const closed = closeOf(raw)
      for (const frame of frames) yield* server.send([frame])
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Effect.promise(() => closed), 1000)
      assert.isTrue(Buffer.concat(messages.map(({ data }) => data)).equals(Buffer.concat(frames.map(onWire))))
    })
  )

  it.live("comes within a second or so though the peer reads nothing and says nothing", () =>
    Effect.gen(function* () {
      for (const stuck of [true, false]) {
        const { connection, scope, socket } = yield* Effect.gen(function* () {
          const listener = yield* Ws.make(local).listen(plain)
          const silent = yield* rawClient(addressOf(listener))
          under(silent).pause()
          const own = yield* Scope.make()
          return { connection: yield* Scope.provide(listener.accept, own), scope: own, socket: under(silent) }
        })
        const sending = stuck
          ? yield* Effect.forkChild(reasonOf(Effect.forever(connection.send([new Uint8Array(60_000)]))), {
              startImmediately: true
            })
          : undefined
        const start = performance.now()
        yield* Scope.close(scope, Exit.void)
        assert.isBelow(performance.now() - start, 2500)
        if (sending !== undefined) assert.strictEqual((yield* Fiber.join(sending))._tag, "Closed")
        socket.destroy()
      }
    })
  )
})

describe("somebody who sends and is not read", () => {
  it.live("is held back: before a connection is pulled, and after", () =>
    Effect.gen(function* () {
      const listener = yield* Ws.make(local).listen(plain)
      const raw = yield* rawClient(addressOf(listener))
      let sent = 0
      const fill = () => raw.send(Buffer.alloc(maxMessage), () => sent++)
      for (let number = 0; number < 4000; number++) fill()
      let [seen, same] = [-1, 0]
      yield* until(() => {
        same = seen === sent ? same + 1 : 0
        seen = sent
        return same > 50
      })
      const server = yield* listener.accept
      assert.isAtMost(server.bytesReceived(), 2 * 65_536)
      yield* Effect.sleep("50 millis")
      assert.isAtMost(server.bytesReceived(), 262_144 + 4 * 65_536)
    })
  )
})
