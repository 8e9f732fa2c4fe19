/**
 * Raw `ws`: one `send` for each message, and the same with its socket corked for a batch.
 */
import type { AddressInfo, Socket } from "node:net"
import { type RawData, WebSocket, WebSocketServer } from "ws"
import { batchOf, type Desk, type Pair } from "./desk.ts"
import { FrameClient, serving, type Writer } from "./frames.ts"

/** What `ws` writes to. It has no public way to wait for room, so what `ws` itself counts is looked at. */
const socketOf = (ws: WebSocket): Socket => (ws as unknown as { readonly _socket: Socket })._socket

const highWaterMark = 65_536

const drained = (ws: WebSocket): Promise<void> => new Promise((resolve) => socketOf(ws).once("drain", resolve))

const flood =
  (ws: WebSocket, batched: boolean): Writer["flood"] =>
  async (messages, count, sent) => {
    const batch = batched ? batchOf(messages[0]?.length ?? 0) : 1
    for (let index = 0; index < count;) {
      if (batched) socketOf(ws).cork()
      for (const end = Math.min(count, index + batch); index < end; index++) ws.send(messages[index & 15] as Uint8Array)
      if (batched) socketOf(ws).uncork()
      if (ws.bufferedAmount > highWaterMark && socketOf(ws).writableNeedDrain) {
        sent(index)
        await drained(ws)
      }
    }
    sent(count)
  }

const each = (ws: WebSocket): Writer => ({
  flood: flood(ws, false),
  post: (bytes, start, end) => ws.send(bytes.subarray(start, end))
})

const corked = (ws: WebSocket): Writer => {
  let held = false
  const release = () => {
    held = false
    socketOf(ws).uncork()
  }
  return {
    flood: flood(ws, true),
    post: (bytes, start, end) => {
      if (!held) {
        held = true
        socketOf(ws).cork()
        process.nextTick(release)
      }
      ws.send(bytes.subarray(start, end))
    }
  }
}

const writersOf = (ws: WebSocket) => {
  const made: Record<string, Writer> = { "ws-send": each(ws), "ws-cork": corked(ws) }
  return (variant: string): Writer => {
    const writer = made[variant]
    if (writer === undefined) throw new Error(`there is no way of writing "${variant}"`)
    return writer
  }
}

const bytesOf = (data: RawData): Uint8Array => data as Buffer

const serve = (desk: Desk) => (ws: WebSocket) => {
  const onFrame = serving(desk, writersOf(ws))
  ws.on("message", (data: RawData) => {
    const bytes = bytesOf(data)
    onFrame(bytes, 0, bytes.length)
    if (desk.mode !== "unread") return
    ws.pause()
    void desk.read().then(() => ws.resume())
  })
}

/** A server and a client of `ws`, without compression. */
export const ws: Pair = {
  listen: (desk) =>
    new Promise((resolve, reject) => {
      const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false })
      server.once("error", reject)
      server.once("listening", () => resolve(String((server.address() as AddressInfo).port)))
      server.on("connection", serve(desk))
    }),
  connect: async (address) => {
    const ws = new WebSocket(`ws://127.0.0.1:${address}`, { perMessageDeflate: false })
    await new Promise<void>((resolve, reject) => {
      ws.once("error", reject)
      ws.once("open", resolve)
    })
    const writers = writersOf(ws)
    let current: FrameClient | undefined
    ws.on("message", (data: RawData) => current?.reply(bytesOf(data), 0, 0))
    return (variant) => (current = new FrameClient(writers(variant)))
  }
}
