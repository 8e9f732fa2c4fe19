import { createHash, hkdfSync, scrypt } from "node:crypto"
import { concat, fromHex, isWellFormed, type Parsed, parsed, refused, toHex, utf8 } from "./bytes.ts"

/** The keys of a cluster, 32 bytes each (GC/1 section 2). */
export interface Keys {
  readonly root: Uint8Array
  /** Proves the dialing side in AUTH. */
  readonly initiator: Uint8Array
  /** Proves the accepting side in WELCOME. */
  readonly responder: Uint8Array
  /** Confirms in READY. */
  readonly ready: Uint8Array
  /** The pre-shared key of TLS. */
  readonly psk: Uint8Array
  /** Where the keys of beacons come from. */
  readonly udp: Uint8Array
}

/** A cookie as it was written: 32 raw bytes, or a passphrase in normal form C. */
export type Cookie =
  | { readonly _tag: "Raw"; readonly bytes: Uint8Array }
  | { readonly _tag: "Passphrase"; readonly text: string }

/** The fewest characters of a passphrase. */
export const minPassphraseLength = 16

/** The length of every key, nonce, hash and channel binding, in bytes. */
export const keyLength = 32

const scryptOptions = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/**
 * Parses a cookie: `hex:` and 64 hexadecimal digits, or a passphrase of at least 16 characters. A text that begins with
 * `hex:` is never taken for a passphrase: one digit too few would silently be another key. A reason never quotes the cookie.
 */
export const parseCookie = (text: string): Parsed<Cookie> => {
  if (text.startsWith("hex:")) {
    const bytes = fromHex(text.slice(4))
    return bytes?.length === keyLength
      ? parsed({ _tag: "Raw", bytes })
      : refused('a cookie that begins with "hex:" goes on with exactly 64 hexadecimal digits')
  }
  if (!isWellFormed(text)) return refused("a cookie must be well-formed Unicode")
  const passphrase = text.normalize("NFC")
  const length = Array.from(passphrase).length
  return length < minPassphraseLength
    ? refused(
        `a cookie is "hex:" and 64 hexadecimal digits, or at least ${minPassphraseLength} characters, not ${length}`
      )
    : parsed({ _tag: "Passphrase", text: passphrase })
}

/** HKDF-SHA256 (RFC 5869). */
export const hkdf = (key: Uint8Array, salt: Uint8Array, info: string, length = keyLength): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, salt, info, length))

/** `K_root` of a cookie in a cluster. A passphrase costs 32 MiB and some 100 ms off the main thread: derive once, at start. */
export const deriveRoot = (cookie: Cookie, cluster: string): Promise<Uint8Array> => {
  const salt = concat(utf8("gch1 root\0"), utf8(cluster))
  if (cookie._tag === "Raw") return Promise.resolve(hkdf(cookie.bytes, salt, ""))
  return new Promise((resolve, reject) => {
    scrypt(utf8(cookie.text), salt, keyLength, scryptOptions, (error, root) => {
      if (error === null) resolve(new Uint8Array(root))
      else reject(error)
    })
  })
}

/** One more key from `K_root`, for a purpose of its own. */
export const deriveKey = (root: Uint8Array, info: string): Uint8Array => hkdf(root, new Uint8Array(0), info)

/**
 * All keys from `K_root`. Under mTLS without a cookie, `K_root` is the TLS exporter's 32 bytes (`EXPORTER-gch1-key`, empty
 * context), so the keys are those of one connection.
 */
export const deriveKeys = (root: Uint8Array): Keys => {
  if (root.length !== keyLength) throw new RangeError(`a root key has ${keyLength} bytes, not ${root.length}`)
  return {
    root,
    initiator: deriveKey(root, "gch1 i->r auth"),
    responder: deriveKey(root, "gch1 r->i auth"),
    ready: deriveKey(root, "gch1 ready"),
    psk: deriveKey(root, "gch1 tls-psk"),
    udp: deriveKey(root, "gch1 udp")
  }
}

/** The 8 bytes by which HELLO and beacons name a cluster without telling its name. */
export const clusterTag = (cluster: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update("gch1-cluster\0").update(utf8(cluster)).digest().subarray(0, 8))

/** The PSK identity of TLS: `gc1:` + hex(clusterTag) + `:` + label (GC/1 section 3). */
export const pskIdentity = (cluster: string, label: string): string => `gc1:${toHex(clusterTag(cluster))}:${label}`
