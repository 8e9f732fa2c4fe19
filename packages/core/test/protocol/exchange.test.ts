import { describe, expect, it } from "vitest"
import type { PeerEntry } from "../../src/protocol/linkFrames.ts"
import { addressOf, Bench, peer } from "./bench.ts"

const entry = (name: string, life = 1): PeerEntry => {
  const { addresses, generation, instance } = peer(name, { life })
  return { name, instance, generation, addresses }
}

describe("what a node tells its neighbours", () => {
  it("is whom it holds a link to, once after Up and on change, at most every five seconds", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const links = [a]
    const told: Array<ReadonlyArray<string>> = []
    for (let second = 0; second < 20; second++) {
      if (second < 10) links.push(node.accept(peer(`p${second}@host`)))
      node.passHearing(1_000, ...links)
      for (const frame of node.sent(a)) if (frame._tag === "Peers") told.push(frame.peers.map(({ name }) => name))
    }
    expect(told.length).toBeGreaterThanOrEqual(3)
    expect(told.length).toBeLessThanOrEqual(4)
    expect(told.at(-1)).toHaveLength(11)
  })

  it("leaves out whose link is lost", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const b = node.accept(peer("b@host"))
    node.passHearing(6_000, a, b)
    node.sent(a)
    node.close(b)
    node.answerDials("refused")
    node.passHearing(6_000, a)
    const peers = node.sent(a).flatMap((frame) => (frame._tag === "Peers" ? [frame.peers] : []))
    expect(peers).toEqual([[entry("a@host")]])
  })

  /** The names in each PEERS that went over a link. */
  const toldOver = (node: Bench, link: number) =>
    node.sent(link).flatMap((frame) => (frame._tag === "Peers" ? [frame.peers.map(({ name }) => name)] : []))

  it("is nothing that the neighbour tells itself, until it has lost a link", () => {
    const node = new Bench()
    const [a, b] = [node.accept(peer("a@host")), node.accept(peer("b@host"))]
    node.frame(a, { _tag: "Peers", peers: [entry("b@host")] })
    node.passHearing(12_000, a, b)
    expect(toldOver(node, a)).toEqual([])
    expect(toldOver(node, b)).toEqual([["a@host", "b@host"]])
    node.frame(a, { _tag: "Peers", peers: [] })
    node.passHearing(1_000, a, b)
    expect(toldOver(node, a)).toEqual([["a@host", "b@host"]])
  })

  it("is told anew when the neighbour holds a link to another life", () => {
    const node = new Bench()
    const [a, b] = [node.accept(peer("a@host")), node.accept(peer("b@host", { life: 2 }))]
    node.frame(a, { _tag: "Peers", peers: [entry("b@host")] })
    node.passHearing(1_000, a, b)
    expect(toldOver(node, a)).toEqual([["a@host", "b@host"]])
  })

  it("waits while dials are under way and links come up, but not for ever", () => {
    const node = new Bench()
    node.look([{ name: "z@host", address: addressOf("z@host") }])
    const links = [node.accept(peer("a@host"))]
    for (let half = 0; half < 20; half++) {
      node.passHearing(500, ...links)
      links.push(node.accept(peer(`p${half}@host`)))
    }
    expect(node.state.dials.size).toBe(1)
    expect(toldOver(node, links[0]!)).toEqual([])
    node.passHearing(1_250, ...links)
    expect(toldOver(node, links[0]!)).toHaveLength(1)
    const still = node.accept(peer("q@host"))
    links.push(still)
    for (let half = 0; half < 32; half++) {
      node.passHearing(500, ...links)
      links.push(node.accept(peer(`r${half}@host`)))
    }
    expect(toldOver(node, still)).toHaveLength(1)
  })

  it("goes to a new neighbour at once and waits to go again where links come up and nobody is dialed", () => {
    const node = new Bench()
    const links = [node.accept(peer("a@host")), node.accept(peer("b@host"))]
    node.passHearing(500, ...links)
    expect(toldOver(node, links[0]!)).toEqual([["a@host", "b@host"]])
    for (let half = 0; half < 24; half++) {
      links.push(node.accept(peer(`p${half}@host`)))
      node.passHearing(500, ...links)
      expect(toldOver(node, links.at(-1)!)).toHaveLength(1)
    }
    expect(node.state.dials.size).toBe(0)
    expect(toldOver(node, links[0]!)).toEqual([])
    node.passHearing(1_250, ...links)
    expect(toldOver(node, links[0]!)).toHaveLength(1)
  })

  it("has at most 512 entries", () => {
    const node = new Bench()
    const links = Array.from({ length: 600 }, (_, index) => node.accept(peer(`p${index}@host`)))
    node.pass(1_000)
    const frame = node.sent(links[0]!).find(({ _tag }) => _tag === "Peers")
    expect(frame?._tag === "Peers" && frame.peers.length).toBe(512)
  })

  it("is nothing when the exchange is off", () => {
    const node = new Bench({ peerExchange: false })
    const a = node.accept(peer("a@host"))
    node.pass(2_000)
    expect(node.sent(a).filter(({ _tag }) => _tag === "Peers")).toEqual([])
    node.frame(a, { _tag: "Peers", peers: [entry("z@host")] })
    node.pass(2_000)
    expect(node.take("Dial").filter(({ name }) => name === "z@host")).toEqual([])
  })
})

describe("what neighbours tell", () => {
  it("makes candidates that are dialed and that are no members", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    node.outputs = []
    node.frame(a, { _tag: "Peers", peers: [entry("z@host"), entry("m@host"), entry("a@host")] })
    expect(node.take("Dial")).toMatchObject([{ name: "z@host", address: addressOf("z@host") }])
    expect(node.events()).toEqual([])
    expect(node.state.members.has("z@host")).toBe(false)
  })

  it("is forgotten 60 s after no neighbour holds a link any more, and dialed no more", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const b = node.accept(peer("b@host"))
    node.frame(a, { _tag: "Peers", peers: [entry("z@host")] })
    node.frame(b, { _tag: "Peers", peers: [entry("z@host")] })
    node.frame(a, { _tag: "Peers", peers: [] })
    node.passHearing(70_000, a, b)
    expect(node.state.candidates.has("z@host")).toBe(true)
    node.close(b)
    node.passHearing(59_000, a)
    expect(node.state.candidates.has("z@host")).toBe(true)
    node.passHearing(2_000, a)
    expect(node.state.candidates.has("z@host")).toBe(false)
    node.answerDials("failed")
    node.passHearing(60_000, a)
    expect(node.take("Dial").filter(({ name }) => name === "z@host")).toEqual([])
  })

  it("does not make the node dial a life that has left", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const z = node.accept(peer("z@host"))
    node.frame(z, { _tag: "Leave", generation: 1 })
    node.close(z)
    node.frame(a, { _tag: "Peers", peers: [entry("z@host")] })
    node.passHearing(60_000, a)
    expect(node.take("Dial").filter(({ name }) => name === "z@host")).toEqual([])
    node.frame(a, { _tag: "Peers", peers: [entry("z@host", 2)] })
    node.passHearing(1_000, a)
    expect(node.take("Dial").filter(({ name }) => name === "z@host")).toHaveLength(1)
  })

  it("of an earlier life changes nothing while somebody tells of a later one", () => {
    const node = new Bench()
    const [a, b] = [node.accept(peer("a@host")), node.accept(peer("b@host"))]
    const z = node.accept(peer("z@host"))
    node.frame(z, { _tag: "Leave", generation: 1 })
    node.close(z)
    node.passHearing(6_000, a, b)
    node.frame(a, { _tag: "Peers", peers: [{ ...entry("z@host", 2), addresses: ["tcp://moved:1"] }] })
    expect(node.answerDials("failed")).toMatchObject([{ address: "tcp://moved:1" }])
    node.frame(b, { _tag: "Peers", peers: [entry("z@host", 1)] })
    node.frame(b, { _tag: "Peers", peers: [] })
    node.passHearing(30_000, a, b)
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://moved:1" }])
  })

  it("is bounded to 4096 candidates", () => {
    const node = new Bench()
    const links = Array.from({ length: 12 }, (_, index) => node.accept(peer(`n${index}@host`)))
    for (const [index, link] of links.entries()) {
      const peers = Array.from({ length: 512 }, (_, each) => entry(`c${index}x${each}@host`))
      node.frame(link, { _tag: "Peers", peers })
    }
    expect(node.state.candidates.size).toBe(4_096)
    expect(node.state.targets.size).toBeLessThanOrEqual(8_192)
  })

  it("is believed only on the link in use", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host", { attempt: 1 }))
    node.accept(peer("a@host", { attempt: 2 }))
    node.frame(old, { _tag: "Peers", peers: [entry("z@host")] })
    expect(node.state.candidates.size).toBe(0)
  })

  it("gives way to what a node says of itself", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const z = node.accept(peer("z@host"))
    node.close(z)
    node.answerDials("refused")
    node.frame(a, { _tag: "Peers", peers: [{ ...entry("z@host"), addresses: ["tcp://evil:1"] }] })
    expect(node.state.targets.get("z@host")?.told).toEqual([addressOf("z@host")])
  })
})
