import { assert, describe, it } from "@effect/vitest"
import { toHex } from "../../src/protocol/bytes.ts"
import {
  clusterTag,
  type Cookie,
  deriveKey,
  deriveKeys,
  deriveRoot,
  parseCookie,
  pskIdentity
} from "../../src/protocol/keys.ts"
import { handshakeVectors } from "../vectors/gch1.ts"

const cookie = (text: string): Cookie => {
  const result = parseCookie(text)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

describe("cookies", () => {
  it("are 32 raw bytes behind hex:", () => {
    assert.deepStrictEqual(cookie(`hex:${"aB".repeat(32)}`), { _tag: "Raw", bytes: new Uint8Array(32).fill(0xab) })
  })

  it("are otherwise passphrases of at least 16 characters in normal form C", () => {
    assert.deepStrictEqual(cookie("pa\u0308sswo\u0308rd-pass-12"), {
      _tag: "Passphrase",
      text: "p\u00e4ssw\u00f6rd-pass-12"
    })
    assert.isTrue(parseCookie("😀".repeat(16)).ok)
  })

  it.for(["", "short", "x".repeat(15), "😀".repeat(15), "a\u0308".repeat(15), `${"x".repeat(16)}\ud800`])(
    "%j is refused",
    (text) => {
      assert.isFalse(parseCookie(text).ok)
    }
  )

  it.for([62, 63, 65, 66, 0])("hex: with %i digits is refused, not taken for a passphrase", (digits) => {
    assert.isFalse(parseCookie(`hex:${"a".repeat(digits)}`).ok)
  })

  it("are never quoted in a reason", () => {
    for (const text of ["secret-secret", `hex:${"5ec2e7".repeat(5)}`, "hex:secret-secret-secret"]) {
      const result = parseCookie(text)
      assert.isFalse(result.ok)
      assert.notInclude(result.ok ? "" : result.reason, text.slice(4, 10))
    }
  })
})

describe("keys", () => {
  it.for(handshakeVectors)("are those of the vector: $what", async (vector) => {
    const keys = deriveKeys(await deriveRoot(cookie(vector.cookie), vector.cluster))
    const derived = {
      K_root: toHex(keys.root),
      K_i: toHex(keys.initiator),
      K_r: toHex(keys.responder),
      K_ready: toHex(keys.ready),
      K_psk: toHex(keys.psk),
      K_udp: toHex(keys.udp),
      pskIdentity: pskIdentity(vector.cluster, vector.label)
    }
    for (const [key, value] of Object.entries(derived)) assert.strictEqual(value, vector.expect[key], key)
  })

  it("of a passphrase do not depend on its Unicode normal form", async () => {
    const text = "pässwörd of the cluster"
    const vector = handshakeVectors.find((candidate) => candidate.cookie.normalize("NFC") === text)
    const roots = await Promise.all(
      ["NFC", "NFD"].map((form) => deriveRoot(cookie(text.normalize(form)), vector?.cluster ?? ""))
    )
    for (const root of roots) assert.strictEqual(toHex(root), vector?.expect["K_root"])
  })

  it("differ between clusters with one cookie", async () => {
    const raw = cookie(`hex:${"00".repeat(32)}`)
    assert.notStrictEqual(toHex(await deriveRoot(raw, "orders")), toHex(await deriveRoot(raw, "billing")))
    assert.notStrictEqual(toHex(clusterTag("orders")), toHex(clusterTag("billing")))
  })

  it("come from a TLS exporter as from a cookie, and from 32 bytes only", () => {
    const root = new Uint8Array(32).fill(7)
    assert.strictEqual(toHex(deriveKeys(root).ready), toHex(deriveKey(root, "gch1 ready")))
    assert.throws(() => deriveKeys(new Uint8Array(31)))
  })
})
