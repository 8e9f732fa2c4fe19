import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { homedir } from "node:os"
import { ClusterError, CookieExposed, CookieUnreadable } from "../ClusterError.ts"
import type { LabelledKey } from "../Discovery.ts"
import { Entropy } from "../Entropy.ts"
import { toHex } from "../protocol/bytes.ts"
import type { KeyringEntry } from "../protocol/handshake.ts"
import { deriveKey, deriveKeys, deriveRoot, parseCookie, pskIdentity } from "../protocol/keys.ts"
import type { Psk } from "../Transport.ts"
import { createSecret, readSecret } from "./files.ts"
import { isRecord, kindOf, onlyKnown, show, wrong, wrongText } from "./optionValues.ts"

/** The label of a cookie that was given none. */
const defaultLabel = "k0"

const fail = (reason: ClusterError["reason"]): Effect.Effect<never, ClusterError> =>
  Effect.fail(new ClusterError({ reason }))

const expectedCookie = "a text, a Redacted text, or a list of one or two { label, cookie } with different labels"

const unset = "a text; is the environment variable that it comes from set?"

/** The text of a cookie. */
const textOf = (cookie: unknown): Effect.Effect<string, ClusterError> => {
  const value = Redacted.isRedacted(cookie) ? revealed(cookie) : cookie
  if (typeof value === "string" && value !== "") return Effect.succeed(value)
  const expected = value === undefined || value === null || value === "" ? unset : "a text, or a Redacted text"
  return wrongText("cookie", `${Redacted.isRedacted(cookie) ? "Redacted, " : ""}${kindOf(value)}`, expected)
}

/** One that was wiped has no value any more. */
const revealed = (redacted: Redacted.Redacted<unknown>): unknown => {
  try {
    return Redacted.value(redacted)
  } catch {
    return undefined
  }
}

/** The cookies with their labels, from the option or the file. */
export const cookieList = Effect.fnUntraced(function* (cookie: unknown, cookieFile: unknown) {
  if (cookie === undefined) return [{ label: defaultLabel, cookie: yield* cookieFromFile(cookieFile) }]
  if (typeof cookie === "string" || Redacted.isRedacted(cookie)) return [{ label: defaultLabel, cookie }]
  if (!Array.isArray(cookie)) return yield* wrongText("cookie", kindOf(cookie), expectedCookie)
  const list: ReadonlyArray<unknown> = cookie
  const labelled: Array<{ readonly label: string; readonly cookie: unknown }> = []
  for (const each of list) {
    if (!isRecord(each)) return yield* wrongText("cookie", `a list with ${kindOf(each)} in it`, expectedCookie)
    yield* onlyKnown("cookie.", each, ["label", "cookie"])
    const { cookie: secret, label } = each
    if (typeof label !== "string" || !/^[\x21-\x7e]{1,64}$/.test(label)) {
      return yield* wrongText("cookie", `labelled ${show(label)}`, "a label of 1-64 printable ASCII characters")
    }
    labelled.push({ label, cookie: secret })
  }
  if (list.length < 1 || list.length > 2 || new Set(labelled.map(({ label }) => label)).size !== list.length) {
    return yield* wrongText("cookie", `a list of ${list.length}`, "one cookie, or two with different labels")
  }
  return labelled
})

/** The keys of a node's cookies: dial with the first, accept each. */
export const loadKeyring = Effect.fnUntraced(function* (options: {
  readonly cluster: string
  readonly cookie: unknown
  readonly cookieFile: unknown
}) {
  const entries: Array<KeyringEntry> = []
  for (const { cookie, label } of yield* cookieList(options.cookie, options.cookieFile)) {
    const parsed = parseCookie(yield* textOf(cookie))
    if (!parsed.ok) {
      const expected = `"hex:" and 64 hexadecimal digits, or a passphrase of at least 16 characters (${parsed.reason})`
      return yield* wrongText("cookie", "<redacted>", expected)
    }
    const root = yield* Effect.promise(() => deriveRoot(parsed.value, options.cluster))
    entries.push({ label, keys: deriveKeys(root) })
  }
  return entries as ReadonlyArray<KeyringEntry>
})

const cookieFromFile = Effect.fnUntraced(function* (given: unknown) {
  if (given !== undefined && (typeof given !== "string" || given === "")) {
    return yield* wrong("cookieFile", given, "the path of a file")
  }
  const path = given ?? `${homedir()}/.gc.cookie`
  const entropy = yield* Entropy
  let file = readSecret(path)
  if (file._tag === "Missing" && given === undefined) {
    file = createSecret(path, `hex:${toHex(entropy.bytes(32))}`, toHex(entropy.bytes(8)))
    if (file._tag === "Read")
      yield* Effect.logInfo(`made the cookie file ${path}: nodes that share its content connect`)
  }
  switch (file._tag) {
    case "Read":
      return Redacted.make(file.text)
    case "Exposed":
      return yield* fail(new CookieExposed({ path, mode: file.mode }))
    case "Missing":
      return yield* fail(new CookieUnreadable({ path, detail: "it does not exist" }))
    case "Failed":
      return yield* fail(new CookieUnreadable({ path, detail: file.detail }))
  }
})

/** The pre-shared keys for the transport. */
export const psksOf = (cluster: string, keyring: ReadonlyArray<KeyringEntry>): ReadonlyArray<Psk> =>
  keyring.map(({ keys, label }) => ({ identity: pskIdentity(cluster, label), key: Redacted.make(keys.psk) }))

/**
 * Keys for discovery sources, from each cookie: `udp` is the one of GC/1 section 2, any other purpose gets one of its own.
 */
export const keysFor =
  (keyring: ReadonlyArray<KeyringEntry>) =>
  (purpose: string): ReadonlyArray<LabelledKey> =>
    keyring.map(({ keys, label }) => ({
      label,
      key: Redacted.make(purpose === "udp" ? keys.udp : deriveKey(keys.root, `gch1 discovery ${purpose}`))
    }))
