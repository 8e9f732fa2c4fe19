import { describe, expect, it } from "vitest"
import { Bench, peer } from "./bench.ts"
import { withWitnesses, witness } from "./witnessing.ts"

describe("a stall of the node itself", () => {
  it("brings nobody down: the timer comes first, then what was buffered, then the judgement", () => {
    const bench = withWitnesses(3)
    const { link, node, witnesses } = bench
    node.stall(30_000)
    expect(node.take("Breathe")).toHaveLength(1)
    expect(node.events()).toEqual([])
    for (const each of [link, ...witnesses]) node.beat(each)
    node.feed({ _tag: "Breathed", activity: [] })
    node.passHearing(5_000, link, ...witnesses)
    expect(node.events()).toEqual([])
  })

  it("is credited, so that peers have their full time afterwards", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.passHearing(2_000, link)
    node.stall(60_000)
    node.feed({ _tag: "Breathed", activity: [] })
    node.pass(1_500)
    expect(node.events()).toEqual(["Up a@host"])
    node.pass(2_000)
    expect(node.events()).toEqual(["Suspected a@host"])
    node.pass(3_500)
    expect(node.events()).toEqual(["Down(timeout) a@host"])
  })

  it("judges nothing until what was buffered has been given in", () => {
    const node = new Bench()
    node.accept(peer("a@host"))
    node.pass(5_900)
    node.events()
    node.stall(700)
    node.pass(3_000)
    expect(node.events()).toEqual([])
    node.feed({ _tag: "Breathed", activity: [] })
    node.pass(1_000)
    expect(node.events()).toEqual(["Down(timeout) a@host"])
  })

  it("longer than S allows no Down within S, even when every peer has closed the link and refuses", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.stall(10_000)
    node.close(link)
    node.feed({ _tag: "Breathed", activity: [] })
    node.answerDials("refused")
    node.pass(2_900)
    expect(node.events().filter((event) => event.startsWith("Down"))).toEqual([])
    node.pass(500)
    expect(node.events()).toEqual(["Down(closed) a@host"])
  })

  it("is not reported as silence of the peer", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.passHearing(2_000, link)
    node.sent(link)
    node.stall(20_000)
    node.feed({ _tag: "Breathed", activity: [] })
    node.pass(500)
    const ages = node.sent(link).flatMap((frame) => (frame._tag === "Heartbeat" ? [frame.lastRecvAgeMs] : []))
    expect(Math.max(...ages)).toBeLessThan(3_000)
  })

  it("makes no witness of it: what is credited was not heard", () => {
    const node = new Bench()
    const asker = node.accept(peer("a@host"))
    node.accept(peer("x@host"))
    node.stall(20_000)
    node.sent(asker)
    node.frame(asker, { _tag: "Check", nonce: 1, instance: peer("x@host").instance })
    expect(node.sent(asker)).toContainEqual({ _tag: "Vouch", nonce: 1, verdict: "unknown", ageMs: 0xffff_ffff })
  })

  it("of less than half a tick is none", () => {
    const node = new Bench()
    node.accept(peer("a@host"))
    node.now = node.state.wakeAt + 100
    node.feed({ _tag: "Wake", activity: [] })
    expect(node.take("Breathe")).toEqual([])
  })
})

describe("loss in one direction", () => {
  it("shows in two heartbeats that say that nothing arrives: GOAWAY, Suspected, and Unreachable on a witness's word", () => {
    const bench = withWitnesses(3)
    const { link, node } = bench
    witness(bench, 1_000, undefined)
    node.beat(link, 6_100)
    expect(node.events()).toEqual([])
    node.beat(link, 7_100)
    expect(node.sent(link)).toContainEqual({ _tag: "Goaway", reason: "one_way" })
    expect(node.events()).toEqual(["Suspected x@host"])
    witness(bench, 1_000, { verdict: "heard", ageMs: 100 })
    expect(node.events()).toEqual(["Unreachable x@host"])
  })

  it("is told to the other side when a silent link goes to Unreachable", () => {
    const bench = withWitnesses(3)
    witness(bench, 7_000, { verdict: "heard", ageMs: 100 })
    expect(bench.node.sent(bench.link)).toContainEqual({ _tag: "Goaway", reason: "one_way" })
  })

  it("told by the other side is doubt at once, and Unreachable on a witness's word", () => {
    const bench = withWitnesses(3)
    bench.node.frame(bench.link, { _tag: "Goaway", reason: "one_way" })
    expect(bench.node.events()).toEqual(["Suspected x@host"])
    witness(bench, 500, { verdict: "heard", ageMs: 100 })
    expect(bench.node.events()).toEqual(["Unreachable x@host"])
  })

  it("ends when a link is back: Reachable", () => {
    const bench = withWitnesses(3)
    witness(bench, 8_000, { verdict: "heard", ageMs: 100 })
    bench.node.events()
    bench.node.close(bench.link)
    bench.node.accept(peer("x@host", { attempt: 9 }))
    expect(bench.node.events()).toEqual(["Reachable x@host"])
  })

  it("is not believed of one heartbeat alone", () => {
    const bench = withWitnesses(3)
    for (const age of [6_100, 0, 6_100, 0]) bench.node.beat(bench.link, age)
    expect(bench.node.events()).toEqual([])
  })
})
