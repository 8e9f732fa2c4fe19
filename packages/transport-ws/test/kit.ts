import type { Kit } from "@gc/transport-trials/kit"
import * as Ws from "@gc/transport-ws"
import * as http from "node:http"
import type * as net from "node:net"
import type { Duplex } from "node:stream"
import { createWebSocketStream, WebSocket, WebSocketServer } from "ws"
import { asking } from "./support.ts"

const options = { perMessageDeflate: false, closeTimeout: 1000 } as const

/** What a WebSocket carries. It is over when the other end says so or the socket is gone, whether or not it was read. */
const streamOf = (ws: WebSocket): Duplex => {
  const stream = createWebSocketStream(ws)
  stream.on("error", () => {})
  stream.on("end", () => stream.end())
  return stream
}

const client = (socket: net.Socket): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket("ws://127.0.0.1/gc", ["gc.1"], { ...options, createConnection: () => socket })
    ws.once("open", () => resolve(streamOf(ws)))
    ws.on("error", reject)
    socket.once("close", () => reject(new Error("closed")))
  })

const sockets = new WebSocketServer({ ...options, noServer: true, clientTracking: false })

/** Where the stream of a socket goes once it has begun. */
const waiting = new WeakMap<object, (stream: Duplex) => void>()

const web = http.createServer().on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => waiting.get(socket)?.(streamOf(ws)))
})

/** A message of WebSocket as a client sends it, unmasked in effect: the mask is zero. */
export const message = (first: number, payload: Uint8Array): Buffer => {
  const { length } = payload
  const sizes = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 255]
  return Buffer.concat([Buffer.of(first, ...sizes, 0, 0, 0, 0), payload])
}

const request = [
  "GET /gc HTTP/1.1",
  "Host: x",
  ...Object.entries(asking).map(([name, value]) => `${name}: ${String(value)}`)
]

/** What the messages behind a request or its answer hold, as far as they are whole. */
const unwrapped = (bytes: Buffer): Buffer => {
  const payloads: Array<Buffer> = []
  const head = bytes.indexOf("\r\n\r\n")
  for (let at = head < 0 ? bytes.length : head + 4; at + 4 <= bytes.length;) {
    const [code, size] = [bytes[at]! & 0x0f, bytes[at + 1]!]
    const [masks, length] = (size & 0x7f) < 126 ? [at + 2, size & 0x7f] : [at + 4, bytes.readUInt16BE(at + 2)]
    const start = size < 0x80 ? masks : masks + 4
    const payload = Buffer.from(bytes.subarray(start, start + length))
    if (size >= 0x80)
      for (let index = 0; index < payload.length; index++) payload[index]! ^= bytes[masks + (index & 3)]!
    if (code < 8) payloads.push(payload)
    at = start + length
  }
  return Buffer.concat(payloads)
}

/** WebSocket for the trials: the stream is what its binary messages hold. */
export const ws: Kit = {
  name: "ws",
  plain: "ws",
  secure: "wss",
  dialedPlain: ["ws", "wss"],
  path: "/gc",
  alpn: "http/1.1",
  asks: true,
  make: Ws.make,
  layer: Ws.layer,
  layerConfig: Ws.layerConfig,
  plugin: Ws.plugin,
  client,
  server: (socket, opened) => {
    waiting.set(socket, opened)
    web.emit("connection", socket)
  },
  unwrapped,
  opening: (...frames) =>
    Buffer.concat([Buffer.from(`${request.join("\r\n")}\r\n\r\n`), ...frames.map((frame) => message(0x82, frame))])
}
