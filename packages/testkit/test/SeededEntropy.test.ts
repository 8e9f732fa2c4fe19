import { assert, describe, it } from "@effect/vitest"
import { Entropy } from "@gc/core/Entropy"
import { SeededEntropy } from "@gc/testkit"
import * as Effect from "effect/Effect"

describe("SeededEntropy", () => {
  it("gives the same bytes for the same seed, and others for another", () => {
    const [a, again, b] = [SeededEntropy.make("a"), SeededEntropy.make("a"), SeededEntropy.make("b")]
    const first = a.bytes(32)
    assert.lengthOf(first, 32)
    assert.deepStrictEqual(again.bytes(32), first)
    assert.notDeepEqual(b.bytes(32), first)
    assert.notDeepEqual(a.bytes(32), first)
  })

  it("gives every byte about as often as any other", () => {
    const counts = Array.from({ length: 256 }, () => 0)
    for (const byte of SeededEntropy.make(1).bytes(256_000)) counts[byte]!++
    assert.isAbove(Math.min(...counts), 850)
    assert.isBelow(Math.max(...counts), 1150)
  })

  it.effect("takes the place of core's entropy", () =>
    Effect.gen(function* () {
      const entropy = yield* Entropy
      assert.deepStrictEqual(entropy.bytes(16), SeededEntropy.make(7).bytes(16))
    }).pipe(Effect.provide(SeededEntropy.layer(7)))
  )
})
