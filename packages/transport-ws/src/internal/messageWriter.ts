import type { Layout } from "@gc/core/StreamTransport"
import { randomFillSync } from "node:crypto"
import type { Socket } from "node:net"

type Done = (error?: Error | null) => void

/** The last piece of a message, which is binary (RFC 6455 section 5.2). */
const wholeBinary = 0x82
const isMasked = 0x80
/** In place of a length: it stands in the next two bytes. */
const lengthFollows = 126

/** Messages that are masked, and their headers: four of them fill memory of 64 KiB. @internal */
export const maskedLayout: Layout = { length: 16_376, room: 8 }

/** Messages that are not. @internal */
export const plainLayout: Layout = { length: 16_380, room: 4 }

const keys = new Int32Array(1_024)
const keyBytes = new Uint8Array(keys.buffer)
let nextKey = keys.length

/** The index of a mask that nobody can foresee. */
const takeKey = (): number => {
  if (nextKey === keys.length) {
    randomFillSync(keys)
    nextKey = 0
  }
  return nextKey++
}

const putHeader = (bytes: Uint8Array, from: number, length: number, mask: number): number => {
  let at = from
  bytes[at++] = wholeBinary
  if (length < lengthFollows) bytes[at++] = length | mask
  else {
    bytes[at++] = lengthFollows | mask
    bytes[at++] = length >>> 8
    bytes[at++] = length
  }
  return at
}

const applyMask = (bytes: Uint8Array, from: number, length: number, key: number): void => {
  const at = bytes.byteOffset + from
  if ((at & 3) === 0) {
    const word = keys[key]!
    // Up to three bytes behind the message change, too: nothing stands there yet.
    const count = (length + 3) >>> 2
    const words = new Int32Array(bytes.buffer, at, count)
    for (let index = 0; index < count; index++) words[index]! ^= word
    return
  }
  for (let index = 0; index < length; index++) bytes[from + index]! ^= keyBytes[key * 4 + (index & 3)]!
}

/**
 * Writes bytes that core laid out to the socket of a WebSocket, as binary messages between the frames of `ws`: in one write, with the
 * headers in the room that was left for them, and masked in words and in place. `ws` makes two writes of each message, and masks it byte
 * by byte in other memory.
 *
 * @internal
 */
export const writeMessages = (socket: Socket, bytes: Uint8Array, masks: boolean, done: Done | undefined): void => {
  const { length, room } = masks ? maskedLayout : plainLayout
  let end = 0
  for (let at = 0; at < bytes.length; at += room + length) {
    const from = at + room
    const size = Math.min(length, bytes.length - from)
    let begin = putHeader(bytes, at, size, masks ? isMasked : 0)
    const key = masks ? takeKey() : 0
    if (masks) for (let index = 0; index < 4; index++) bytes[begin++] = keyBytes[key * 4 + index]!
    // A short message has a shorter header. It is the last one.
    if (begin < from) bytes.copyWithin(begin, from, from + size)
    if (masks) applyMask(bytes, begin, size, key)
    end = begin + size
  }
  socket.write(bytes.subarray(0, end), done)
}
