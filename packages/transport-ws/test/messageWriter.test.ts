import { assert, describe, it } from "@effect/vitest"
import type { Layout } from "@gc/core/StreamTransport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"
import type { Socket } from "node:net"
import { PassThrough } from "node:stream"
import { WebSocketServer } from "ws"
import { maskedLayout, plainLayout, writeMessages } from "../src/internal/messageWriter.ts"
import { numbered as frameOf, onWire, plain, local, portOf, serving, until } from "./support.ts"

interface Message {
  readonly payload: Buffer
  readonly key: Buffer
}

/** What a WebSocket's bytes say (RFC 6455 section 5.2), where all are whole binary messages. */
const messagesIn = (bytes: Buffer, masked: boolean): ReadonlyArray<Message> => {
  const messages: Array<Message> = []
  for (let at = 0; at < bytes.length;) {
    assert.strictEqual(bytes[at], 0x82)
    assert.strictEqual(bytes[at + 1]! >> 7, masked ? 1 : 0)
    let length = bytes[at + 1]! & 0x7f
    assert.notStrictEqual(length, 127)
    at += 2
    if (length === 126) {
      length = bytes.readUInt16BE(at)
      assert.isAbove(length, 125, "the shortest form is the only one")
      at += 2
    }
    const key = masked ? bytes.subarray(at, at + 4) : Buffer.alloc(4)
    at += masked ? 4 : 0
    assert.isAtMost(at + length, bytes.length)
    messages.push({ key, payload: Buffer.from(bytes.subarray(at, at + length).map((byte, i) => byte ^ key[i & 3]!)) })
    at += length
  }
  return messages
}

const sizes = [1, 2, 125, 126, 127, 1_000, 4_095, 4_096, 4_097, 16_383, 16_384, 16_385, 16_500, 32_768, 65_536, 100_001]

const numbered = (size: number, start: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7 + start) & 0xff))

/** Bytes as core lays them out, with something in the room in front of each part. */
const laidOut = (bytes: Uint8Array, { length, room }: Layout): Uint8Array => {
  const size = bytes.length + room * Math.ceil(bytes.length / length)
  const laid = new Uint8Array(new ArrayBuffer((size + 3) & ~3), 0, size).fill(0xaa)
  for (let at = 0, to = 0; at < bytes.length; at += length, to += room + length) {
    laid.set(bytes.subarray(at, at + length), to + room)
  }
  return laid
}

describe("what is written to a WebSocket", () => {
  for (const masks of [true, false]) {
    it(`is whole messages of at most 16 KiB, ${masks ? "masked" : "not masked"}`, async () => {
      const layout = masks ? maskedLayout : plainLayout
      const stream = new PassThrough({ highWaterMark: 1 << 24 })
      const done: Array<unknown> = []
      const all = [...sizes, layout.length, layout.length + 1, 2 * layout.length + 125, 2 * layout.length + 126].map(
        (size) => numbered(size, size)
      )
      for (const bytes of all) {
        writeMessages(stream as unknown as Socket, laidOut(bytes, layout), masks, (error) => done.push(error))
      }
      stream.end()
      const messages = messagesIn(Buffer.concat(await stream.toArray()), masks)
      assert.isTrue(Buffer.concat(messages.map(({ payload }) => payload)).equals(Buffer.concat(all)))
      assert.isTrue(messages.every(({ payload }) => payload.length > 0 && payload.length <= 16_384))
      assert.lengthOf(
        messages,
        all.reduce((sum, { length }) => sum + Math.ceil(length / layout.length), 0)
      )
      assert.lengthOf(done, all.length)
    })
  }

  it("has another mask for each message", async () => {
    const stream = new PassThrough({ highWaterMark: 1 << 24 })
    for (let round = 0; round < 3_000; round++) {
      writeMessages(stream as unknown as Socket, laidOut(numbered(10, round), maskedLayout), true, undefined)
    }
    stream.end()
    const keys = messagesIn(Buffer.concat(await stream.toArray()), true).map(({ key }) => key.toString("hex"))
    assert.isAbove(new Set(keys).size, 2_990)
  })

  it.live("arrives whole though ws answers pings in between", () =>
    Effect.gen(function* () {
      const web = yield* serving(http.createServer())
      const arrived: Array<Buffer> = []
      let answered = 0
      web.on("upgrade", (request, socket, head) =>
        new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, (raw) => {
          raw.on("pong", () => answered++)
          raw.on("message", (data: Buffer) => {
            arrived.push(data)
            raw.ping(Buffer.from("are you there?"))
          })
          raw.ping()
        })
      )
      const address = { protocol: "ws", host: "127.0.0.1", port: portOf(web), path: "/gc" } as const
      const connection = yield* Ws.make(local).dial(address, plain)
      const frames = [1, 100, 121, 122, 4_092, 4_093, 16_380, 16_381, 60_000, 65_536, 200_000, 3].flatMap((length) =>
        [1, 2, 3].map((number) => frameOf(number, length))
      )
      const bytes = Buffer.concat(frames.map(onWire))
      for (const frame of frames) yield* connection.send([frame])
      yield* until(() => arrived.reduce((sum, { length }) => sum + length, 0) === bytes.length)
      assert.isTrue(Buffer.concat(arrived).equals(bytes))
      yield* until(() => answered === arrived.length + 1)
    })
  )
})
