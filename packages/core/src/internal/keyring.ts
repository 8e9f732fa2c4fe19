import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { homedir } from "node:os"
import type { Cookie, LabelledCookie } from "../Cluster.ts"
import { ClusterError, CookieExposed, CookieUnreadable, OptionInvalid } from "../ClusterError.ts"
import { Entropy } from "../Entropy.ts"
import { toHex } from "../protocol/bytes.ts"
import type { KeyringEntry } from "../protocol/handshake.ts"
import { deriveKey, deriveKeys, deriveRoot, parseCookie, pskIdentity } from "../protocol/keys.ts"
import type { Psk } from "../Transport.ts"
import { createSecret, readSecret } from "./files.ts"

/** The label of a cookie that was given none. */
const defaultLabel = "k0"

const fail = (reason: ClusterError["reason"]): Effect.Effect<never, ClusterError> =>
  Effect.fail(new ClusterError({ reason }))

const wrong = (key: string, value: string, expected: string): Effect.Effect<never, ClusterError> =>
  fail(new OptionInvalid({ key, value, expected }))

/** The keys of a node's cookies: dial with the first, accept each. */
export const loadKeyring = Effect.fnUntraced(function* (options: {
  readonly cluster: string
  readonly cookie: Cookie | undefined
  readonly cookieFile: string | undefined
}) {
  const cookies =
    options.cookie === undefined
      ? [{ label: defaultLabel, cookie: yield* cookieFromFile(options.cookieFile) }]
      : typeof options.cookie === "string" || Redacted.isRedacted(options.cookie)
        ? [{ label: defaultLabel, cookie: options.cookie as string | Redacted.Redacted<string> }]
        : (options.cookie as ReadonlyArray<LabelledCookie>)
  const labels = new Set(cookies.map((each) => each.label))
  if (cookies.length < 1 || cookies.length > 2 || labels.size !== cookies.length) {
    return yield* wrong("cookie", `a list of ${cookies.length}`, "one cookie, or two with different labels")
  }
  const entries: Array<KeyringEntry> = []
  for (const { cookie, label } of cookies) {
    if (!/^[\x21-\x7e]{1,64}$/.test(label)) {
      return yield* wrong("cookie", `labelled ${JSON.stringify(label)}`, "a label of 1-64 printable ASCII characters")
    }
    const parsed = parseCookie(typeof cookie === "string" ? cookie : Redacted.value(cookie))
    if (!parsed.ok) return yield* wrong("cookie", "<redacted>", parsed.reason)
    const root = yield* Effect.promise(() => deriveRoot(parsed.value, options.cluster))
    entries.push({ label, keys: deriveKeys(root) })
  }
  return entries as ReadonlyArray<KeyringEntry>
})

const cookieFromFile = Effect.fnUntraced(function* (given: string | undefined) {
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

/** Keys for discovery sources: `udp` is the one of GC/1 section 2, any other purpose gets one of its own. */
export const keyFor =
  (keyring: ReadonlyArray<KeyringEntry>) =>
  (purpose: string): Option.Option<Redacted.Redacted<Uint8Array>> =>
    Option.map(Option.fromUndefinedOr(keyring[0]), ({ keys }) =>
      Redacted.make(purpose === "udp" ? keys.udp : deriveKey(keys.root, `gch1 discovery ${purpose}`))
    )
