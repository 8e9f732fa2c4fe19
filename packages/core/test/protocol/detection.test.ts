import { describe, expect, it } from "vitest"
import { Bench, peer } from "./bench.ts"
import { withWitnesses, witness } from "./witnessing.ts"

describe("heartbeats", () => {
  it("go out on a link on which nothing was written for a second, and tell how long nothing came", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.sent(link)
    node.pass(10_000)
    const beats = node.sent(link).filter(({ _tag }) => _tag === "Heartbeat")
    expect(beats.length).toBeGreaterThanOrEqual(5)
    expect(beats.at(-1)).toMatchObject({ ackRequested: false, lastRecvAgeMs: expect.any(Number) })
  })

  it("are left out while other bytes are written", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.sent(link)
    for (let tick = 0; tick < 20; tick++) {
      node.now = node.state.wakeAt
      const activity = [{ link, heardAt: node.now, sentAt: node.now - 10 }]
      node.feed({ _tag: "Wake", activity })
    }
    expect(node.sent(link).filter(({ _tag }) => _tag === "Heartbeat")).toEqual([])
  })

  it("that ask for an answer get one", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.sent(link)
    node.frame(link, { _tag: "Heartbeat", seq: 77, ackRequested: true, lastRecvAgeMs: 0 })
    expect(node.sent(link)).toContainEqual({ _tag: "HeartbeatAck", seq: 77 })
  })

  it("go to every member of a mesh for at most 1.2 messages a second", () => {
    const node = new Bench()
    const links = Array.from({ length: 9 }, (_, index) => node.accept(peer(`p${index}@host`)))
    node.passHearing(10_000, ...links)
    node.outputs = []
    node.passHearing(60_000, ...links)
    expect(node.take("Send").length).toBeLessThanOrEqual(1.2 * 9 * 60)
  })
})

describe("silence", () => {
  it("of S is Suspected, of D without a witness Down(timeout)", () => {
    const node = new Bench()
    node.accept(peer("a@host"))
    node.pass(2_900)
    expect(node.events()).toEqual(["Up a@host"])
    node.pass(400)
    expect(node.events()).toEqual(["Suspected a@host"])
    node.pass(2_600)
    expect(node.events()).toEqual([])
    node.pass(400)
    expect(node.events()).toEqual(["Down(timeout) a@host"])
    expect(node.take("Close")).toHaveLength(1)
  })

  it("ends with any byte: Recovered", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.pass(4_000)
    node.feed({ _tag: "Wake", activity: [{ link, heardAt: node.now, sentAt: node.now }] })
    expect(node.events()).toEqual(["Up a@host", "Suspected a@host", "Recovered a@host"])
  })

  it("makes the node dial afresh in parallel, and a new link ends it", () => {
    const node = new Bench()
    node.accept(peer("z@host"))
    node.take("Dial")
    node.pass(3_500)
    const [dial] = node.take("Dial")
    expect(dial).toMatchObject({ name: "z@host" })
    const { link } = node.welcome(dial!.dial, peer("z@host"))
    node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
    expect(node.events()).toEqual(["Up z@host", "Suspected z@host", "Recovered z@host"])
  })

  it("on a link that the rule prefers to the fresh one is asked about, and the link closed when it is dead", () => {
    const node = new Bench()
    const stuck = node.accept(peer("a@host"))
    node.take("Dial")
    node.pass(3_500)
    node.welcome(node.take("Dial")[0]!.dial, peer("a@host"))
    node.pass(1_250)
    expect(node.take("Close")).toContainEqual({ _tag: "Close", link: stuck })
    const { link } = node.welcome(node.take("Dial").at(-1)!.dial, peer("a@host"))
    node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
    expect(node.events()).toEqual(["Up a@host", "Suspected a@host", "Recovered a@host"])
  })
})

describe("witnesses", () => {
  it("are min(5, N − 2) alive members, asked when a peer is suspected and each second again", () => {
    for (const [count, expected] of [
      [0, 0],
      [1, 1],
      [3, 3],
      [5, 5],
      [20, 5]
    ] as const) {
      const bench = withWitnesses(count)
      expect(witness(bench, 3_000, undefined)).toBe(expected)
      expect(witness(bench, 1_000, undefined)).toBe(expected)
    }
  })

  it("that heard the peer within S keep it from going down: Unreachable", () => {
    const bench = withWitnesses(4)
    witness(bench, 30_000, { verdict: "heard", ageMs: 200 })
    expect(bench.node.events()).toEqual(["Suspected x@host", "Unreachable x@host"])
  })

  it("are asked once more shortly before D: what they have heard by then counts", () => {
    const bench = withWitnesses(4)
    witness(bench, 5_250, undefined)
    witness(bench, 3_000, { verdict: "heard", ageMs: 0 })
    expect(bench.node.events()).toEqual(["Suspected x@host", "Unreachable x@host"])
  })

  it("whose word is older than S change nothing", () => {
    const bench = withWitnesses(4)
    witness(bench, 7_000, { verdict: "heard", ageMs: 3_500 })
    expect(bench.node.events()).toEqual(["Suspected x@host", "Down(timeout) x@host"])
  })

  it("that fall silent end an unreachable peer after D", () => {
    const bench = withWitnesses(4)
    witness(bench, 10_000, { verdict: "heard", ageMs: 0 })
    bench.node.events()
    witness(bench, 5_500, undefined)
    expect(bench.node.events()).toEqual([])
    witness(bench, 5_000, undefined)
    expect(bench.node.events()).toEqual(["Down(timeout) x@host"])
  })

  it("do not bring a peer down by their word alone", () => {
    const bench = withWitnesses(4)
    witness(bench, 3_500, { verdict: "closed", ageMs: 0 })
    expect(bench.node.events()).toEqual(["Suspected x@host"])
    bench.node.beat(bench.link)
    expect(bench.node.events()).toEqual(["Recovered x@host"])
  })

  it("cannot make a linked peer leave", () => {
    const bench = withWitnesses(4)
    witness(bench, 3_500, { verdict: "left", ageMs: 0 })
    expect(bench.node.events()).toEqual(["Suspected x@host"])
  })

  it("make a peer leave whose link is lost", () => {
    const bench = withWitnesses(4)
    bench.node.close(bench.link)
    bench.node.answerDials("failed")
    witness(bench, 1_500, { verdict: "left", ageMs: 0 })
    expect(bench.node.events()).toEqual(["Left x@host"])
  })

  it("that saw it closed settle a probe that failed otherwise than by refusal", () => {
    const bench = withWitnesses(4)
    bench.node.close(bench.link)
    bench.node.answerDials("failed")
    witness(bench, 500, { verdict: "closed", ageMs: 0 })
    expect(bench.node.events()).toEqual(["Down(closed) x@host"])
  })

  it("answer what they know: heard with its age, closed, left, unknown", () => {
    const node = new Bench()
    const asker = node.accept(peer("a@host"))
    const heard = node.accept(peer("heard@host"))
    const left = node.accept(peer("left@host"))
    const closed = node.accept(peer("closed@host"))
    node.frame(left, { _tag: "Leave", generation: 1 })
    node.close(closed)
    node.answerDials("refused")
    node.pass(700)
    const ask = (name: string) => {
      node.sent(asker)
      node.frame(asker, { _tag: "Check", nonce: 9, instance: peer(name).instance })
      return node.sent(asker).find(({ _tag }) => _tag === "Vouch")
    }
    expect(ask("heard@host")).toEqual({ _tag: "Vouch", nonce: 9, verdict: "heard", ageMs: 700 })
    expect(ask("left@host")).toMatchObject({ verdict: "left" })
    expect(ask("closed@host")).toMatchObject({ verdict: "closed" })
    expect(ask("nobody@host")).toMatchObject({ verdict: "unknown" })
    node.close(heard)
    expect(ask("heard@host")).toMatchObject({ verdict: "unknown" })
  })

  it("whose answer was not asked for are ignored", () => {
    const bench = withWitnesses(4)
    witness(bench, 3_250, undefined)
    for (let nonce = 100; nonce < 200; nonce++) {
      bench.node.frame(bench.witnesses[0]!, { _tag: "Vouch", nonce, verdict: "heard", ageMs: 0 })
    }
    witness(bench, 4_000, undefined)
    expect(bench.node.events()).toEqual(["Suspected x@host", "Down(timeout) x@host"])
  })
})
