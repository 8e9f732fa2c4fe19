import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto"
import { constantTimeEqual, toHex } from "./bytes.ts"
import type { RejectCode } from "./decisions.ts"
import { type Frame, maxHandshakeFrame, updateWithFrame } from "./frames.ts"
import { encodeReject, macLength, type Mode } from "./handshakeFrames.ts"
import type { Identity } from "./identity.ts"
import { hkdf, keyLength, type Keys } from "./keys.ts"

/** What both sides of a handshake must know before it begins (GC/1 section 2). */
export interface HandshakeConfig {
  /** The cluster's name, in normal form C. */
  readonly cluster: string
  /** How the stream is secured. The handshake fails unless both sides were set to the same mode. */
  readonly mode: Mode
  /** 32 bytes: zeros exactly in mode 0, otherwise the TLS exporter `EXPORTER-Channel-Binding` (empty context). */
  readonly channelBinding: Uint8Array
  /** One or two cookies' keys by label, labels distinct. A node dials with the first and accepts each. */
  readonly keyring: ReadonlyArray<KeyringEntry>
}

/** The keys of one cookie and the label that HELLO names them by. */
export interface KeyringEntry {
  /** At most 255 characters of printable ASCII; empty under mTLS without a cookie. */
  readonly label: string
  readonly keys: Keys
}

/** This node ends the handshake. Close the stream, after sending `reject` when there is one. */
export interface Failed {
  readonly _tag: "Failed"
  readonly code: RejectCode
  /** A sentence for the log; nothing secret is in it. */
  readonly reason: string
  readonly reject?: Frame
}

/** The authenticated peer's verdict, or a dialer's in READY: close the stream. */
export interface Refused {
  readonly _tag: "Refused"
  readonly peer: Identity
  /** One of `codes`, or a number that a later version added. */
  readonly code: number
  readonly retryAfterMs: number
  /** With `stale_incarnation`: the generation of our name that the peer knows. */
  readonly knownGeneration?: number
}

/** Throws a `RangeError` when a configuration cannot be meant: it is the shell's mistake, never the peer's. */
export const assertConfig = (config: HandshakeConfig): void => {
  const { channelBinding, keyring, mode } = config
  if (channelBinding.length !== keyLength) throw new RangeError(`a channel binding has ${keyLength} bytes`)
  if (channelBinding.every((byte) => byte === 0) !== (mode === 0)) {
    throw new RangeError("a channel binding is all zeros exactly in mode 0")
  }
  const labels = new Set(keyring.map((entry) => entry.label))
  if (keyring.length < 1 || keyring.length > 2 || labels.size !== keyring.length) {
    throw new RangeError("a keyring has one or two entries with different labels")
  }
}

/** Throws a `RangeError` on a nonce that is not 32 bytes long. */
export const assertNonce = (nonce: Uint8Array): void => {
  if (nonce.length !== keyLength) throw new RangeError(`a nonce has ${keyLength} bytes`)
}

/** TH2 = H(H(HELLO) ‖ CHALLENGE ‖ CB). */
export const hashChallenge = (helloHash: Uint8Array, challenge: Frame, channelBinding: Uint8Array): Uint8Array =>
  updateWithFrame(createHash("sha256").update(helloHash), challenge).update(channelBinding).digest()

/** TH3 = H(TH2 ‖ AUTH), TH4 = H(TH3 ‖ WELCOME). */
export const hashNext = (previous: Uint8Array, frame: Frame): Uint8Array =>
  updateWithFrame(createHash("sha256").update(previous), frame).digest()

/** What each MAC begins with. */
export type MacPurpose = "gch1 auth" | "gch1 welcome" | "gch1 ready"

const secrets = new WeakMap<Uint8Array, KeyObject>()

/** A key as `createHmac` takes it at once: of bytes it makes one anew each time, which takes twice as long as the MAC. */
const secretOf = (key: Uint8Array): KeyObject => {
  const known = secrets.get(key)
  if (known !== undefined) return known
  const secret = createSecretKey(key)
  secrets.set(key, secret)
  return secret
}

const mac = (key: Uint8Array, purpose: MacPurpose, transcript: Uint8Array, frame: Frame): Uint8Array =>
  updateWithFrame(createHmac("sha256", secretOf(key)).update(purpose).update(transcript), frame, macLength).digest()

/** Writes the MAC into the last 32 bytes of a frame of ours, in place. */
export const seal = (key: Uint8Array, purpose: MacPurpose, transcript: Uint8Array, frame: Frame): Frame => {
  frame.set(mac(key, purpose, transcript, frame), frame.length - macLength)
  return frame
}

/** Whether the last 32 bytes of a frame are its MAC; compared in constant time. */
export const isSealed = (key: Uint8Array, purpose: MacPurpose, transcript: Uint8Array, frame: Frame): boolean =>
  frame.length > macLength &&
  constantTimeEqual(mac(key, purpose, transcript, frame), frame.subarray(frame.length - macLength))

/** The connection's id, the same on both sides: HKDF(K_root, salt TH4, `gch1 conn-id`, 16) as 32 hexadecimal digits. */
export const connectionId = (keys: Keys, transcript: Uint8Array): string =>
  toHex(hkdf(keys.root, transcript, "gch1 conn-id", 16))

/** Fails a handshake without a word to the peer. */
export const failed = (code: RejectCode, reason: string): Failed => ({ _tag: "Failed", code, reason })

/** Fails a handshake and tells the peer, unauthenticated. */
export const rejecting = (code: RejectCode, reason: string): Failed => ({
  _tag: "Failed",
  code,
  reason,
  reject: encodeReject({ code, retryAfterMs: 0 })
})

/** Why a frame cannot be the one of this type that is due, if so. */
export const frameProblem = (frame: Frame, type: number): string | undefined => {
  if (frame.length > maxHandshakeFrame) return `a handshake frame of ${frame.length} bytes`
  return frame[0] === type ? undefined : `a frame of type ${frame[0]} where ${type} was due`
}
