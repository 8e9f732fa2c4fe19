import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import { limits } from "../../src/protocol/figures.ts"
import { capabilities, type Identity } from "../../src/protocol/identity.ts"
import type { LinkFrame } from "../../src/protocol/linkFrames.ts"
import { members } from "../../src/protocol/step.ts"
import { addressOf, Bench, peer } from "./bench.ts"

/** Somebody who watches. */
const watcher = (name: string, given: Partial<Identity> & { readonly life?: number } = {}): Identity =>
  peer(name, { capabilities: capabilities.observer, ...given })

/** An observer that was let in; its link. */
const watch = (node: Bench, from: Identity = watcher("w@host")): number => {
  const { decision, link } = node.authenticate(from)
  expect(decision).toBe(0)
  node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
  return link
}

/** Everything that a node knows of others, who may be told of it, and what it wants of them. */
const tables = ({ state }: Bench) => ({
  members: members(state),
  known: [...state.members.keys()],
  links: [...state.links.keys()],
  current: [...state.current.keys()],
  pending: [...state.pending.keys()],
  targets: [...state.targets.keys()],
  candidates: [...state.candidates.keys()],
  bindings: [...state.bindings],
  names: [...state.names],
  dials: state.dials.size,
  conflictAt: state.conflictAt
})

const forbidden: ReadonlyArray<LinkFrame> = [
  { _tag: "Meta", version: 1, metadata: {} },
  { _tag: "Check", nonce: 1, instance: peer("a@host").instance },
  { _tag: "Vouch", nonce: 1, verdict: "left", ageMs: 0 },
  { _tag: "Peers", peers: [{ name: "x@host", instance: peer("x@host").instance, generation: 1, addresses: [] }] },
  { _tag: "Channel", id: 0, name: "chat" },
  { _tag: "Credit", id: 0, bytes: 1 },
  { _tag: "Event", body: Uint8Array.of(0) },
  { _tag: "Data", id: 0, more: false, bytes: Uint8Array.of(1) }
]

describe("an observer", () => {
  it("is let in and told from then on, and stands in no table but its own", () => {
    const node = new Bench()
    node.accept(peer("a@host"))
    node.pass(2_000)
    const before = tables(node)
    node.outputs = []
    const link = watch(node)
    expect(node.take("Observe")).toEqual([{ _tag: "Observe", link }])
    expect(tables(node)).toEqual(before)
    node.passHearing(1_000, 1, link)
    expect(node.take("Event")).toEqual([])
    expect(node.take("Dial")).toEqual([])
    node.close(link)
    node.pass(1_000)
    expect(node.state.observers.size).toBe(0)
    expect({ ...tables(node), members: before.members }).toEqual(before)
  })

  it("conflicts with nobody, be its name this node's or a member's, or its generation any", () => {
    const node = new Bench({ name: "m@host" })
    const a = node.accept(peer("a@host"))
    node.events()
    watch(node, watcher("m@host", { life: 5 }))
    watch(node, watcher("a@host", { life: 9 }))
    watch(node, watcher("a@host", { life: 0, instance: peer("b@host").instance }))
    node.passHearing(3_000, a)
    expect(node.events()).toEqual([])
    expect(node.take("Log").filter(({ level }) => level === "warning")).toEqual([])
    expect(members(node.state).map(({ name }) => name)).toEqual(["m@host", "a@host"])
    expect(node.state.conflictAt).toBe(-Infinity)
    const other = node.authenticate(peer("b@host"))
    expect(other.decision, "and its instance is not taken").toBe(0)
  })

  it("does not count as a member", () => {
    const node = new Bench({ maxMembers: 1 })
    const links = Array.from({ length: limits.observers }, (_, index) => watch(node, watcher(`w${index}@host`)))
    expect(links).toHaveLength(limits.observers)
    node.accept(peer("a@host"))
    expect(node.authenticate(peer("b@host")).decision).toBe(codes.too_many_peers)
  })

  it("is no witness: nobody asks it, and it is in no PEERS", () => {
    const node = new Bench()
    const a = node.accept(peer("a@host"))
    const b = node.accept(peer("b@host"))
    const link = watch(node)
    node.passHearing(16_000, a, b, link)
    const peers = node.sent(a).find(({ _tag }) => _tag === "Peers")
    expect(peers?._tag === "Peers" && peers.peers.map(({ name }) => name)).toEqual(["a@host", "b@host"])
    node.passHearing(8_000, a, link)
    expect(node.sent(a).map(({ _tag }) => _tag)).toContain("Check")
    expect(new Set(node.sent(link).map(({ _tag }) => _tag))).toEqual(new Set(["Heartbeat"]))
  })

  for (const frame of forbidden) {
    it(`that sends ${frame._tag} loses its link, and nothing else happens`, () => {
      const node = new Bench()
      node.accept(peer("a@host"))
      const link = watch(node)
      const before = tables(node)
      node.outputs = []
      node.frame(link, frame)
      expect(node.sent(link)).toEqual([{ _tag: "Goaway", reason: "protocol" }])
      expect(node.take("Close")).toEqual([{ _tag: "Close", link }])
      expect(node.state.counters.get("observers_violation")).toBe(1)
      expect(tables(node)).toEqual(before)
      node.frame(link, { _tag: "Heartbeat", seq: 1, ackRequested: true, lastRecvAgeMs: 0 })
      expect(node.sent(link), "it is over").toEqual([])
    })
  }

  it("may ask whether the link lives, and end it", () => {
    const node = new Bench()
    for (const last of [{ _tag: "Leave", generation: 1 } as const, { _tag: "Goaway", reason: "disconnect" } as const]) {
      const link = watch(node)
      node.frame(link, { _tag: "Heartbeat", seq: 7, ackRequested: true, lastRecvAgeMs: 0 })
      expect(node.sent(link)).toEqual([{ _tag: "HeartbeatAck", seq: 7 }])
      node.frame(link, last)
      expect(node.sent(link)).toEqual([])
      expect(node.take("Close")).toEqual([{ _tag: "Close", link }])
      node.close(link)
    }
    expect(node.state.counters.get("observers_violation")).toBeUndefined()
  })

  it("hears a heartbeat when there is nothing to tell, one at a time", () => {
    const node = new Bench()
    const link = watch(node)
    node.pass(5_000)
    expect(node.sent(link)).toMatchObject([{ _tag: "Heartbeat", seq: 1, ackRequested: true }])
    node.frame(link, { _tag: "HeartbeatAck", seq: 1 })
    node.pass(3_000)
    expect(node.sent(link)).toMatchObject([{ _tag: "Heartbeat", seq: 2, ackRequested: true }])
  })

  it("is dropped when it was silent for ten seconds, whatever the detector's figures are", () => {
    for (const figures of [undefined, { heartbeat: 15_000, suspectAfter: 30_000, downAfter: 60_000 }]) {
      const node = new Bench(figures === undefined ? {} : { figures })
      const [silent, alive] = [watch(node, watcher("s@host")), watch(node, watcher("w@host"))]
      node.passHearing(limits.observerSilence - 500, alive)
      expect(node.take("Close")).toEqual([])
      node.passHearing(1_000, alive)
      expect(node.take("Close")).toEqual([{ _tag: "Close", link: silent }])
      expect(node.state.counters.get("observers_silent")).toBe(1)
    }
  })

  it("is not dropped for a stall of the node itself", () => {
    const node = new Bench()
    const link = watch(node)
    node.stall(60_000)
    node.feed({ _tag: "Breathed", activity: [] })
    node.pass(1_000)
    expect(node.take("Close")).toEqual([])
    node.feed({ _tag: "Wake", activity: [{ link, heardAt: node.now, sentAt: node.now }] })
    node.pass(limits.observerSilence - 1_000)
    expect(node.take("Close"), "any byte is a sign of life").toEqual([])
  })

  it("finds room for sixteen; one that has not ended yet counts", () => {
    const node = new Bench()
    const links = Array.from({ length: limits.observers }, (_, index) => watch(node, watcher(`w${index}@host`)))
    const refused = node.authenticate(watcher("late@host"))
    expect(refused).toMatchObject({ decision: codes.too_many_peers, retryAfterMs: 30_000 })
    node.frame(links[0]!, { _tag: "Goaway", reason: "disconnect" })
    expect(node.authenticate(watcher("late@host")).decision).toBe(codes.too_many_peers)
    node.close(links[0]!)
    expect(node.authenticate(watcher("late@host")).decision).toBe(0)
    expect(node.state.observers.size).toBe(limits.observers)
  })

  it("takes no room when it declines, as a diagnosis does", () => {
    const node = new Bench()
    const { link } = node.authenticate(watcher("w@host"))
    node.feed({ _tag: "Ready", link, decision: codes.already_connected, knownGeneration: 0 })
    expect(node.state.observers.size).toBe(0)
    expect(node.take("Observe")).toEqual([])
  })

  it("is checked as everybody is", () => {
    const node = new Bench()
    expect(node.authenticate(watcher("w@host", { cluster: "other" })).decision).toBe(codes.cluster_mismatch)
    expect(node.authenticate(watcher("no name")).decision).toBe(codes.malformed)
    expect(node.authenticate(watcher("w@host", { dialed: "b@host" })).decision).toBe(codes.name_mismatch)
    expect(node.authenticate(watcher("w@host", { required: 8n })).decision).toBe(codes.capability_missing)
    expect(node.authenticate(watcher("w@host", { instance: node.state.self.instance })).decision).toBe(
      codes.self_connect
    )
  })

  it("hears LEAVE when the node leaves, also when its READY comes after that; a later one is refused", () => {
    const node = new Bench()
    const link = watch(node)
    const late = node.authenticate(watcher("late@host")).link
    node.feed({ _tag: "Leave" })
    expect(node.sent(link)).toMatchObject([{ _tag: "Leave" }])
    node.feed({ _tag: "Ready", link: late, decision: 0, knownGeneration: 0 })
    expect(node.sent(late)).toMatchObject([{ _tag: "Leave" }])
    expect(node.take("Close").map((close) => close.link)).toEqual([link, late])
    expect(node.take("Observe").map((observe) => observe.link)).toEqual([link])
    expect(node.authenticate(watcher("x@host")).decision).toBe(codes.shutting_down)
  })
})

describe("what only observers are", () => {
  it("EVENT to a node that watches nobody ends the link", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.sent(link)
    node.frame(link, { _tag: "Event", body: Uint8Array.of(0) })
    expect(node.sent(link)).toEqual([{ _tag: "Goaway", reason: "protocol" }])
    expect(node.state.counters.get("links_protocol_error")).toBe(1)
  })

  for (const decision of [0, codes.name_conflict, codes.shutting_down]) {
    it(`a node that answers a dial as an observer is refused, and nothing of it is kept, its decision ${decision} neither`, () => {
      const node = new Bench()
      node.look([{ address: addressOf("a@host") }])
      node.pass(1_000)
      const [dial] = node.take("Dial")
      const before = tables(node)
      const { decision: verdict } = node.welcome(dial!.dial, watcher("a@host"), decision)
      expect(verdict).toBe(codes.malformed)
      expect(tables(node)).toEqual({ ...before, dials: 0 })
      expect(node.state.observers.size).toBe(0)
    })
  }
})
