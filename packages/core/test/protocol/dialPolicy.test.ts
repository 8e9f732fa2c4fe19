import { describe, expect, it } from "vitest"
import { addressOf, Bench, discover, peer } from "./bench.ts"

describe("the first dial of a peer", () => {
  it("begins at once to a higher name and 10 to 40 ms later to a lower one", () => {
    const node = new Bench()
    node.look([
      { name: "z@host", address: addressOf("z@host") },
      { name: "a@host", address: addressOf("a@host") }
    ])
    expect(node.take("Dial").map(({ name }) => name)).toEqual(["z@host"])
    const before = node.now
    node.pass(9)
    expect(node.take("Dial")).toEqual([])
    node.pass(31)
    expect(node.take("Dial").map(({ name }) => name)).toEqual(["a@host"])
    expect(node.now - before).toBe(40)
  })

  it("goes by address as long as no name is known, so that both sides do not dial at the same instant", () => {
    const node = new Bench()
    discover(node, "tcp://a:1", "tcp://z:1")
    expect(node.take("Dial").map(({ address }) => address)).toEqual(["tcp://z:1"])
    node.pass(40)
    expect(node.take("Dial").map(({ address }) => address)).toEqual(["tcp://a:1"])
  })

  it("is left out when the peer's own handshake is under way", () => {
    const node = new Bench()
    discover(node, addressOf("a@host"))
    const { link } = node.authenticate(peer("a@host"))
    node.pass(1_000)
    expect(node.take("Dial")).toEqual([])
    node.close(link)
    node.pass(1)
    expect(node.take("Dial")).toHaveLength(1)
  })

  it("resolves a name that discovery gives without an address", () => {
    const node = new Bench()
    node.look([{ name: "z@host" }])
    expect(node.take("Dial")).toMatchObject([{ address: undefined, name: "z@host" }])
  })

  it("is one of at most 32 at once, and each peer is dialed in its turn", () => {
    const node = new Bench()
    const all = Array.from({ length: 100 }, (_, index) => `tcp://z${index}:1`)
    discover(node, ...all)
    const dialed: Array<string | undefined> = []
    for (let round = 0; round < 30; round++) {
      const dials = node.take("Dial")
      expect(dials.length).toBeLessThanOrEqual(4)
      for (const { address, dial } of dials) {
        dialed.push(address)
        node.feed({ _tag: "DialFailed", dial, failure: "failed" })
      }
      if (new Set(dialed).size === 100) break
    }
    expect(new Set(dialed).size).toBe(100)
  })

  it("waits while four younger than a second are under way, unless somebody asks for it", () => {
    const node = new Bench()
    discover(node, ...Array.from({ length: 50 }, (_, index) => `tcp://z${index}:1`))
    const first = node.take("Dial")
    expect(first).toHaveLength(4)
    node.pass(999)
    expect(node.take("Dial")).toEqual([])
    node.feed({ _tag: "Connect", request: 1, peer: { address: "tcp://wanted:1" } })
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://wanted:1" }])
    node.feed({ _tag: "DialFailed", dial: first[0]!.dial, failure: "refused" })
    expect(node.take("Dial")).toEqual([])
    node.feed({ _tag: "DialFailed", dial: first[1]!.dial, failure: "refused" })
    expect(node.take("Dial")).toHaveLength(1)
    node.pass(1)
    expect(node.take("Dial")).toHaveLength(2)
  })

  it("waits for one dial that is younger than 5 s where handshakes take 3 s, and for four again when they are fast", () => {
    const node = new Bench()
    node.look(Array.from({ length: 50 }, (_, index) => ({ name: `z${index + 10}@host` })))
    node.pass(3_100)
    const slow = node.take("Dial")
    expect(slow).toHaveLength(16)
    const link = (dial: number, name: string | undefined) => {
      const { link } = node.welcome(dial, peer(name ?? ""))
      node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
    }
    link(slow[0]!.dial, slow[0]!.name)
    node.pass(1_800)
    expect(node.take("Dial")).toEqual([])
    for (const { dial } of slow.slice(1)) node.feed({ _tag: "DialFailed", dial, failure: "failed" })
    const silent = node.take("Dial")
    expect(silent).toHaveLength(1)
    node.pass(4_900)
    expect(node.take("Dial")).toEqual([])
    node.pass(100)
    const next = node.take("Dial")
    expect(next).toHaveLength(1)
    link(next[0]!.dial, next[0]!.name)
    node.feed({ _tag: "DialFailed", dial: silent[0]!.dial, failure: "failed" })
    for (let fast = 0; fast < 10; fast++) {
      const [last] = node.take("Dial").slice(-1)
      link(last!.dial, last!.name)
    }
    expect(node.state.dials.size).toBe(4)
  })

  it("does not wait for probes of lost links", () => {
    const node = new Bench()
    const links = Array.from({ length: 5 }, (_, index) => node.accept(peer(`p${index}@host`)))
    for (const link of links) node.close(link)
    expect(node.take("Dial")).toHaveLength(5)
    discover(node, "tcp://z:1")
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://z:1" }])
  })

  it("waits the longer for a lower name the more peers are listed, at most 400 ms", () => {
    for (const [count, least, most] of [
      [10, 50, 200],
      [200, 100, 400]
    ] as const) {
      const node = new Bench()
      discover(node, ...Array.from({ length: count }, (_, index) => `tcp://a${index}:1`))
      node.pass(least - 1)
      expect(node.take("Dial")).toEqual([])
      node.pass(most - least + 1)
      expect(node.take("Dial").length).toBeGreaterThan(0)
      expect([...node.state.targets.values()].every(({ nextAt }) => nextAt <= node.now)).toBe(true)
    }
  })
})

describe("an address where nothing listens", () => {
  it("is told of in one warning, which names it", () => {
    const node = new Bench()
    discover(node, "tcp://mistyped:4371")
    for (let passed = 0; passed < 55_000; passed += 250) {
      node.answerDials("refused")
      node.pass(250)
    }
    expect(node.take("Log").map(({ fields, level }) => [level, fields["peer"]])).toEqual([
      ["warning", "tcp://mistyped:4371"]
    ])
  })
})

describe("silent addresses", () => {
  const crowd = (count: number) => Array.from({ length: count }, (_, index) => `tcp://silent${index}:1`)
  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...peer(`c${index}@host`), addresses: [`tcp://c${index}:1`] }))

  it("that discovery lists keep neither a probe nor somebody's connect waiting", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    discover(node, ...crowd(100))
    for (let second = 0; second < 10; second++) node.passHearing(1_000, link)
    expect(node.take("Dial")).toHaveLength(24)
    node.close(link)
    expect(node.take("Dial")).toMatchObject([{ address: addressOf("a@host") }])
    node.feed({ _tag: "Connect", request: 1, peer: { address: "tcp://wanted:1" } })
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://wanted:1" }])
  })

  it("that neighbours tell of keep nobody waiting whom discovery lists", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.frame(link, { _tag: "Peers", peers: entries(500) })
    for (let second = 0; second < 10; second++) node.passHearing(1_000, link)
    expect(node.take("Dial")).toHaveLength(16)
    discover(node, "tcp://listed:1")
    node.passHearing(1_000, link)
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://listed:1" }])
  })

  it("that discovery lists leave one place to those whom neighbours tell of", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    discover(node, ...crowd(300))
    for (let second = 0; second < 10; second++) node.passHearing(1_000, link)
    expect(node.take("Dial").filter(({ name }) => name !== undefined)).toEqual([])
    node.frame(link, { _tag: "Peers", peers: entries(3) })
    const dialed: Array<string | undefined> = []
    for (let second = 0; second < 5; second++) {
      node.passHearing(1_000, link)
      const own = node.take("Dial").filter(({ name }) => name !== undefined)
      expect(own.length).toBeLessThanOrEqual(1)
      for (const { dial, name } of own) {
        dialed.push(name)
        node.feed({ _tag: "DialFailed", dial, failure: "refused" })
      }
    }
    expect(new Set(dialed.slice(0, 3))).toEqual(new Set(["c0@host", "c1@host", "c2@host"]))
  })
})
