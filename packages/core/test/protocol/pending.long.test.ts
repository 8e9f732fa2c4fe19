import { assert, describe, it } from "@effect/vitest"
import { networkOf } from "../../src/protocol/hosts.ts"
import { makesRoom, type Unproven } from "../../src/protocol/pending.ts"

const one = (host: string | undefined, progress: number, heardAt: number): Unproven => ({ host, progress, heardAt })

describe("who makes room for a newcomer", () => {
  it("is nobody when nobody waits", () => {
    assert.isUndefined(makesRoom([]))
  })

  const rules: ReadonlyArray<readonly [what: string, waiting: ReadonlyArray<Unproven>, index: number]> = [
    ["the one that was silent longest", [one("a", 0, 7), one("a", 0, 5), one("a", 0, 6)], 1],
    ["the first of those that were silent equally long", [one("a", 0, 5), one("a", 0, 5)], 0],
    ["one that came less far, though it spoke last", [one("a", 1, 1), one("a", 0, 9), one("a", 2, 0)], 1],
    ["one of the host that most are from, though it came further", [one("a", 0, 1), one("b", 1, 9), one("b", 1, 8)], 2],
    ["one of any host when all have as many", [one("a", 1, 1), one("b", 0, 9), one("c", 1, 0)], 1],
    [
      "one of the /48 that most are from",
      [one("2001:db8:1:1::1", 1, 8), one("2001:db8:1:2::1", 1, 9), one("c", 0, 0)],
      0
    ],
    [
      "of a /48 one of the /64 that most are from",
      [one("2001:db8:1:1::1", 0, 1), one("2001:db8:1:2::1", 1, 9), one("2001:db8:1:2::2", 1, 8), one("c", 0, 0)],
      2
    ],
    ["one of a /64, whatever the rest", [one("2001:db8::1", 1, 9), one("2001:db8::ffff:2", 1, 8), one("c", 0, 0)], 1],
    [
      "one of those without a host, when these are most",
      [one(undefined, 0, 9), one("a", 0, 1), one(undefined, 0, 8)],
      2
    ]
  ]
  for (const [what, waiting, index] of rules) {
    it(`is ${what}`, () => assert.strictEqual(makesRoom(waiting), waiting[index]))
  }

  it("is never somebody whose first message came, while a flood from the same host says nothing", () => {
    const table = [one("a", 1, 0)]
    for (let now = 1; now < 10_000; now++) {
      if (table.length === 64) table.splice(table.indexOf(makesRoom(table)!), 1)
      table.push(one("a", 0, now))
    }
    assert.strictEqual(table[0]?.progress, 1)
  })

  it("is never the only one of a host, while a flood from three others goes as far as it does", () => {
    const table = [one("b", 1, 0)]
    for (let now = 1; now < 10_000; now++) {
      if (table.length === 64) table.splice(table.indexOf(makesRoom(table)!), 1)
      table.push(one(`a${now % 3}`, 1, now))
    }
    assert.strictEqual(table[0]?.host, "b")
  })

  it("is never the only one of a host, while a flood comes from ever another /64 of a site", () => {
    const table = [one("b", 0, 0)]
    for (let now = 1; now < 10_000; now++) {
      if (table.length === 64) table.splice(table.indexOf(makesRoom(table)!), 1)
      table.push(one(`2001:db8:0:${(now % 256).toString(16)}::1`, 1, now))
    }
    assert.strictEqual(table[0]?.host, "b")
  })
})

describe("a network", () => {
  const same: ReadonlyArray<readonly [string, string]> = [
    ["2001:db8:0:1::1", "2001:DB8:0:1:ffff::2"],
    ["10.0.0.7", "::ffff:10.0.0.7"],
    ["Rosa.example", "rosa.example"]
  ]
  const different: ReadonlyArray<readonly [string, string]> = [
    ["2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["127.0.0.1", "127.0.0.2"],
    ["rosa", "emma"],
    ["::1", "0.0.0.0"]
  ]
  it("is an IPv4 address, a /64, or a name", () => {
    for (const [left, right] of same) assert.strictEqual(networkOf(left), networkOf(right))
    for (const [left, right] of different) assert.notStrictEqual(networkOf(left), networkOf(right))
  })
})
