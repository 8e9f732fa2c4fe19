import { assert, describe, it } from "@effect/vitest"
import { ByteReader, parsing, toHex } from "../../src/protocol/bytes.ts"
import {
  encodeMetadata,
  type Metadata,
  metadataProblem,
  noMetadata,
  readMetadata,
  sameMetadata
} from "../../src/protocol/metadata.ts"

const decode = (bytes: Uint8Array) => parsing(() => readMetadata(new ByteReader(bytes)))

describe("metadata", () => {
  it("has a count, then keys and values in the order of the keys", () => {
    assert.strictEqual(toHex(encodeMetadata({ b: "ü", a: "1" })), "0002" + "0161" + "000131" + "0162" + "0002c3bc")
    assert.strictEqual(toHex(encodeMetadata({ a: "1", b: "ü" })), toHex(encodeMetadata({ b: "ü", a: "1" })))
    assert.strictEqual(toHex(encodeMetadata(noMetadata)), "0000")
  })

  it("takes __proto__ for a key like any other", () => {
    const metadata: Metadata = Object.fromEntries([
      ["__proto__", "x"],
      ["constructor", "y"]
    ])
    const result = decode(encodeMetadata(metadata))
    assert.isTrue(result.ok)
    if (!result.ok) return
    assert.isNull(Object.getPrototypeOf(result.value))
    assert.deepStrictEqual(Object.entries(result.value), [
      ["__proto__", "x"],
      ["constructor", "y"]
    ])
    assert.isUndefined(({} as Record<string, unknown>)["x"])
  })

  it("may have 4096 bytes and no more", () => {
    const fits = { k: "x".repeat(4096 - 2 - 4) }
    assert.strictEqual(encodeMetadata(fits).length, 4096)
    assert.isTrue(decode(encodeMetadata(fits)).ok)
    const tooLong = { k: `${fits.k}x` }
    assert.include(metadataProblem(tooLong) ?? "", "4096")
    assert.throws(() => encodeMetadata(tooLong), RangeError)
    assert.isFalse(decode(Uint8Array.from([0, 1, 1, 0x6b, 0x0f, 0xfb, ...new Uint8Array(4091).fill(0x78)])).ok)
  })

  it("has keys of 1 to 64 letters, digits, _ . -", () => {
    for (const key of ["a", "A.b-c_9", "k".repeat(64)]) assert.isUndefined(metadataProblem({ [key]: "" }))
    for (const key of ["", "a b", "ä", "a/b", "k".repeat(65), "a\n"]) {
      assert.isString(metadataProblem({ [key]: "" }))
      assert.throws(() => encodeMetadata({ [key]: "" }), RangeError)
    }
  })

  it("has texts as values", () => {
    assert.isString(metadataProblem({ a: "\ud800" }))
    assert.isString(metadataProblem({ a: 1 } as unknown as Metadata))
  })

  it("is compared by its entries", () => {
    assert.isTrue(sameMetadata({ a: "1", b: "2" }, { b: "2", a: "1" }))
    assert.isFalse(sameMetadata({ a: "1" }, { a: "2" }))
    assert.isFalse(sameMetadata({ a: "1" }, { b: "1" }))
    assert.isFalse(sameMetadata({ a: "1" }, { a: "1", b: "" }))
    assert.isTrue(sameMetadata(noMetadata, {}))
  })
})
