import { assert, describe, it } from "@effect/vitest"
import { codeName, codes, isRejectCode, retryFor } from "../../src/protocol/decisions.ts"

describe("decisions", () => {
  it("have the numbers of the wire", () => {
    assert.deepStrictEqual(
      Object.values(codes),
      [1, 2, 3, 4, 5, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107, 0x108, 0x109]
    )
    for (const [name, code] of Object.entries(codes)) assert.strictEqual(codeName(code), name)
  })

  it("each lead to the dialer's next try", () => {
    for (const code of [1, 4, 5]) assert.deepStrictEqual(retryFor(code), { kind: "backoffCap" })
    for (const code of [2, 3]) assert.deepStrictEqual(retryFor(code), { kind: "backoff" })
    for (const code of [0x101, 0x106]) assert.deepStrictEqual(retryFor(code), { kind: "untilDiscovered" })
    assert.deepStrictEqual(retryFor(0x102), { kind: "retryAfter", ms: 1_000 })
    assert.deepStrictEqual(retryFor(0x103), { kind: "atOnce" })
    assert.deepStrictEqual(retryFor(0x104), { kind: "unlessHeld", ms: 250 })
    assert.deepStrictEqual(retryFor(0x105), { kind: "after", ms: 600_000 })
    assert.deepStrictEqual(retryFor(0x108), { kind: "after", ms: 30_000 })
    for (const code of [0x107, 0x109]) assert.deepStrictEqual(retryFor(code), { kind: "retryAfter", ms: 30_000 })
  })

  it("of a later version are retried with the ordinary backoff", () => {
    assert.isUndefined(codeName(0x10a))
    assert.deepStrictEqual(retryFor(0x10a), { kind: "backoff" })
  })

  it("may stand in a REJECT up to 5", () => {
    assert.deepStrictEqual([0, 1, 5, 6, 0x101].map(isRejectCode), [false, true, true, false, false])
  })
})
