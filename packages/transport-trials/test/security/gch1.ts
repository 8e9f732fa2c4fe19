/**
 * GCH/1 as somebody else writes it: out of the protocol's text and `node:crypto`, with none of gc's own code, so that an
 * attacker can say what gc never would. All frames are as on the wire, length prefix included.
 */
import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto"

/** Keys of a cookie in a cluster. */
export interface Secrets {
  readonly dialer: Buffer
  readonly acceptor: Buffer
  readonly ready: Buffer
  readonly psk: Buffer
}

const hkdf = (key: Uint8Array, salt: string, info: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, Buffer.from(salt), info, 32))

const keysOf = (root: Uint8Array): Secrets => ({
  dialer: hkdf(root, "", "gch1 i->r auth"),
  acceptor: hkdf(root, "", "gch1 r->i auth"),
  ready: hkdf(root, "", "gch1 ready"),
  psk: hkdf(root, "", "gch1 tls-psk")
})

/** Keys of `hex:` and 64 digits. */
export const secretsOf = (cookie: string, cluster: string): Secrets =>
  keysOf(hkdf(Buffer.from(cookie.slice(4), "hex"), `gch1 root\0${cluster}`, ""))

const sha256 = (...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The 8 bytes that name a cluster. */
const tagOf = (cluster: string): Buffer => sha256(Buffer.from(`gch1-cluster\0${cluster}`)).subarray(0, 8)

/** How TLS names the key of a cookie without a label. */
export const pskIdentityOf = (cluster: string): string => `gc1:${tagOf(cluster).toString("hex")}:k0`

/** A number in so many bytes, big-endian. */
export const int = (bytes: number, value: number | bigint): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer.subarray(8 - bytes)
}

/** `length u32 | type u8 | body` */
export const frame = (type: number, ...body: ReadonlyArray<Uint8Array>): Buffer => {
  const bytes = Buffer.concat(body)
  return Buffer.concat([int(4, 1 + bytes.length), int(1, type), bytes])
}

/** The frame with its MAC, which covers the length that it has with it. */
const sealed = (key: Buffer, purpose: string, transcript: Buffer, type: number, ...body: ReadonlyArray<Uint8Array>) => {
  const whole = frame(type, ...body, Buffer.alloc(32))
  const bare = whole.subarray(0, -32)
  createHmac("sha256", key).update(purpose).update(transcript).update(bare).digest().copy(whole, bare.length)
  return whole
}

/** One field of an identity: type u8, length u16, value. */
export const field = (type: number, value: Uint8Array): Buffer =>
  Buffer.concat([int(1, type), int(2, value.length), value])

/** The fields that an identity must have, by their numbers; `changes` replace, add, or leave out. */
export const identity = (
  { cluster, instance = randomBytes(16), name }: { cluster: string; name: string; instance?: Uint8Array },
  changes: Readonly<Record<number, Uint8Array | undefined>> = {}
): Buffer => {
  const fields: Record<number, Uint8Array | undefined> = {
    1: Buffer.from(name),
    2: instance,
    3: int(8, Date.now()),
    4: int(4, 0),
    5: Buffer.from(cluster),
    7: int(8, 0),
    ...changes
  }
  const present = Object.entries(fields).flatMap(([type, value]) => (value ? [field(Number(type), value)] : []))
  return Buffer.concat(present)
}

/** What both sides of a handshake hold. */
export interface Party {
  readonly secrets: Secrets
  readonly cluster: string
  readonly mode: 0 | 1 | 2
  readonly binding: Uint8Array
  readonly label?: string
  /** The record of fields. */
  readonly identity: Uint8Array
}

/** HELLO. */
export const helloOf = ({ cluster, label = "k0", mode }: Party, nonce: Uint8Array = randomBytes(32)): Buffer =>
  frame(
    1,
    Buffer.from("GCH1"),
    Buffer.of(1, 1, mode, 1, 1),
    tagOf(cluster),
    int(1, label.length),
    Buffer.from(label),
    nonce
  )

/** CHALLENGE. */
export const challengeOf = ({ mode }: Pick<Party, "mode">, nonce: Uint8Array = randomBytes(32)): Buffer =>
  frame(2, Buffer.of(1, 1, mode), nonce)

/** The transcript's hashes. */
export const hash2 = (hello: Buffer, challenge: Buffer, { binding }: Party): Buffer =>
  sha256(sha256(hello), challenge, binding)

/** The transcript's hash with one frame more. */
export const hashOn = (before: Buffer, next: Buffer): Buffer => sha256(before, next)

/** AUTH. */
export const authOf = ({ identity, secrets }: Party, th2: Buffer): Buffer =>
  sealed(secrets.dialer, "gch1 auth", th2, 3, int(2, identity.length), identity)

/** WELCOME that lets in. */
export const welcomeOf = ({ identity, secrets }: Party, th3: Buffer): Buffer =>
  sealed(secrets.acceptor, "gch1 welcome", th3, 4, int(2, identity.length), identity, int(2, 0), int(4, 0))

/** READY that agrees. */
export const readyOf = ({ secrets }: Party, th4: Buffer): Buffer =>
  sealed(secrets.ready, "gch1 ready", th4, 5, int(2, 0), int(4, 0), int(8, 0))

/** META: one entry for each, in the order given; what is no key is not left out. */
export const metaOf = (entries: ReadonlyArray<readonly [key: string, value: string]> = []): Buffer =>
  frame(
    0x10,
    int(4, 1),
    int(2, entries.length),
    ...entries.flatMap(([key, value]) => [
      int(1, Buffer.byteLength(key)),
      Buffer.from(key),
      int(2, Buffer.byteLength(value)),
      Buffer.from(value)
    ])
  )

/** The type of a frame on the wire. */
export const typeOf = (wire: Uint8Array | undefined): number | undefined => wire?.[4]
