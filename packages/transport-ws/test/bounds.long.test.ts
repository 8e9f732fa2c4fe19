import { assert, describe, it } from "@effect/vitest"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import { addressOf, asking, assertSameFrames, local, numbered, onWire, plain, rawSocket } from "./support.ts"

/** A frame of WebSocket as a client sends it: the mask is zero. */
const message = (payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0x82, 0x80 | payload.length, 0, 0, 0, 0), payload])

const upgraded = Effect.fnUntraced(function* () {
  const listener = yield* Ws.make(local).listen(plain)
  const socket = yield* rawSocket(addressOf(listener))
  const headers = Object.entries(asking).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  socket.resume().write(`GET /gc HTTP/1.1\r\nHost: x\r\n${headers.join("")}\r\n`)
  return { socket, connection: yield* listener.accept }
})

/** Waits until a peer that writes all the time gets nothing more out, and answers how many times it wrote. */
const held = Effect.fnUntraced(function* (write: (done: () => void) => void) {
  let written = 0
  let seen = -1
  const go = (): void => write(() => (written++, setImmediate(go)))
  go()
  for (let same = 0; same < 20; same = seen === written ? same + 1 : 0) {
    seen = written
    yield* Effect.sleep("5 millis")
  }
  return written
})

describe("messages that nobody receives", () => {
  it.live("hold their sender back by their number, too: each costs more than its bytes", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* upgraded()
      const frame = numbered(1, 200)
      for (const byte of onWire(frame)) socket.write(message(Uint8Array.of(byte)))
      const many = Buffer.concat(Array.from({ length: 1000 }, () => message(Uint8Array.of(0))))
      yield* held((done) => socket.write(many, done))
      // What was read at once is one chunk of 64 KiB: 9,362 messages.
      assert.isBelow(connection.bytesReceived(), 2048 + 2 * 9362)
      assertSameFrames(yield* connection.receive, [frame])
    })
  )

  it.live("hold their sender back though they are empty, and go on once somebody receives", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* upgraded()
      const many = Buffer.concat(Array.from({ length: 10_000 }, () => message(new Uint8Array(0))))
      let stopped = false
      const written = yield* held((done) => stopped || socket.write(many, done))
      assert.isBelow(written, 2000)
      stopped = true
      const frame = numbered(1, 20)
      socket.write(message(onWire(frame)))
      assertSameFrames(yield* connection.receive, [frame])
    })
  )
})
