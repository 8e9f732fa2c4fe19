import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import type { OnRemoved } from "../../src/protocol/node.ts"
import { addressOf, Bench, peer } from "./bench.ts"

const names = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `p${String(index).padStart(2, "0")}@host`)

/** A node that discovery gave these peers, all linked. */
const joined = (count: number, onRemoved: OnRemoved = "disconnect") => {
  const node = new Bench({ onRemoved })
  const all = names(count)
  const look = (listed: ReadonlyArray<string>, source = "static") =>
    node.look(
      listed.map((name) => ({ address: addressOf(name) })),
      source
    )
  look(all)
  const links = all.map((name) => node.accept(peer(name)))
  node.outputs = []
  const hear = (ms: number) => node.passHearing(ms, ...links.filter((link) => node.state.links.has(link)))
  return { node, all, look, hear }
}

describe("a peer that discovery no longer lists", () => {
  it("goes after three looks in a row without it", () => {
    const { all, look, node } = joined(5)
    look(all.slice(1))
    look(all.slice(1))
    expect(node.events()).toEqual([])
    look(all.slice(1))
    expect(node.events()).toEqual(["Down(disconnected) p00@host"])
    node.pass(250)
    expect(node.events()).toEqual(["Removed p00@host"])
  })

  it("stays when a look between lists it", () => {
    const { all, look, node } = joined(5)
    for (let round = 0; round < 6; round++) {
      look(all.slice(1))
      look(all.slice(1))
      look(all)
    }
    expect(node.events()).toEqual([])
  })

  it("stays as long as another source lists it, and each source counts for itself", () => {
    const { all, look, node } = joined(5)
    look(all, "dns")
    for (let round = 0; round < 5; round++) look(all.slice(1))
    expect(node.events()).toEqual([])
    look(all.slice(1), "dns")
    look(all.slice(1), "dns")
    expect(node.events()).toEqual([])
    look(all.slice(1), "dns")
    expect(node.events()).toEqual(["Down(disconnected) p00@host"])
  })

  it("goes after three refresh intervals where the source speaks only on change", () => {
    const { all, hear, look, node } = joined(5)
    look(all.slice(1))
    hear(14_500)
    expect(node.events()).toEqual([])
    hear(1_500)
    expect(node.events()).toEqual(["Down(disconnected) p00@host", "Removed p00@host"])
  })

  it("does not go while its source fails: time counts again from the last failure", () => {
    const { all, hear, look, node } = joined(5)
    look(all.slice(1))
    for (let failed = 0; failed < 10; failed++) {
      hear(5_000)
      node.feed({ _tag: "LookFailed", source: "static" })
    }
    expect(node.events()).toEqual([])
  })

  it("is kept, but not redialed, under keep", () => {
    const { all, hear, look, node } = joined(5, "keep")
    for (let round = 0; round < 3; round++) look(all.slice(1))
    hear(5_000)
    expect(node.events()).toEqual([])
    node.close(node.state.current.get("p00@host")!.id)
    hear(5_000)
    expect(node.take("Dial")).toEqual([])
    expect(node.events()).toEqual(["Down(closed) p00@host"])
  })

  it("is disconnected later under disconnectAfter, unless it returns before", () => {
    const { all, hear, look, node } = joined(5, { disconnectAfter: 10_000 })
    for (let round = 0; round < 3; round++) look(all.slice(1))
    hear(9_000)
    expect(node.events()).toEqual([])
    look(all)
    hear(5_000)
    expect(node.events()).toEqual([])
    for (let round = 0; round < 3; round++) look(all.slice(1))
    hear(10_500)
    expect(node.events()).toEqual(["Down(disconnected) p00@host", "Removed p00@host"])
  })

  it("is dialed again at once when discovery brings it back, and begins anew", () => {
    const { all, hear, look, node } = joined(5)
    for (let round = 0; round < 3; round++) look(all.slice(1))
    hear(1_000)
    node.outputs = []
    look(all)
    node.pass(40)
    expect(node.take("Dial")).toMatchObject([{ address: addressOf("p00@host") }])
    node.accept(peer("p00@host"))
    expect(node.events()).toEqual(["Up p00@host"])
  })

  it("is not brought back by what neighbours say", () => {
    const { all, hear, look, node } = joined(5)
    for (let round = 0; round < 3; round++) look(all.slice(1))
    hear(1_000)
    node.outputs = []
    const { addresses, generation, instance, name } = peer("p00@host")
    node.frame(node.state.current.get("p01@host")!.id, {
      _tag: "Peers",
      peers: [{ name, instance, generation, addresses }]
    })
    look(all.slice(1))
    hear(20_000)
    expect(node.take("Dial")).toEqual([])
  })
})

describe("a look that would remove half or more", () => {
  it("is held back until ten in a row agree, with a warning", () => {
    const { look, node } = joined(10)
    for (let round = 0; round < 9; round++) look([])
    expect(node.events()).toEqual([])
    expect(node.take("Log")).toMatchObject([{ level: "warning", fields: { source: "static", dropped: 10, of: 10 } }])
    look([])
    expect(node.events()).toHaveLength(10)
  })

  it("that is followed by a whole one changes nothing", () => {
    const { all, look, node } = joined(10)
    for (let round = 0; round < 5; round++) {
      for (let empty = 0; empty < 9; empty++) look([])
      look(all)
    }
    expect(node.events()).toEqual([])
  })

  it("of a source that speaks only on change is believed after ten refresh intervals", () => {
    const { hear, look, node } = joined(10)
    look([])
    hear(49_000)
    expect(node.events()).toEqual([])
    hear(2_000)
    expect(node.events().filter((event) => event.startsWith("Down"))).toHaveLength(10)
  })

  it("of one or two peers is no such thing", () => {
    const { look, node } = joined(2)
    for (let round = 0; round < 3; round++) look([])
    expect(node.events()).toHaveLength(2)
  })

  it("is held back when it is exactly half, and not when it is less", () => {
    const { all, look, node } = joined(10)
    for (let round = 0; round < 3; round++) look(all.slice(5))
    expect(node.events()).toEqual([])
    for (let round = 0; round < 3; round++) look(all.slice(4))
    expect(node.events()).toHaveLength(4)
  })
})

describe("what discovery lists", () => {
  it("may hold the node itself, by name or by address", () => {
    const node = new Bench()
    node.look([{ name: "m@host" }, { name: "m@host", address: addressOf("m@host") }])
    expect(node.take("Dial")).toEqual([])
  })

  it("is one peer when its address and its name turn out to be the same", () => {
    const node = new Bench()
    node.look([{ address: addressOf("z@host") }])
    node.look([{ name: "z@host", address: addressOf("z@host") }], "dns")
    expect(node.take("Dial")).toHaveLength(2)
    node.accept(peer("z@host"))
    expect([...node.state.targets.keys()]).toEqual(["z@host"])
  })

  it("follows nodes that swapped their addresses, and swapped them back", () => {
    const node = new Bench()
    const places = ["tcp://y:1", "tcp://z:1"] as const
    const list = places.map((address) => ({ address }))
    const meet = (who: readonly [string, string]) => {
      for (const { address, dial, name } of node.take("Dial")) {
        const found = who[places.indexOf(address as "tcp://y:1")] ?? ""
        const wrong = name !== undefined && name !== found
        const { link } = node.welcome(dial, peer(found, { addresses: [] }), wrong ? codes.name_mismatch : 0)
        if (!wrong) node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
      }
    }
    node.look(list)
    meet(["p@host", "q@host"])
    for (const who of [
      ["q@host", "p@host"],
      ["p@host", "q@host"]
    ] as const) {
      for (const { id } of node.state.current.values()) node.close(id)
      for (let look = 0; look < 4; look++) {
        meet(who)
        node.look(list)
        node.pass(1_000)
      }
      meet(who)
      expect(node.state.targets.get(who[0])?.listed).toEqual([places[0]])
      expect(node.state.targets.get(who[1])?.listed).toEqual([places[1]])
      expect([...node.state.current.keys()].toSorted()).toEqual(["p@host", "q@host"])
    }
  })

  it("is bounded: more than 8192 entries of a source are cut off with a warning", () => {
    const node = new Bench()
    node.look(Array.from({ length: 9_000 }, (_, index) => ({ address: `tcp://h${index}:1` })))
    expect(node.state.targets.size).toBe(8_192)
    expect(node.take("Log")).toMatchObject([{ level: "warning", fields: { listed: 9_000, taken: 8_192 } }])
  })
})
