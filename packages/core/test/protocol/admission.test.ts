import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import { Bench, peer, start } from "./bench.ts"

describe("who is let in", () => {
  it("an authentic peer comes up on its first frame, with its metadata", () => {
    const node = new Bench()
    const { decision, link } = node.authenticate(peer("a@host"))
    expect(decision).toBe(0)
    node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    expect(node.take("Current")).toEqual([{ _tag: "Current", link, name: "a@host", instance: peer("a@host").instance }])
    expect(node.sent(link).map(({ _tag }) => _tag)).toEqual(["Meta"])
    expect(node.events()).toEqual([])
    node.frame(link, { _tag: "Meta", version: 1, metadata: { role: "api" } })
    const [up] = node.take("Event")
    expect(up?.event).toMatchObject({
      _tag: "Up",
      member: { name: "a@host", metadata: { role: "api" }, state: "alive" }
    })
  })

  it("a link whose first frame is not META is a violation", () => {
    const node = new Bench()
    const { link } = node.authenticate(peer("a@host"))
    node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    node.sent(link)
    node.beat(link)
    expect(node.sent(link)).toEqual([{ _tag: "Goaway", reason: "protocol" }])
    expect(node.take("Close")).toEqual([{ _tag: "Close", link }])
    expect(node.state.current.size).toBe(0)
  })

  it("the node itself is refused with self_connect, at both ends", () => {
    const node = new Bench({ name: "a@host" })
    expect(node.authenticate(peer("a@host")).decision).toBe(codes.self_connect)
  })

  it("another cluster, a name that is none and a generation of the day after tomorrow are refused", () => {
    const node = new Bench()
    expect(node.authenticate(peer("a@host", { cluster: "other" })).decision).toBe(codes.cluster_mismatch)
    expect(node.authenticate(peer("no name")).decision).toBe(codes.malformed)
    const ahead = start + 2 * 86_400_000
    expect(node.authenticate(peer("a@host", { generation: ahead })).decision).toBe(codes.malformed)
    expect(node.state.members.size + node.state.links.size + node.state.targets.size).toBe(0)
  })

  it("a dialer that expects another name hears name_mismatch", () => {
    const node = new Bench()
    expect(node.authenticate(peer("a@host", { dialed: "b@host" })).decision).toBe(codes.name_mismatch)
    expect(node.authenticate(peer("a@host", { dialed: "m@host" })).decision).toBe(0)
  })

  it("somebody else with this node's own name is refused, and both are told of the conflict", () => {
    const node = new Bench()
    const twin = peer("m@host", { life: 9, generation: start + 5 })
    expect(node.authenticate(twin)).toMatchObject({ decision: codes.name_conflict, retryAfterMs: 1_000 })
    expect(node.events()).toEqual(["NameConflict m@host"])
    node.authenticate(twin)
    expect(node.events()).toEqual([])
  })

  it("counts handshakes under way against the cap of members", () => {
    const node = new Bench({ maxMembers: 2 })
    const decisions = ["a@host", "b@host", "c@host", "d@host"].map((name) => node.authenticate(peer(name)).decision)
    expect(decisions).toEqual([0, 0, codes.too_many_peers, codes.too_many_peers])
  })

  it("more members than the cap are refused for 30 s; a known one may come back", () => {
    const node = new Bench({ maxMembers: 2 })
    const a = node.accept(peer("a@host"))
    node.accept(peer("b@host"))
    expect(node.authenticate(peer("c@host"))).toMatchObject({ decision: codes.too_many_peers, retryAfterMs: 30_000 })
    node.close(a)
    expect(node.authenticate(peer("a@host")).decision).toBe(0)
  })
})

describe("lives of one name", () => {
  it("a restart is Down(restarted) of the old life and then Up of the new one, each once", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host"))
    node.close(old)
    node.events()
    node.accept(peer("a@host", { life: 2 }))
    expect(node.events()).toEqual(["Down(restarted) a@host", "Up a@host"])
    expect(node.state.members.get("a@host")?.instance).toBe(peer("a@host", { life: 2 }).instance)
  })

  it("while the old link seems alive it is probed, and the newcomer waits a second; silence makes room", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host"))
    node.sent(old)
    const newcomer = peer("a@host", { life: 2 })
    expect(node.authenticate(newcomer)).toMatchObject({ decision: codes.name_conflict, retryAfterMs: 1_000 })
    expect(node.sent(old)).toMatchObject([{ _tag: "Heartbeat", ackRequested: true }])
    node.pass(1_250)
    expect(node.take("Close")).toContainEqual({ _tag: "Close", link: old })
    node.events()
    node.accept(newcomer)
    expect(node.events()).toEqual(["Down(restarted) a@host", "Up a@host"])
  })

  it("an incumbent that answers the probe stays, and an event tells of the conflict", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host"))
    node.authenticate(peer("a@host", { life: 2 }))
    node.events()
    node.frame(old, { _tag: "HeartbeatAck", seq: 1 })
    const [conflict] = node.take("Event")
    expect(conflict?.event).toMatchObject({
      _tag: "NameConflict",
      member: { instance: peer("a@host").instance },
      instance: peer("a@host", { life: 2 }).instance
    })
    node.passHearing(2_000, old)
    expect(node.stateOf("a@host")).toBe("alive")
  })

  it("an older life hears which generation is known", () => {
    const node = new Bench()
    node.accept(peer("a@host", { life: 5 }))
    const stale = node.authenticate(peer("a@host", { life: 3 }))
    expect(stale).toMatchObject({ decision: codes.stale_incarnation, knownGeneration: start - 100_000 + 5 })
  })

  it("a node whose clock went back takes the known generation and one, and dials at once", () => {
    const node = new Bench({ generation: 1_000 })
    node.look([{ address: "tcp://a:1" }])
    node.pass(50)
    const [dial] = node.take("Dial")
    node.welcome(dial!.dial, peer("a@host", { knownGeneration: 5_000 }), codes.stale_incarnation)
    expect(node.state.self.generation).toBe(5_001)
    expect(node.take("Dial")).toMatchObject([{ address: "tcp://a:1", name: "a@host" }])
  })

  it("a node raises its generation again for a peer that knows a later life, a few times and no more", () => {
    const node = new Bench({ generation: 1_000 })
    node.look([{ address: "tcp://a:1" }])
    node.pass(50)
    let known = 5_000
    let dials = 0
    for (let [dial] = node.take("Dial"); dial !== undefined; [dial] = node.take("Dial")) {
      dials++
      known += 10
      node.welcome(dial.dial, peer("a@host", { knownGeneration: known }), codes.stale_incarnation)
    }
    expect(dials).toBe(9)
    expect(node.state.self.generation).toBe(5_081)
  })

  it("a generation that peers would not believe is not taken", () => {
    const node = new Bench({ generation: 1_000 })
    node.look([{ address: "tcp://a:1" }])
    node.pass(50)
    const [dial] = node.take("Dial")
    const tooHigh = node.now + 86_400_000
    node.welcome(dial!.dial, peer("a@host", { knownGeneration: tooHigh }), codes.stale_incarnation)
    expect(node.state.self.generation).toBe(1_000)
  })

  it("while a name conflict stands the generation is not raised, and tried again when it is over", () => {
    const node = new Bench({ generation: 1_000 })
    node.look([{ address: "tcp://a:1" }])
    node.pass(50)
    node.welcome(node.take("Dial")[0]!.dial, peer("a@host"), codes.name_conflict)
    node.pass(1_000)
    node.welcome(node.take("Dial")[0]!.dial, peer("a@host", { knownGeneration: 5_000 }), codes.stale_incarnation)
    expect(node.state.self.generation).toBe(1_000)
    node.pass(8_900)
    expect(node.take("Dial")).toEqual([])
    node.pass(200)
    node.welcome(node.take("Dial")[0]!.dial, peer("a@host", { knownGeneration: 5_000 }), codes.stale_incarnation)
    expect(node.state.self.generation).toBe(5_001)
  })

  it("an accepting node whose dialer knows a newer generation raises its own too", () => {
    const node = new Bench({ generation: 1_000 })
    const { link } = node.authenticate(peer("a@host"))
    node.feed({ _tag: "Ready", link, decision: codes.stale_incarnation, knownGeneration: 7_000 })
    expect(node.state.self.generation).toBe(7_001)
    expect(node.state.links.size).toBe(0)
  })

  it("the same life with a higher generation is the same life: no event", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.events()
    node.close(link)
    node.accept(peer("a@host", { generation: start - 50 }))
    expect(node.events()).toEqual([])
    expect(node.state.members.get("a@host")?.generation).toBe(start - 50)
  })

  it("a life that has left does not come back; the next one does", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.frame(link, { _tag: "Leave", generation: 1 })
    expect(node.events()).toEqual(["Up a@host", "Left a@host"])
    expect(node.authenticate(peer("a@host")).decision).toBe(codes.not_admitted)
    node.accept(peer("a@host", { life: 2 }))
    expect(node.events()).toEqual(["Up a@host"])
  })

  it("a life that is down comes back with a handshake", () => {
    const node = new Bench({ reconnect: "never" })
    const link = node.accept(peer("a@host"))
    node.close(link)
    node.pass(1_000)
    expect(node.events()).toEqual(["Up a@host", "Down(closed) a@host"])
    node.accept(peer("a@host"))
    expect(node.events()).toEqual(["Up a@host"])
  })

  it("a handshake that was overtaken by a newer life ends without an event", () => {
    const node = new Bench()
    const slow = node.authenticate(peer("a@host", { life: 1 }))
    node.accept(peer("a@host", { life: 2 }))
    node.events()
    node.feed({ _tag: "Ready", link: slow.link, decision: 0, knownGeneration: 0 })
    expect(node.sent(slow.link)).toEqual([{ _tag: "Goaway", reason: "replaced" }])
    expect(node.events()).toEqual([])
    expect(node.state.members.get("a@host")?.instance).toBe(peer("a@host", { life: 2 }).instance)
  })
})

describe("two links to one life", () => {
  it("a later attempt of the same side replaces the link in use, which is then only read", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host", { attempt: 1 }))
    const next = node.authenticate(peer("a@host", { attempt: 2 }))
    expect(next.decision).toBe(0)
    node.sent(old)
    node.feed({ _tag: "Ready", link: next.link, decision: 0, knownGeneration: 0 })
    expect(node.sent(old)).toEqual([{ _tag: "Goaway", reason: "replaced" }])
    expect(node.take("Retire")).toEqual([{ _tag: "Retire", link: old }])
    node.events()
    node.frame(next.link, { _tag: "Meta", version: 1, metadata: {} })
    node.close(old)
    expect(node.events()).toEqual([])
    expect(node.stateOf("a@host")).toBe("alive")
  })

  it("an earlier attempt hears already_connected, and the link in use is probed and closed when it is dead", () => {
    const node = new Bench()
    const used = node.accept(peer("a@host", { attempt: 5 }))
    node.sent(used)
    expect(node.authenticate(peer("a@host", { attempt: 4 })).decision).toBe(codes.already_connected)
    expect(node.sent(used)).toMatchObject([{ _tag: "Heartbeat", ackRequested: true }])
    node.pass(1_250)
    expect(node.take("Close")).toContainEqual({ _tag: "Close", link: used })
  })

  it("a probe that is answered by any frame keeps the link", () => {
    const node = new Bench()
    const used = node.accept(peer("a@host", { attempt: 5 }))
    node.authenticate(peer("a@host", { attempt: 4 }))
    node.pass(500)
    node.beat(used)
    node.pass(1_000)
    expect(node.take("Close")).toEqual([])
    expect(node.state.current.get("a@host")?.id).toBe(used)
  })
})
