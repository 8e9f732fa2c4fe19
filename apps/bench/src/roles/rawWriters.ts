/**
 * Three ways of writing length-prefixed frames to a socket of `node:net` or `node:tls`.
 */
import type { Socket } from "node:net"
import { batchOf } from "./desk.ts"
import type { Writer } from "./frames.ts"

/** From here on a message is written where it lies, after its length; smaller ones are copied beside it. */
const largeBytes = 4_096
const slabBytes = 65_536

const drained = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("drain", resolve))

const header = (size: number): Uint8Array => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(size)
  return bytes
}

const framed = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  const frame = Buffer.allocUnsafe(4 + end - start)
  frame.writeUInt32BE(end - start)
  frame.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), 4)
  return frame
}

/** Every message is a buffer and a write of its own. */
export const oneWriteEach = (socket: Socket): Writer => ({
  flood: async (messages, count, sent) => {
    for (let index = 0; index < count; index++) {
      const message = messages[index & 15] as Uint8Array
      const room = socket.write(framed(message, 0, message.length))
      if (!room) {
        sent(index + 1)
        await drained(socket)
      }
    }
    sent(count)
  },
  post: (bytes, start, end) => void socket.write(framed(bytes, start, end))
})

/** The messages of a batch, or of a turn of the event loop, go out in one `writev`. */
export const corked = (socket: Socket): Writer => {
  let held = false
  const put = (bytes: Uint8Array, start: number, end: number) => {
    if (end - start < largeBytes) return void socket.write(framed(bytes, start, end))
    socket.write(header(end - start))
    socket.write(bytes.subarray(start, end))
  }
  const release = () => {
    held = false
    socket.uncork()
  }
  return {
    flood: async (messages, count, sent) => {
      const size = messages[0]?.length ?? 0
      const batch = batchOf(size)
      for (let index = 0; index < count;) {
        socket.cork()
        for (const end = Math.min(count, index + batch); index < end; index++) {
          put(messages[index & 15] as Uint8Array, 0, size)
        }
        socket.uncork()
        if (socket.writableNeedDrain) {
          sent(index)
          await drained(socket)
        }
      }
      sent(count)
    },
    post: (bytes, start, end) => {
      if (!held) {
        held = true
        socket.cork()
        process.nextTick(release)
      }
      put(bytes, start, end)
    }
  }
}

/** Small messages are copied into slabs of 64 KiB, each of which is one write: the most that a stream of Node carries. */
export const slabbed = (socket: Socket): Writer => {
  const spare: Array<Buffer> = []
  let slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  let from = 0
  let at = 0
  let due = false
  const flush = () => {
    due = false
    if (at === from) return
    const part = slab.subarray(from, at)
    from = at
    if (slabBytes - at > largeBytes) return void socket.write(part)
    const used = slab
    socket.write(part, () => {
      if (spare.length < 8) spare.push(used)
    })
    slab = spare.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
    from = at = 0
  }
  const put = (bytes: Uint8Array, start: number, end: number) => {
    const size = end - start
    if (at + 4 + (size < largeBytes ? size : 0) > slabBytes) flush()
    slab[at] = size >>> 24
    slab[at + 1] = size >>> 16
    slab[at + 2] = size >>> 8
    slab[at + 3] = size
    at += 4
    if (size < largeBytes) {
      slab.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at)
      at += size
      return
    }
    socket.cork()
    flush()
    socket.write(bytes.subarray(start, end))
    socket.uncork()
  }
  return {
    flood: async (messages, count, sent) => {
      const size = messages[0]?.length ?? 0
      for (let index = 0; index < count; index++) {
        put(messages[index & 15] as Uint8Array, 0, size)
        if (socket.writableNeedDrain) {
          sent(index + 1)
          await drained(socket)
        }
      }
      flush()
      sent(count)
    },
    post: (bytes, start, end) => {
      put(bytes, start, end)
      if (due) return
      due = true
      process.nextTick(flush)
    }
  }
}
