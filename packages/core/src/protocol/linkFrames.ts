import { ByteReader, ByteWriter, MalformedError, type Parsed, parsing, putU32, toHex, u32At, utf8 } from "./bytes.ts"
import { dataHeadLength, type Frame, frameType, maxLinkFrame } from "./frames.ts"
import { instanceBytes } from "./identity.ts"
import { encodeMetadata, type Metadata, readMetadata } from "./metadata.ts"
import { type PeerEntry, peerLength, readPeer, writePeer } from "./peerEntries.ts"

export type { PeerEntry } from "./peerEntries.ts"

/** A witness's verdict about a suspect; its place in the list is its number in VOUCH. */
export const verdicts = ["unknown", "heard", "closed", "left"] as const
export type Verdict = (typeof verdicts)[number]

/** Why a link is ended; its place in the list is its number in GOAWAY, less one. */
export const goawayReasons = ["replaced", "disconnect", "one_way", "too_many_peers", "protocol"] as const
export type GoawayReason = (typeof goawayReasons)[number]

/** `0x10 · version u32 · metadata`: the owner's metadata; the first frame of a link. */
export interface MetaFrame {
  readonly _tag: "Meta"
  readonly version: number
  readonly metadata: Metadata
}

/** `0x11 · seq u32 · ackRequested u8 · lastRecvAgeMs u32`: when idle, and as a probe. */
export interface HeartbeatFrame {
  readonly _tag: "Heartbeat"
  readonly seq: number
  readonly ackRequested: boolean
  /** Milliseconds since the sender last received a byte on this link. */
  readonly lastRecvAgeMs: number
}

/** `0x12 · seq u32` */
export interface HeartbeatAckFrame {
  readonly _tag: "HeartbeatAck"
  readonly seq: number
}

/** `0x13 · nonce u32 · instance 16`: asks a witness about a suspect. */
export interface CheckFrame {
  readonly _tag: "Check"
  readonly nonce: number
  readonly instance: string
}

/** `0x14 · nonce u32 · verdict u8 · ageMs u32`: the witness's answer. */
export interface VouchFrame {
  readonly _tag: "Vouch"
  readonly nonce: number
  readonly verdict: Verdict
  /** Milliseconds since the witness had what it tells. */
  readonly ageMs: number
}

/** `0x15 · n u16 · n × { length u8, name · instance 16 · generation u64 · count u8 · count × { length u8, address } }` */
export interface PeersFrame {
  readonly _tag: "Peers"
  readonly peers: ReadonlyArray<PeerEntry>
}

/** `0x16 · generation u64`: this life of the node is over. */
export interface LeaveFrame {
  readonly _tag: "Leave"
  readonly generation: number
}

/** `0x17 · code u8`: this link ends, and why. */
export interface GoawayFrame {
  readonly _tag: "Goaway"
  readonly reason: GoawayReason
}

/** `0x18 · id u16 · name (UTF-8, to the end)`: numbers a channel of the sender on this link. */
export interface ChannelFrame {
  readonly _tag: "Channel"
  readonly id: number
  /** 1–255 bytes of UTF-8. */
  readonly name: string
}

/** `0x19 · id u16 · bytes u32`: as many more bytes may be sent on a channel. */
export interface CreditFrame {
  readonly _tag: "Credit"
  readonly id: number
  readonly bytes: number
}

/** `0x1A · body`: one membership event, for an observer; `encodeObservation` makes its body. */
export interface EventFrame {
  readonly _tag: "Event"
  readonly body: Uint8Array
}

/** `0x20 · id u16 · flags u8 (1 = more follows) · bytes`: a message of a channel, or a chunk of one. */
export interface DataFrame {
  readonly _tag: "Data"
  readonly id: number
  /** Whether further chunks of the message follow. */
  readonly more: boolean
  /** When decoded: a view of the frame, not a copy. */
  readonly bytes: Uint8Array
}

/** A frame of an authenticated link (GC/1 section 4). Integers are unsigned and big-endian. */
export type LinkFrame =
  | MetaFrame
  | HeartbeatFrame
  | HeartbeatAckFrame
  | CheckFrame
  | VouchFrame
  | PeersFrame
  | LeaveFrame
  | GoawayFrame
  | ChannelFrame
  | CreditFrame
  | EventFrame
  | DataFrame

/** The most entries of one PEERS frame. */
export const maxPeersPerFrame = 512

/** The longest channel name, in bytes. */
export const maxChannelNameBytes = 255

/** As many of the first peers as one PEERS frame can hold: at most 512, and at most the longest frame. */
export const fittingPeers = (peers: ReadonlyArray<PeerEntry>): ReadonlyArray<PeerEntry> => {
  let length = 3
  let count = 0
  for (const peer of peers) {
    length += peerLength(peer)
    if (count === maxPeersPerFrame || length > maxLinkFrame) break
    count++
  }
  return peers.slice(0, count)
}

/** The 4 bytes before a DATA frame's payload, so that a payload is sent without being copied. */
export const dataHead = (id: number, more: boolean): Uint8Array =>
  new ByteWriter(dataHeadLength)
    .u8(frameType.data)
    .u16(id)
    .u8(more ? 1 : 0)
    .finish()

/** A frame of a link as bytes. A value out of its bounds throws a `RangeError`: callers validate what users give them before. */
export const encodeLinkFrame = (frame: LinkFrame): Frame => {
  if (frame._tag === "Heartbeat") return encodeHeartbeat(frame)
  const bytes = encode(frame)
  if (bytes.length > maxLinkFrame)
    throw new RangeError(`a frame has at most ${maxLinkFrame} bytes, not ${bytes.length}`)
  return bytes
}

const heartbeatLength = 10

/** The frame of a link at rest, with nothing made but the frame. */
const encodeHeartbeat = ({ ackRequested, lastRecvAgeMs, seq }: HeartbeatFrame): Frame => {
  const bytes = new Uint8Array(heartbeatLength)
  bytes[0] = frameType.heartbeat
  putU32(bytes, 1, seq)
  bytes[5] = ackRequested ? 1 : 0
  putU32(bytes, 6, lastRecvAgeMs)
  return bytes
}

/** The same frame read, if it is one: whatever is wrong with it, {@link decode} says. */
const decodeHeartbeat = (frame: Frame): HeartbeatFrame | undefined => {
  if (frame[0] !== frameType.heartbeat || frame.length !== heartbeatLength || (frame[5] as number) > 1) return undefined
  return { _tag: "Heartbeat", seq: u32At(frame, 1), ackRequested: frame[5] === 1, lastRecvAgeMs: u32At(frame, 6) }
}

const encode = (frame: Exclude<LinkFrame, HeartbeatFrame>): Frame => {
  const writer = new ByteWriter(16)
  switch (frame._tag) {
    case "Meta":
      return writer.u8(frameType.meta).u32(frame.version).bytes(encodeMetadata(frame.metadata)).finish()
    case "HeartbeatAck":
      return writer.u8(frameType.heartbeatAck).u32(frame.seq).finish()
    case "Check":
      return writer.u8(frameType.check).u32(frame.nonce).bytes(instanceBytes(frame.instance)).finish()
    case "Vouch":
      writer.u8(frameType.vouch).u32(frame.nonce).u8(verdicts.indexOf(frame.verdict))
      return writer.u32(frame.ageMs).finish()
    case "Peers":
      if (frame.peers.length > maxPeersPerFrame) throw new RangeError(`PEERS has at most ${maxPeersPerFrame} entries`)
      writer.u8(frameType.peers).u16(frame.peers.length)
      for (const peer of frame.peers) writePeer(writer, peer)
      return writer.finish()
    case "Leave":
      return writer.u8(frameType.leave).u64(BigInt(frame.generation)).finish()
    case "Goaway":
      return writer
        .u8(frameType.goaway)
        .u8(goawayReasons.indexOf(frame.reason) + 1)
        .finish()
    case "Channel": {
      const name = utf8(frame.name)
      if (name.length === 0 || name.length > maxChannelNameBytes) {
        throw new RangeError(`a channel's name has 1-${maxChannelNameBytes} bytes, not ${name.length}`)
      }
      return writer.u8(frameType.channel).u16(frame.id).bytes(name).finish()
    }
    case "Credit":
      return writer.u8(frameType.credit).u16(frame.id).u32(frame.bytes).finish()
    case "Event":
      return writer.u8(frameType.event).bytes(frame.body).finish()
    case "Data":
      return writer.bytes(dataHead(frame.id, frame.more)).bytes(frame.bytes).finish()
  }
}

/** Reads a frame of a link. Never throws; bytes too many, unknown types, flags and numbers are malformed. */
export const decodeLinkFrame = (frame: Frame): Parsed<LinkFrame> => {
  const heartbeat = decodeHeartbeat(frame)
  return heartbeat === undefined ? decodeOther(frame) : { ok: true, value: heartbeat }
}

const decodeOther = (frame: Frame): Parsed<LinkFrame> =>
  parsing(() => {
    if (frame.length > maxLinkFrame) throw new MalformedError(`a frame of ${frame.length} bytes`)
    const reader = new ByteReader(frame)
    const decoded = decode(frame, reader)
    reader.end()
    return decoded
  })

const flag = (value: number): boolean => {
  if (value > 1) throw new MalformedError(`${value} is not a flag`)
  return value === 1
}

const oneOf = <A>(list: ReadonlyArray<A>, index: number): A => {
  const value = list[index]
  if (value === undefined) throw new MalformedError("a number without a meaning")
  return value
}

const decode = (frame: Frame, reader: ByteReader): LinkFrame => {
  const type = reader.u8()
  switch (type) {
    case frameType.data:
      return { _tag: "Data", id: reader.u16(), more: flag(reader.u8()), bytes: reader.bytes(reader.remaining) }
    case frameType.heartbeat:
      return { _tag: "Heartbeat", seq: reader.u32(), ackRequested: flag(reader.u8()), lastRecvAgeMs: reader.u32() }
    case frameType.heartbeatAck:
      return { _tag: "HeartbeatAck", seq: reader.u32() }
    case frameType.meta:
      return { _tag: "Meta", version: reader.u32(), metadata: readMetadata(reader) }
    case frameType.check:
      return { _tag: "Check", nonce: reader.u32(), instance: toHex(reader.bytes(16)) }
    case frameType.vouch:
      return { _tag: "Vouch", nonce: reader.u32(), verdict: oneOf(verdicts, reader.u8()), ageMs: reader.u32() }
    case frameType.peers: {
      const count = reader.u16()
      if (count > maxPeersPerFrame) throw new MalformedError(`PEERS has more than ${maxPeersPerFrame} entries`)
      const peers: Array<PeerEntry> = []
      for (let index = 0; index < count; index++) peers.push(readPeer(frame, reader))
      return { _tag: "Peers", peers }
    }
    case frameType.leave:
      return { _tag: "Leave", generation: reader.safeU64() }
    case frameType.goaway:
      return { _tag: "Goaway", reason: oneOf(goawayReasons, reader.u8() - 1) }
    case frameType.channel: {
      const id = reader.u16()
      if (reader.remaining === 0 || reader.remaining > maxChannelNameBytes) {
        throw new MalformedError(`a channel's name of ${reader.remaining} bytes`)
      }
      return { _tag: "Channel", id, name: reader.utf8(reader.remaining) }
    }
    case frameType.credit:
      return { _tag: "Credit", id: reader.u16(), bytes: reader.u32() }
    case frameType.event:
      return { _tag: "Event", body: reader.bytes(reader.remaining) }
    default:
      throw new MalformedError(`a frame of unknown type ${type}`)
  }
}
