import { hkdfSync, scryptSync } from "node:crypto"
import { inspect } from "node:util"

const hkdf = (key: Uint8Array, salt: string, info: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, 32))

const purposes = ["i->r auth", "r->i auth", "ready", "tls-psk", "udp", "discovery beacon"]

/** A cookie's bytes and everything that GC/1 section 2 derives from them for the cluster `orders`. */
export const secretsOf = (cookie: string): ReadonlyArray<Uint8Array> => {
  const salt = "gch1 root\0orders"
  const hex = cookie.startsWith("hex:")
  const bytes = hex ? Buffer.from(cookie.slice(4), "hex") : Buffer.from(cookie.normalize("NFC"))
  const root = hex
    ? hkdf(bytes, salt, "")
    : scryptSync(bytes, salt, 32, { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_024 * 1_024 })
  return [bytes, root, ...purposes.map((purpose) => hkdf(root, "", `gch1 ${purpose}`))]
}

/** Every way in which these bytes may stand in a text without blanks. */
const forms = (secret: Uint8Array): ReadonlyArray<string> => {
  const bytes = Buffer.from(secret)
  const texts = (["latin1", "utf8", "hex", "base64", "base64url"] as const).map((encoding) => bytes.toString(encoding))
  const hex = bytes.toString("hex")
  return [
    ...texts,
    hex.toUpperCase(),
    hex.replaceAll(/(..)(?=.)/g, "$1:"),
    hex.replaceAll(/(..)(?=.)/g, "$1,"),
    bytes.join()
  ]
    .map((text) => text.replaceAll(/\s/g, ""))
    .map((text) => text.replace(/=+$/, ""))
}

/** The forms of secrets that a text holds. */
export const found = (text: string, secrets: ReadonlyArray<Uint8Array>): ReadonlyArray<string> => {
  const dense = text.replaceAll(/\s/g, "")
  return secrets.flatMap(forms).filter((form) => dense.includes(form))
}

/** Every text that a program or a terminal may make of a value. */
export const texts = (value: unknown): string =>
  [
    String(value),
    value instanceof Error ? `${value.message} ${value.stack}` : "",
    JSON.stringify(value),
    inspect(value, { depth: Infinity, showHidden: true, maxArrayLength: Infinity, maxStringLength: Infinity }),
    inspect(value)
  ].join("\n")
