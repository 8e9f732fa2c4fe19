import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import { addressOf, Bench, peer } from "./bench.ts"

const discover = (node: Bench, ...addresses: ReadonlyArray<string>) =>
  node.look(addresses.map((address) => ({ address })))

/** The waits between dials of one peer that always fail, in milliseconds. */
const waits = (node: Bench, count: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  let last = node.now
  while (found.length < count) {
    node.now = node.state.wakeAt
    node.feed({ _tag: "Wake", activity: [] })
    if (node.answerDials("refused").length === 0) continue
    found.push(node.now - last)
    last = node.now
  }
  return found
}

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
})

describe("redials", () => {
  it("wait with full jitter below 250 ms doubled up to 30 s", () => {
    const node = new Bench()
    discover(node, "tcp://z:1")
    node.answerDials("refused")
    const found = waits(node, 60)
    for (const [index, wait] of found.entries())
      expect(wait).toBeLessThanOrEqual(Math.min(30_000, 250 * 2 ** index) + 1)
    const late = found.slice(10)
    expect(Math.max(...late)).toBeGreaterThan(20_000)
    expect(Math.min(...late)).toBeLessThan(5_000)
    const mean = late.reduce((sum, wait) => sum + wait, 0) / late.length
    expect(mean).toBeGreaterThan(11_000)
    expect(mean).toBeLessThan(19_000)
  })

  it("of a lower name wait another 250 to 750 ms", () => {
    const node = new Bench()
    node.look([{ name: "a@host", address: "tcp://a:1" }])
    node.pass(50)
    node.answerDials("refused")
    expect(Math.min(...waits(node, 10))).toBeGreaterThanOrEqual(250)
  })

  it("take a peer's addresses in turn", () => {
    const node = new Bench()
    node.look(["tcp://x:1", "tcp://y:1"].map((address) => ({ name: "z@host", address })))
    const dialed = new Set(node.answerDials("refused").map(({ address }) => address))
    for (let round = 0; round < 3; round++) {
      node.pass(2_000)
      for (const { address } of node.answerDials("refused")) dialed.add(address)
    }
    expect(dialed).toEqual(new Set(["tcp://x:1", "tcp://y:1"]))
  })

  it("begin anew after ten seconds of health, and not before", () => {
    for (const [health, failures] of [
      [5_000, 6],
      [11_000, 0]
    ] as const) {
      const node = new Bench()
      node.look([{ name: "z@host", address: addressOf("z@host") }])
      node.answerDials("refused")
      waits(node, 5)
      node.now = node.state.nextDialAt
      node.feed({ _tag: "Wake", activity: [] })
      const { link } = node.welcome(node.take("Dial")[0]!.dial, peer("z@host"))
      node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
      node.passHearing(health, link)
      node.close(link)
      expect(node.state.targets.get("z@host")?.failures).toBe(failures)
    }
  })

  it("are kicked by an inbound link, and by one that came to nothing after it was authentic", () => {
    for (const up of [true, false]) {
      const node = new Bench()
      node.look([{ name: "z@host", address: addressOf("z@host") }])
      node.answerDials("refused")
      waits(node, 8)
      const target = node.state.targets.get("z@host")!
      expect(target.failures).toBe(9)
      if (up) node.accept(peer("z@host"))
      else node.close(node.authenticate(peer("z@host")).link)
      expect(target.failures).toBe(0)
      expect(node.take("Dial")).toHaveLength(up ? 0 : 1)
    }
  })

  it("are kicked when discovery brings the peer back, and when a neighbour has reached it anew", () => {
    const node = new Bench()
    node.look([{ name: "z@host", address: addressOf("z@host") }])
    node.answerDials("refused")
    waits(node, 8)
    for (let look = 0; look < 3; look++) node.look([])
    node.look([{ name: "z@host", address: addressOf("z@host") }])
    expect(node.answerDials("refused")).toHaveLength(1)
    waits(node, 8)
    const neighbour = node.accept(peer("a@host"))
    const { addresses, generation, instance, name } = peer("z@host")
    node.frame(neighbour, { _tag: "Peers", peers: [{ name, instance, generation, addresses }] })
    expect(node.answerDials("refused")).toHaveLength(1)
    node.frame(neighbour, { _tag: "Peers", peers: [{ name, instance, generation, addresses }] })
    expect(node.take("Dial")).toEqual([])
  })

  it("are kicked by a witness's word, at most every five seconds", () => {
    const node = new Bench({ figures: { heartbeat: 1_000, suspectAfter: 3_000, downAfter: 600_000 } })
    const links = ["a@host", "b@host", "c@host"].map((name) => node.accept(peer(name)))
    const lost = node.accept(peer("z@host"))
    node.close(lost)
    const target = node.state.targets.get("z@host")!
    let kicks = 0
    let kickedAt = target.kickedAt
    for (let second = 0; second < 30; second++) {
      node.passHearing(1_000, ...links)
      node.answerDials("failed")
      for (const [index, link] of links.entries()) {
        for (const frame of node.sent(link)) {
          if (frame._tag !== "Check") continue
          node.frame(links[index]!, { _tag: "Vouch", nonce: frame.nonce, verdict: "heard", ageMs: 0 })
        }
      }
      if (target.kickedAt === kickedAt) continue
      expect(target.kickedAt - kickedAt).toBeGreaterThanOrEqual(5_000)
      kickedAt = target.kickedAt
      kicks++
    }
    expect(kicks).toBeGreaterThanOrEqual(4)
    expect(kicks).toBeLessThanOrEqual(6)
  })

  it("go on for a peer that is down as long as discovery lists it", () => {
    const node = new Bench()
    discover(node, addressOf("z@host"))
    const link = node.accept(peer("z@host"))
    node.close(link)
    node.answerDials("refused")
    expect(node.events()).toEqual(["Up z@host", "Down(closed) z@host"])
    node.pass(60_000)
    expect(node.answerDials("refused").length).toBeGreaterThan(0)
  })

  it("are not made to a peer that nobody lists and nobody holds a link to", () => {
    const node = new Bench()
    const link = node.accept(peer("z@host"))
    node.close(link)
    node.answerDials("refused")
    node.pass(60_000)
    expect(node.take("Dial")).toEqual([])
  })

  it("with reconnect never: each peer is dialed once, and again when discovery brings it back", () => {
    const node = new Bench({ reconnect: "never" })
    discover(node, "tcp://z:1")
    expect(node.answerDials("failed")).toHaveLength(1)
    node.pass(120_000)
    expect(node.take("Dial")).toEqual([])
    for (let look = 0; look < 3; look++) discover(node)
    discover(node, "tcp://z:1")
    node.pass(50)
    expect(node.take("Dial")).toHaveLength(1)
  })
})

describe("an unauthenticated refusal", () => {
  it("delays an address by 30 s at most, however long the backoff may be", () => {
    const node = new Bench({ reconnect: { initial: 1, factor: 2, max: 600_000 } })
    node.look([{ address: "tcp://other:1" }])
    const [dial] = node.take("Dial")
    node.feed({ _tag: "DialRejected", dial: dial!.dial, code: 4, retryAfterMs: 4_000_000_000 })
    node.pass(29_000)
    expect(node.take("Dial")).toEqual([])
    node.pass(1_500)
    expect(node.take("Dial")).toHaveLength(1)
  })
})

describe("the probe after a lost link", () => {
  it("goes to every known address at once, outside the backoff", () => {
    const node = new Bench()
    node.look([{ name: "a@host", address: "tcp://other:1" }])
    node.pass(50)
    node.answerDials("refused")
    const link = node.accept(peer("a@host"))
    node.take("Dial")
    node.close(link)
    expect(node.take("Dial").map(({ address }) => address)).toEqual(["tcp://other:1", addressOf("a@host")])
  })

  it("shows a death when nobody listens at any address", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.close(link)
    expect(node.events()).toEqual(["Up a@host"])
    node.answerDials("refused")
    expect(node.events()).toEqual(["Down(closed) a@host"])
  })

  it("shows nothing when an address does not answer: after the grace the peer is suspected", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.close(link)
    node.answerDials("failed")
    node.pass(490)
    expect(node.events()).toEqual(["Up a@host"])
    node.pass(500)
    expect(node.events()).toEqual(["Suspected a@host"])
    node.pass(6_000)
    expect(node.events()).toEqual(["Down(timeout) a@host"])
  })

  it("asks an address that cut the stream once more: a dying process lets go of its connections first", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.close(link)
    expect(node.answerDials("reset")).toHaveLength(1)
    expect(node.events()).toEqual(["Up a@host"])
    expect(node.answerDials("refused")).toHaveLength(1)
    expect(node.events()).toEqual(["Down(closed) a@host"])
  })

  it("takes an address that cuts every stream for one that does not answer", () => {
    const node = new Bench()
    node.close(node.accept(peer("a@host")))
    expect(
      [node.answerDials("reset"), node.answerDials("reset"), node.answerDials("reset")].map((dials) => dials.length)
    ).toEqual([1, 1, 0])
    node.pass(1_000)
    expect(node.events()).toEqual(["Up a@host", "Suspected a@host"])
  })

  it("is silent when the link is back within the grace", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.close(link)
    const [probe] = node.take("Dial")
    const { link: next } = node.welcome(probe!.dial, peer("a@host"))
    node.frame(next, { _tag: "Meta", version: 1, metadata: {} })
    node.pass(2_000)
    expect(node.events()).toEqual(["Up a@host"])
    expect(node.state.current.get("a@host")?.id).toBe(next)
  })

  it("is not repeated more than once a second when links are lost again and again", () => {
    const node = new Bench()
    let dials = 0
    for (let round = 0; round < 20; round++) {
      const link = node.accept(peer("a@host", { attempt: round }))
      node.pass(50)
      node.close(link)
      dials += node.answerDials("failed").length
      node.pass(50)
      dials += node.answerDials("failed").length
    }
    expect(dials).toBeLessThanOrEqual(6)
  })

  it("that is still waiting is cancelled when the peer comes back by itself", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host", { attempt: 1 }))
    node.close(link)
    const [probe] = node.take("Dial")
    node.accept(peer("a@host", { attempt: 2 }))
    expect(node.take("CancelDial")).toEqual([{ _tag: "CancelDial", dial: probe!.dial }])
    expect(node.state.dials.size).toBe(0)
  })
})

describe("what a refusal means for the next dial", () => {
  const dialed = (address = "tcp://z:1") => {
    const node = new Bench()
    discover(node, address)
    return { node, dial: node.take("Dial")[0]!.dial }
  }

  it.each([
    ["auth_failed", codes.auth_failed, 29_000],
    ["cluster_mismatch", codes.cluster_mismatch, 29_000],
    ["version_unsupported", codes.version_unsupported, 29_000]
  ])("%s, unauthenticated: not for 30 s, and not for longer", (_name, code, quiet) => {
    const { dial, node } = dialed()
    node.feed({ _tag: "DialRejected", dial, code, retryAfterMs: 999_999 })
    node.pass(quiet)
    expect(node.take("Dial")).toEqual([])
    node.pass(2_000)
    expect(node.take("Dial")).toHaveLength(1)
  })

  it("an unauthenticated REJECT delays one address and not the peer's others", () => {
    const node = new Bench()
    node.look(["tcp://x:1", "tcp://y:1"].map((address) => ({ name: "z@host", address })))
    const [first] = node.take("Dial")
    node.feed({ _tag: "DialRejected", dial: first!.dial, code: codes.auth_failed, retryAfterMs: 0 })
    node.pass(1_000)
    expect(node.take("Dial").map(({ address }) => address)).toEqual(["tcp://y:1"])
  })

  it("a code that only an authentic answer may carry means nothing in a REJECT", () => {
    const { dial, node } = dialed()
    node.feed({ _tag: "DialRejected", dial, code: codes.self_connect, retryAfterMs: 0 })
    node.pass(1_000)
    expect(node.take("Dial")).toHaveLength(1)
  })

  it("self_connect: the address is left alone for ten minutes", () => {
    const { dial, node } = dialed("tcp://z:1")
    node.welcome(dial, peer("m@host", { instance: node.state.self.instance }), codes.self_connect)
    node.pass(599_000)
    expect(node.take("Dial")).toEqual([])
    node.pass(2_000)
    expect(node.take("Dial")).toHaveLength(1)
  })

  it("name_mismatch: the address leaves the peer until discovery says it anew, and belongs to whoever answered", () => {
    const node = new Bench()
    node.look([{ name: "z@host", address: "tcp://z:1" }])
    node.welcome(node.take("Dial")[0]!.dial, peer("y@host"), codes.name_mismatch)
    node.pass(120_000)
    expect(node.take("Dial")).toEqual([])
    expect(node.state.bindings.get("tcp://z:1")).toBe("y@host")
    for (let look = 0; look < 3; look++) node.look([])
    node.look([{ name: "z@host", address: "tcp://z:1" }])
    node.pass(50)
    expect(node.take("Dial")).toMatchObject([{ name: "z@host", address: "tcp://z:1" }])
  })

  it("not_admitted: not until discovery says the peer anew", () => {
    const { dial, node } = dialed()
    node.welcome(dial, peer("z@host"), codes.not_admitted)
    node.pass(300_000)
    expect(node.take("Dial")).toEqual([])
  })

  it("shutting_down and too_many_peers: after the time that came with it", () => {
    for (const code of [codes.shutting_down, codes.too_many_peers]) {
      const { dial, node } = dialed()
      node.welcome(dial, peer("z@host"), code, 30_000)
      node.pass(29_900)
      expect(node.take("Dial")).toEqual([])
      node.pass(200)
      expect(node.take("Dial")).toHaveLength(1)
    }
  })

  it("already_connected: after 250 ms, unless the link is held by then", () => {
    const { dial, node } = dialed()
    node.welcome(dial, peer("z@host"), codes.already_connected)
    node.pass(240)
    expect(node.take("Dial")).toEqual([])
    node.pass(20)
    const [again] = node.take("Dial")
    expect(again).toBeDefined()
    const link = node.accept(peer("z@host"))
    node.feed({ _tag: "DialFailed", dial: again!.dial, failure: "failed" })
    node.passHearing(5_000, link)
    expect(node.take("Dial")).toEqual([])
  })

  it("an unknown code: the ordinary backoff", () => {
    const { dial, node } = dialed()
    node.welcome(dial, peer("z@host"), 0x7777)
    node.pass(300)
    expect(node.take("Dial")).toHaveLength(1)
  })
})
