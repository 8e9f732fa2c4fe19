import { randomFillSync } from "node:crypto"
import type { Socket } from "node:net"
import { maxMessage } from "./names.ts"

type Done = (error?: Error | null) => void

/** The last piece of a message, which is binary (RFC 6455 section 5.2). */
const wholeBinary = 0x82
const isMasked = 0x80
/** In place of a length: it stands in the next two bytes. */
const lengthFollows = 126

/** Of a header with a length and a mask: a multiple of 4, as a message of `maxMessage` bytes is, so that words can be masked. */
const longestHeader = 8

/** Bytes of the longest write that is put together in kept memory: as much as core gathers. */
const longest = 65_536

/** Up to here a write gets memory of its own size; from here on it is worth a slab, or writing the bytes where they lie. */
const short = 4_096

/** Slabs that are kept: at most 1 MiB in the process. */
const maxKept = 16

/** The same memory as bytes and as words. */
interface Slab {
  readonly bytes: Uint8Array
  readonly words: Int32Array
}

const makeSlab = (length: number): Slab => {
  const room = length + longestHeader * Math.ceil(length / maxMessage)
  const { buffer } = Buffer.allocUnsafeSlow((room + 3) & ~3)
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer) }
}

const kept: Array<Slab> = []

/** Short writes are put together here, and copied. */
const scratch = makeSlab(short)

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

const applyMask = ({ bytes, words }: Slab, from: number, length: number, key: number): void => {
  const end = from + length
  if ((from & 3) === 0) {
    const word = keys[key]!
    // Up to three bytes behind the message change, too: nothing stands there yet.
    for (let index = from >>> 2, last = (end + 3) >>> 2; index < last; index++) words[index]! ^= word
    return
  }
  for (let index = 0; index < length; index++) bytes[from + index]! ^= keyBytes[key * 4 + (index & 3)]!
}

/** Puts messages into a slab; answers where they end. */
const lay = (slab: Slab, source: Uint8Array, masks: boolean): number => {
  const { bytes } = slab
  let end = 0
  for (let at = 0; at < source.length; at += maxMessage) {
    const piece = source.length <= maxMessage ? source : source.subarray(at, at + maxMessage)
    end = putHeader(bytes, end, piece.length, masks ? isMasked : 0)
    if (!masks) bytes.set(piece, end)
    else {
      const key = takeKey()
      for (let index = 0; index < 4; index++) bytes[end++] = keyBytes[key * 4 + index]!
      bytes.set(piece, end)
      applyMask(slab, end, piece.length, key)
    }
    end += piece.length
  }
  return end
}

/** Where masks change nothing the bytes are written where they lie. */
const writePieces = (socket: Socket, source: Uint8Array, done: Done | undefined): void => {
  socket.cork()
  for (let at = 0; at < source.length; at += maxMessage) {
    const piece = source.subarray(at, at + maxMessage)
    const header = new Uint8Array(longestHeader)
    socket.write(header.subarray(0, putHeader(header, 0, piece.length, 0)))
    socket.write(piece, at + maxMessage >= source.length ? done : undefined)
  }
  socket.uncork()
}

/**
 * Writes bytes to the socket of a WebSocket as binary messages of at most `maxMessage` bytes, between the frames of `ws`: in one write,
 * and masked in words. `ws` makes two writes of each message, and masks it byte by byte.
 *
 * @internal
 */
export const writeMessages = (socket: Socket, source: Uint8Array, masks: boolean, done: Done | undefined): void => {
  if (source.length <= short) {
    const end = lay(scratch, source, masks)
    socket.write(Buffer.from(scratch.bytes.subarray(0, end)), done)
    return
  }
  if (!masks) return writePieces(socket, source, done)
  const slab = source.length <= longest ? (kept.pop() ?? makeSlab(longest)) : makeSlab(source.length)
  const end = lay(slab, source, masks)
  socket.write(slab.bytes.subarray(0, end), (error) => {
    if ((error === undefined || error === null) && source.length <= longest && kept.length < maxKept) kept.push(slab)
    done?.(error)
  })
}
