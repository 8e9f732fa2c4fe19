import { createHash } from "node:crypto"
import { concat, putU32 } from "./bytes.ts"

/**
 * Everywhere in gc a *frame* is `type u8 | body`, as `Uint8Array`, without the length prefix: a transport puts it on and takes
 * it off. On the wire a frame is `length u32 (type + body) | type u8 | body`, and this is what hashes and MACs cover.
 */
export type Frame = Uint8Array

/** The first byte of every frame (GC/1 sections 2 and 4). */
export const frameType = {
  hello: 0x01,
  challenge: 0x02,
  auth: 0x03,
  welcome: 0x04,
  ready: 0x05,
  meta: 0x10,
  heartbeat: 0x11,
  heartbeatAck: 0x12,
  check: 0x13,
  vouch: 0x14,
  peers: 0x15,
  leave: 0x16,
  goaway: 0x17,
  channel: 0x18,
  credit: 0x19,
  event: 0x1a,
  data: 0x20,
  reject: 0x7f
} as const

/** The longest frame before a link is authenticated, in bytes without the prefix (GC/1 section 2). */
export const maxHandshakeFrame = 4096

/** The most bytes that one frame carries, 64 KiB (GC/1 section 4). */
export const maxPayload = 65_536

/** The bytes of a DATA frame before its payload: type u8 · id u16 · flags u8. */
export const dataHeadLength = 4

/** The longest frame of a link, in bytes without the prefix: 64 KiB and the head of DATA. */
export const maxLinkFrame = maxPayload + dataHeadLength

/** The 4 bytes that go before a frame of `length` bytes on the wire. */
export const lengthPrefix = (length: number): Uint8Array => {
  const prefix = new Uint8Array(4)
  putU32(prefix, 0, length)
  return prefix
}

/** A frame as it is on the wire. Copies: a transport that can write two buffers sends {@link lengthPrefix} and the frame. */
export const withPrefix = (frame: Frame): Uint8Array => concat(lengthPrefix(frame.length), frame)

/** A hash or a MAC of node:crypto, by its shape: whoever uses this package's types need not have those of Node. */
interface Digest {
  update(bytes: Uint8Array): Digest
}

/** Feeds a frame, as it is on the wire, into a hash or a MAC; `omit` final bytes of it are left out. */
export const updateWithFrame = <A extends Digest>(digest: A, frame: Frame, omit = 0): A => {
  digest.update(lengthPrefix(frame.length)).update(frame.subarray(0, frame.length - omit))
  return digest
}

/** SHA-256 of a frame as it is on the wire. */
export const wireHash = (frame: Frame): Uint8Array => updateWithFrame(createHash("sha256"), frame).digest()
