import { assert, describe, it } from "@effect/vitest"
import { basenameOf, hostOf, isNodeName, parseClusterName, parseNodeName } from "../../src/protocol/names.ts"

const name = (text: string) => {
  const result = parseNodeName(text)
  return result.ok ? result.value.name : result
}

const accepts: ReadonlyArray<readonly [text: string, name: string, basename: string, host: string]> = [
  ["a@rosa", "a@rosa", "a", "rosa"],
  ["A@Rosa.Example.ORG", "A@rosa.example.org", "A", "rosa.example.org"],
  ["a@127.0.0.1", "a@127.0.0.1", "a", "127.0.0.1"],
  ["a@::1", "a@[::1]", "a", "::1"],
  ["a@[FE80::1]", "a@[fe80::1]", "a", "fe80::1"],
  ["orders-1/x:y@n_1-2.", "orders-1/x:y@n_1-2.", "orders-1/x:y", "n_1-2."],
  [`${"b".repeat(253)}@h`, `${"b".repeat(253)}@h`, "b".repeat(253), "h"]
]

const refuses = [
  "",
  "a",
  "@",
  "a@",
  "@h",
  "a@h@h",
  "a@@h",
  "a b@h",
  "a@h h",
  "a\n@h",
  "a@h\t",
  "a\0@h",
  "a\x7f@h",
  "ä@h",
  "a@hö",

  "a@h/x",
  "a@127.0.0.1:4370",
  "a@h:4370",
  "a@[::1",
  "a@[::1]:80",
  "a@1.2.3",
  "a@h..x",
  "a@.h",
  `${"b".repeat(254)}@h`
]

describe("node names", () => {
  it.for(accepts)("%s is %s", ([text, canonical, basename, host]) => {
    const result = parseNodeName(text)
    assert.deepStrictEqual(result, { ok: true, value: { name: canonical, basename, host } })
    assert.strictEqual(basenameOf(canonical), basename)
    assert.strictEqual(hostOf(canonical), host)
    assert.isTrue(isNodeName(canonical))
    assert.strictEqual(isNodeName(text), text === canonical)
    assert.strictEqual(name(canonical), canonical)
  })

  it.for(refuses)("%j is refused with a reason", (text) => {
    const result = parseNodeName(text)
    assert.isFalse(result.ok)
    assert.isNotEmpty(result.ok ? "" : result.reason)
    assert.isFalse(isNodeName(text))
  })
})

describe("cluster names", () => {
  it("come out in normal form C", () => {
    assert.deepStrictEqual(parseClusterName("cafe\u0301"), { ok: true, value: "caf\u00e9" })
    assert.deepStrictEqual(parseClusterName("orders prod"), { ok: true, value: "orders prod" })
  })

  it("have 1 to 64 bytes", () => {
    assert.isTrue(parseClusterName("é".repeat(32)).ok)
    assert.isTrue(parseClusterName("e\u0301".repeat(32)).ok)
    assert.isFalse(parseClusterName(`${"é".repeat(32)}a`).ok)
    assert.isFalse(parseClusterName("").ok)
  })

  it("hold no NUL and no lone surrogate", () => {
    assert.isFalse(parseClusterName("a\0b").ok)
    assert.isFalse(parseClusterName("a\ud800").ok)
  })
})
