import { assert, describe, it } from "@effect/vitest"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"
import type { Socket } from "node:net"
import { PassThrough } from "node:stream"
import { WebSocketServer } from "ws"
import { writeMessages } from "../src/internal/messageWriter.ts"
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

/** Takes writes and finishes each when it is told to. */
const heldSocket = () => {
  const written: Array<Uint8Array> = []
  const held: Array<(error?: Error | null) => void> = []
  const socket = {
    cork: () => {},
    uncork: () => {},
    write: (bytes: Uint8Array, done?: (error?: Error | null) => void) => {
      written.push(bytes)
      if (done !== undefined) held.push(done)
    }
  } as unknown as Socket
  return { socket, written, held }
}

describe("what is written to a WebSocket", () => {
  for (const masks of [true, false]) {
    it(`is whole messages of at most 16 KiB, ${masks ? "masked" : "not masked"}`, async () => {
      const stream = new PassThrough({ highWaterMark: 1 << 24 })
      const done: Array<unknown> = []
      const all = sizes.flatMap((size) => [numbered(size, size), numbered(size + 3, 1).subarray(3)])
      for (const bytes of all) writeMessages(stream as unknown as Socket, bytes, masks, (error) => done.push(error))
      stream.end()
      const messages = messagesIn(Buffer.concat(await stream.toArray()), masks)
      assert.isTrue(Buffer.concat(messages.map(({ payload }) => payload)).equals(Buffer.concat(all)))
      assert.isTrue(messages.every(({ payload }) => payload.length > 0 && payload.length <= 16_384))
      assert.lengthOf(
        messages,
        all.reduce((sum, { length }) => sum + Math.ceil(length / 16_384), 0)
      )
      assert.lengthOf(done, all.length)
    })
  }

  it("has another mask for each message", () => {
    const { socket, written } = heldSocket()
    for (let round = 0; round < 3_000; round++) writeMessages(socket, numbered(10, round), true, undefined)
    const keys = messagesIn(Buffer.concat(written), true).map(({ key }) => key.toString("hex"))
    assert.isAbove(new Set(keys).size, 2_990)
  })

  it("keeps its memory until it is out of the process, and for good when that failed", () => {
    const { held, socket, written } = heldSocket()
    const failure = new Error("the socket is gone")
    const said: Array<unknown> = []
    const write = (start: number) => writeMessages(socket, numbered(60_000, start), true, (error) => said.push(error))
    const intact = (index: number, start: number) => {
      const messages = messagesIn(Buffer.from(written[index]!), true)
      assert.isTrue(Buffer.concat(messages.map(({ payload }) => payload)).equals(numbered(60_000, start)))
    }
    for (const start of [1, 2, 3]) write(start)
    held[1]!(null)
    held[0]!(failure)
    write(4)
    intact(0, 1)
    intact(2, 3)
    intact(3, 4)
    assert.strictEqual(written[3]!.buffer, written[1]!.buffer, "what is free is used again")
    assert.deepStrictEqual(said, [null, failure])
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
