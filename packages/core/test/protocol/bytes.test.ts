import { assert, describe, it } from "@effect/vitest"
import {
  ByteReader,
  ByteWriter,
  concat,
  constantTimeEqual,
  fromHex,
  isWellFormed,
  parsing,
  toHex,
  utf8
} from "../../src/protocol/bytes.ts"

describe("bytes", () => {
  it("writes and reads big-endian integers and bytes", () => {
    const writer = new ByteWriter(1).u8(0xab).u16(0x0102).u32(0xfffefdfc).u64(0x0102030405060708n)
    const bytes = writer.bytes8(utf8("ab")).bytes16(utf8("ü")).finish()
    assert.strictEqual(toHex(bytes), "ab0102fffefdfc0102030405060708026162" + "0002c3bc")
    const reader = new ByteReader(bytes)
    assert.strictEqual(reader.u8(), 0xab)
    assert.strictEqual(reader.u16(), 0x0102)
    assert.strictEqual(reader.u32(), 0xfffefdfc)
    assert.strictEqual(reader.u64(), 0x0102030405060708n)
    assert.strictEqual(reader.ascii(reader.u8()), "ab")
    assert.strictEqual(reader.utf8(reader.u16()), "ü")
    reader.end()
  })

  it("reads a view that does not begin at its buffer's start", () => {
    assert.strictEqual(new ByteReader(Uint8Array.of(9, 9, 1, 2).subarray(2)).u16(), 0x0102)
  })

  it("refuses what is missing, left over, not ASCII, not UTF-8 or above 2^53-1", () => {
    const refuses = (bytes: ReadonlyArray<number>, read: (reader: ByteReader) => unknown) =>
      assert.isFalse(parsing(() => read(new ByteReader(Uint8Array.from(bytes)))).ok)
    refuses([1], (reader) => reader.u16())
    refuses([1, 2, 3], (reader) => reader.u32())
    refuses([1, 2, 3, 4, 5, 6, 7], (reader) => reader.u64())
    refuses([1], (reader) => reader.bytes(2))
    refuses([1], (reader) => reader.utf8(2))
    refuses([1], (reader) => reader.end())
    refuses([0x20], (reader) => reader.ascii(1))
    refuses([0x7f], (reader) => reader.ascii(1))
    refuses([0xc3], (reader) => reader.utf8(1))
    refuses([0xed, 0xa0, 0x80], (reader) => reader.utf8(3))
    refuses([0, 0x20, 0, 0, 0, 0, 0, 0], (reader) => reader.safeU64())
  })

  it("keeps a byte order mark as a character", () => {
    assert.strictEqual(new ByteReader(Uint8Array.of(0xef, 0xbb, 0xbf)).utf8(3), "\ufeff")
  })

  it("lets errors pass that are not about the input", () => {
    assert.throws(
      () =>
        parsing(() => {
          throw new TypeError("a defect")
        }),
      "a defect"
    )
  })

  it("throws on integers out of range", () => {
    const writer = new ByteWriter()
    assert.throws(() => writer.u8(256))
    assert.throws(() => writer.u8(-1))
    assert.throws(() => writer.u16(65536))
    assert.throws(() => writer.u32(2 ** 32))
    assert.throws(() => writer.u32(1.5))
    assert.throws(() => writer.u64(2n ** 64n))
    assert.throws(() => writer.u64(-1n))
    assert.throws(() => writer.bytes8(new Uint8Array(256)))
    assert.throws(() => writer.bytes16(new Uint8Array(65536)))
    assert.strictEqual(writer.length, 0)
  })

  it("reads hexadecimal digits of either case and nothing else", () => {
    assert.deepStrictEqual(fromHex("00fFA0"), Uint8Array.of(0, 255, 160))
    assert.deepStrictEqual(fromHex(""), new Uint8Array(0))
    for (const text of ["0", "0g", " 0", "0x", "-1"]) assert.isUndefined(fromHex(text))
  })

  it("joins and compares", () => {
    assert.deepStrictEqual(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3))
    assert.isTrue(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2)))
    assert.isFalse(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)))
    assert.isFalse(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1)))
  })

  it("knows lone surrogates", () => {
    assert.isTrue(isWellFormed("a😀"))
    assert.isFalse(isWellFormed("a\ud83d"))
    assert.isFalse(isWellFormed("\ude00a"))
  })
})
