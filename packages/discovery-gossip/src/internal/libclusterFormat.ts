import * as NodeName from "@gc/core/NodeName"
import * as Result from "effect/Result"
import { createCipheriv, createDecipheriv, createHash } from "node:crypto"
import { type Format, maxCandidates, type Said } from "./format.ts"

const prelude = new TextEncoder().encode("heartbeat::")
const latin1 = new TextDecoder("latin1")
const utf8 = new TextDecoder("utf-8", { fatal: true })

/** The largest packet that is looked at: a heartbeat has at most 280 bytes, and somebody's may carry more behind it. */
const maxBytes = 1_200

const version = 131
const mapTag = 116
const atomTag = 100

/** `#{node => 'name@host'}` in Erlang's external term format, with the atoms of OTP 25 and before, which every one reads. @internal */
export const encodeHeartbeat = (name: string): Uint8Array => {
  const atom = (text: string): ReadonlyArray<number> => [
    atomTag,
    text.length >> 8,
    text.length & 255,
    ...new TextEncoder().encode(text)
  ]
  return Uint8Array.from([...prelude, version, mapTag, 0, 0, 0, 1, ...atom("node"), ...atom(name)])
}

interface Atom {
  readonly text: string
  readonly end: number
}

/** ATOM_EXT, SMALL_ATOM_EXT (latin1), ATOM_UTF8_EXT and SMALL_ATOM_UTF8_EXT. */
const readAtom = (bytes: Uint8Array, at: number): Atom | undefined => {
  const tag = bytes[at]
  const isLong = tag === 100 || tag === 118
  if (!isLong && tag !== 115 && tag !== 119) return undefined
  const begin = at + (isLong ? 3 : 2)
  const length = isLong ? ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0) : (bytes[at + 1] ?? 0)
  const end = begin + length
  if (end > bytes.length) return undefined
  try {
    return { text: (tag === 100 || tag === 115 ? latin1 : utf8).decode(bytes.subarray(begin, end)), end }
  } catch {
    return undefined
  }
}

/**
 * The atom of a heartbeat's one shape of term: a map of one pair whose key is `node`. What stands behind it does not count, as
 * it does not for the BEAM. `undefined` for everything else, of which nothing is decoded.
 *
 * @internal
 */
export const decodeHeartbeat = (bytes: Uint8Array): string | undefined => {
  if (bytes.length > maxBytes || !prelude.every((byte, index) => bytes[index] === byte)) return undefined
  const at = prelude.length
  const header = [version, mapTag, 0, 0, 0, 1]
  if (!header.every((byte, index) => bytes[at + index] === byte)) return undefined
  const key = readAtom(bytes, at + header.length)
  return key?.text === "node" ? readAtom(bytes, key.end)?.text : undefined
}

const keyOf = (secret: string): Uint8Array => createHash("sha256").update(secret, "utf8").digest()

/** As version 3 of libcluster does it: IV, then AES-256-CBC with PKCS#7. @internal */
export const encrypt = (plain: Uint8Array, secret: string, iv: Uint8Array): Uint8Array => {
  const cipher = createCipheriv("aes-256-cbc", keyOf(secret), iv)
  return Buffer.concat([iv, cipher.update(plain), cipher.final()])
}

/** @internal */
export const decrypt = (bytes: Uint8Array, secret: string): Uint8Array | undefined => {
  if (bytes.length < 32 || bytes.length % 16 !== 0 || bytes.length > maxBytes) return undefined
  try {
    const decipher = createDecipheriv("aes-256-cbc", keyOf(secret), bytes.subarray(0, 16))
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Heartbeats of libcluster's Gossip strategy: names, without addresses and without proof. @internal */
export const libclusterFormat = (
  self: string,
  secret: string | undefined,
  bytes: (length: number) => Uint8Array
): Format => {
  const heartbeat = encodeHeartbeat(self)
  return {
    capacity: maxCandidates,
    encode: () => (secret === undefined ? heartbeat : encrypt(heartbeat, secret, bytes(16))),
    decode: (packet): Said => {
      const plain = secret === undefined ? packet : decrypt(packet, secret)
      if (plain === undefined) return { _tag: "Junk", reason: "secret" }
      const text = decodeHeartbeat(plain)
      if (text === undefined) return { _tag: "Junk", reason: "shape" }
      if (text === self) return { _tag: "Own" }
      const name = NodeName.parse(text)
      if (Result.isFailure(name)) return { _tag: "Junk", reason: "name", notice: foreign(name.failure) }
      return { _tag: "Peer", key: text, peers: [{ name: name.success }], generation: 0, isAuthentic: false }
    }
  }
}

const foreign = (reason: string) => ({
  about: "name",
  text: `a heartbeat has a name that no node of gc can have (${reason.slice(0, 300)}); such names are counted only`
})
