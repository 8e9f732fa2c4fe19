import { describe, expect, it } from "vitest"
import { addressOf, Bench, discover, peer } from "./bench.ts"

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
