import { ByteReader, ByteWriter, MalformedError, type Parsed, parsing, utf8 } from "./bytes.ts"
import { isRejectCode, maxRejectDelayMs, type RejectCode } from "./decisions.ts"
import { type Frame, frameType, maxHandshakeFrame } from "./frames.ts"
import { keyLength } from "./keys.ts"

/** How the stream under a handshake is secured: 0 plain, 1 TLS with a pre-shared key, 2 mutual TLS (GC/1 sections 2 and 3). */
export type Mode = 0 | 1 | 2

/** The protocol's version that this code speaks. */
export const protocolVersion = 1

/** The one suite: HMAC-SHA256. */
export const suiteHmacSha256 = 1

/** The bytes of a MAC at the end of AUTH, WELCOME and READY. */
export const macLength = 32

const magic = 0x47434831

/** `0x01 · "GCH1" · verMin u8 · verMax u8 · mode u8 · n u8, suites · clusterTag 8 · length u8, label · Ni 32` */
export interface Hello {
  readonly verMin: number
  readonly verMax: number
  readonly mode: number
  readonly suites: ReadonlyArray<number>
  readonly clusterTag: Uint8Array
  readonly label: string
  readonly nonce: Uint8Array
}

/** `0x02 · ver u8 · suite u8 · mode u8 · Nr 32` */
export interface Challenge {
  readonly version: number
  readonly suite: number
  readonly mode: number
  readonly nonce: Uint8Array
}

/** `0x03 · length u16, identity`, before its MAC. */
export interface Auth {
  readonly identity: Uint8Array
}

/** `0x04 · length u16, identity · decision u16 · retryAfterMs u32`, before its MAC. */
export interface Welcome {
  readonly identity: Uint8Array
  readonly decision: number
  readonly retryAfterMs: number
}

/** `0x05 · decision u16 · retryAfterMs u32 · knownGeneration u64`, before its MAC; 0 when no generation is meant. */
export interface Ready {
  readonly decision: number
  readonly retryAfterMs: number
  readonly knownGeneration: number
}

/** `0x7F · code u16 · retryAfterMs u32`: unauthenticated, from the responder only. */
export interface Reject {
  readonly code: RejectCode
  readonly retryAfterMs: number
}

const bounded = (writer: ByteWriter): Frame => {
  if (writer.length > maxHandshakeFrame) throw new RangeError(`a handshake frame of ${writer.length} bytes`)
  return writer.finish()
}

/** HELLO as a frame. */
export const encodeHello = (hello: Hello): Frame => {
  const writer = new ByteWriter(128).u8(frameType.hello).u32(magic).u8(hello.verMin).u8(hello.verMax).u8(hello.mode)
  writer.bytes8(Uint8Array.from(hello.suites)).bytes(hello.clusterTag).bytes8(utf8(hello.label)).bytes(hello.nonce)
  return bounded(writer)
}

/** CHALLENGE as a frame. */
export const encodeChallenge = (challenge: Challenge): Frame => {
  const writer = new ByteWriter(64).u8(frameType.challenge).u8(challenge.version).u8(challenge.suite).u8(challenge.mode)
  return bounded(writer.bytes(challenge.nonce))
}

const room = new Uint8Array(macLength)

/** AUTH as a frame whose MAC is still zero. */
export const encodeAuth = (auth: Auth): Frame =>
  bounded(new ByteWriter(512).u8(frameType.auth).bytes16(auth.identity).bytes(room))

/** WELCOME as a frame whose MAC is still zero. */
export const encodeWelcome = (welcome: Welcome): Frame => {
  const writer = new ByteWriter(512).u8(frameType.welcome).bytes16(welcome.identity)
  return bounded(writer.u16(welcome.decision).u32(welcome.retryAfterMs).bytes(room))
}

/** READY as a frame whose MAC is still zero. */
export const encodeReady = (ready: Ready): Frame => {
  const writer = new ByteWriter(64).u8(frameType.ready).u16(ready.decision).u32(ready.retryAfterMs)
  return bounded(writer.u64(BigInt(ready.knownGeneration)).bytes(room))
}

/** REJECT as a frame. */
export const encodeReject = (reject: Reject): Frame =>
  bounded(new ByteWriter(7).u8(frameType.reject).u16(reject.code).u32(reject.retryAfterMs))

const decoding = <A>(frame: Frame, type: number, read: (reader: ByteReader) => A): Parsed<A> =>
  parsing(() => {
    if (frame.length > maxHandshakeFrame) throw new MalformedError(`a handshake frame of ${frame.length} bytes`)
    const reader = new ByteReader(frame)
    const found = reader.u8()
    if (found !== type) throw new MalformedError(`a frame of type ${found} where ${type} was due`)
    const value = read(reader)
    reader.end()
    return value
  })

/** The versions of a HELLO, which every version of it begins with; the rest may look different in a later one. */
export const decodeHelloVersions = (frame: Frame): Parsed<Pick<Hello, "verMin" | "verMax">> =>
  decoding(frame, frameType.hello, (reader) => {
    if (reader.u32() !== magic) throw new MalformedError("HELLO does not begin with GCH1")
    const verMin = reader.u8()
    const verMax = reader.u8()
    if (verMin > verMax) throw new MalformedError("HELLO offers no version")
    reader.bytes(reader.remaining)
    return { verMin, verMax }
  })

/** Reads HELLO. The mode, the suites, the cluster and the label are judged by the responder. */
export const decodeHello = (frame: Frame): Parsed<Hello> =>
  decoding(frame, frameType.hello, (reader) => {
    reader.u32()
    const verMin = reader.u8()
    const verMax = reader.u8()
    const mode = reader.u8()
    const suites = [...reader.bytes(reader.u8())]
    const tag = reader.bytes(8)
    const label = reader.ascii(reader.u8())
    return { verMin, verMax, mode, suites, clusterTag: tag, label, nonce: reader.bytes(keyLength) }
  })

/** Reads CHALLENGE. Its choices are judged by the initiator. */
export const decodeChallenge = (frame: Frame): Parsed<Challenge> =>
  decoding(frame, frameType.challenge, (reader) => ({
    version: reader.u8(),
    suite: reader.u8(),
    mode: reader.u8(),
    nonce: reader.bytes(keyLength)
  }))

const skipMac = <A>(reader: ByteReader, value: A): A => {
  reader.bytes(macLength)
  return value
}

/** Reads AUTH, whose MAC was verified before. */
export const decodeAuth = (frame: Frame): Parsed<Auth> =>
  decoding(frame, frameType.auth, (reader) => skipMac(reader, { identity: reader.bytes(reader.u16()) }))

/** Reads WELCOME, whose MAC was verified before. */
export const decodeWelcome = (frame: Frame): Parsed<Welcome> =>
  decoding(frame, frameType.welcome, (reader) =>
    skipMac(reader, { identity: reader.bytes(reader.u16()), decision: reader.u16(), retryAfterMs: reader.u32() })
  )

/** Reads READY, whose MAC was verified before. */
export const decodeReady = (frame: Frame): Parsed<Ready> =>
  decoding(frame, frameType.ready, (reader) =>
    skipMac(reader, { decision: reader.u16(), retryAfterMs: reader.u32(), knownGeneration: reader.safeU64() })
  )

/** Reads REJECT. Its delay is cut to 30 s: an unauthenticated word can do no more. */
export const decodeReject = (frame: Frame): Parsed<Reject> =>
  decoding(frame, frameType.reject, (reader) => {
    const code = reader.u16()
    if (!isRejectCode(code)) throw new MalformedError(`REJECT with code ${code}`)
    return { code, retryAfterMs: Math.min(reader.u32(), maxRejectDelayMs) }
  })
