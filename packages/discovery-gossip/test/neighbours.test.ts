import { assert, describe, it } from "@effect/vitest"
import * as NodeName from "@gc/core/NodeName"
import { Neighbours } from "../src/internal/neighbours.ts"

const make = (capacity = 2) => new Neighbours({ lifetime: 30_000, longest: 5_000, capacity, announce: true }, 0)
const peer = (key: string, generation = 0) =>
  ({ _tag: "Peer", key, peers: [{ name: NodeName.make(`${key}@h`) }], generation, isAuthentic: true }) as const

describe("who is heard", () => {
  it("is kept up to a bound, and nobody makes room for another", () => {
    const all = make()
    assert.deepStrictEqual(
      ["b", "c", "d", "b"].map((key) => all.heard(peer(key), 0)),
      ["new", "new", "full", "known"]
    )
    assert.strictEqual(all.size, 2)
    all.heardSomething(29_000)
    all.heard(peer("b"), 29_000)
    assert.strictEqual(all.pass(30_000), "nothing", "silence of everybody gave everybody a lifetime")
  })

  it("is a newer life of the same, or an older one that does not count", () => {
    const all = make()
    assert.deepStrictEqual(
      [2, 1, 2, 3].map((generation) => all.heard(peer("b", generation), 0)),
      ["new", "older", "known", "new"]
    )
  })

  it("is forgotten after a lifetime, not while this process stood still", () => {
    const all = make()
    all.heard(peer("b"), 0)
    for (let now = 4_000; now <= 28_000; now += 4_000) all.heardSomething(now)
    assert.strictEqual(all.pass(29_000), "nothing")
    all.stalled(600_000)
    assert.strictEqual(all.pass(629_000), "nothing")
    all.heardSomething(629_500)
    assert.strictEqual(all.pass(629_900), "nothing")
    all.heard(peer("c"), 630_000)
    assert.strictEqual(all.pass(630_000), "forgot some")
    assert.strictEqual(all.size, 1)
  })

  it("is not forgotten while nobody is heard, though its own time is over", () => {
    const all = make()
    all.heard(peer("b"), 0)
    all.heardSomething(5_000)
    assert.deepStrictEqual(
      [29_000, 31_000, 34_999, 35_000].map((now) => all.pass(now)),
      ["nothing", "nothing", "nothing", "deaf"]
    )
    assert.strictEqual(all.size, 1)
  })

  it("is not told by silence of everybody, which is said once", () => {
    const all = make()
    all.heard(peer("b"), 0)
    assert.deepStrictEqual(
      [29_999, 30_000, 31_000, 90_000].map((now) => all.pass(now)),
      ["nothing", "deaf", "nothing", "nothing"]
    )
    all.heardSomething(91_000)
    assert.strictEqual(all.pass(92_000), "nothing")
    assert.strictEqual(all.size, 1)
    assert.strictEqual(all.pass(121_000), "deaf")
  })
})
