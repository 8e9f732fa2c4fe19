import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import { addressOf, Bench, peer } from "./bench.ts"

describe("leaving", () => {
  it("says LEAVE on every link, then closes it, and dials no more", () => {
    const node = new Bench()
    node.look([{ address: "tcp://z:1" }])
    const links = ["a@host", "b@host"].map((name) => node.accept(peer(name)))
    const [dial] = node.take("Dial")
    node.outputs = []
    node.feed({ _tag: "Leave" })
    for (const link of links)
      expect(node.sent(link)).toEqual([{ _tag: "Leave", generation: node.state.self.generation }])
    expect(node.take("Close").map(({ link }) => link)).toEqual(links)
    expect(node.take("CancelDial")).toEqual([{ _tag: "CancelDial", dial: dial!.dial }])
    node.look([{ address: "tcp://y:1" }])
    for (const link of links) node.close(link)
    node.pass(60_000)
    expect(node.take("Dial")).toEqual([])
    expect(node.events().filter((event) => !event.startsWith("Up"))).toEqual([])
  })

  it("refuses whoever knocks with shutting_down", () => {
    const node = new Bench()
    node.feed({ _tag: "Leave" })
    expect(node.authenticate(peer("a@host"))).toMatchObject({ decision: codes.shutting_down, retryAfterMs: 30_000 })
  })

  it("is the first frame on a handshake that finishes later", () => {
    const node = new Bench()
    const { link } = node.authenticate(peer("a@host"))
    node.feed({ _tag: "Leave" })
    node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    expect(node.sent(link)).toEqual([{ _tag: "Leave", generation: node.state.self.generation }])
    expect(node.take("Close")).toContainEqual({ _tag: "Close", link })
  })

  it("refuses by READY when its own dial is answered too late", () => {
    const node = new Bench()
    node.look([{ address: "tcp://z:1" }])
    const [dial] = node.take("Dial")
    node.feed({ _tag: "Leave" })
    expect(node.welcome(dial!.dial, peer("z@host")).decision).toBe(codes.shutting_down)
  })

  it("fails whoever waits for a connection", () => {
    const node = new Bench()
    node.feed({ _tag: "Connect", request: 1, peer: { address: "tcp://z:1" } })
    node.feed({ _tag: "Leave" })
    expect(node.take("ConnectFailed")).toEqual([{ _tag: "ConnectFailed", request: 1, reason: "leaving" }])
  })
})

describe("a peer that leaves", () => {
  it("is Left by LEAVE, without doubt before and without Down after", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.frame(link, { _tag: "Leave", generation: 1 })
    node.close(link)
    node.pass(60_000)
    expect(node.events()).toEqual(["Up a@host", "Left a@host"])
  })

  it("is Left by an authentic shutting_down", () => {
    const node = new Bench()
    node.look([{ name: "z@host", address: addressOf("z@host") }])
    const link = node.accept(peer("z@host"))
    node.outputs = []
    node.close(link)
    node.welcome(node.take("Dial")[0]!.dial, peer("z@host"), codes.shutting_down)
    expect(node.events()).toEqual(["Left z@host"])
  })

  it("is not Left by the shutting_down of another life", () => {
    const node = new Bench()
    const link = node.accept(peer("z@host"))
    node.outputs = []
    node.close(link)
    node.welcome(node.take("Dial")[0]!.dial, peer("z@host", { life: 2 }), codes.shutting_down)
    expect(node.events()).toEqual([])
  })

  it("that says LEAVE as its first frame was never up", () => {
    const node = new Bench()
    const { link } = node.authenticate(peer("a@host"))
    node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    node.frame(link, { _tag: "Leave", generation: 1 })
    expect(node.events()).toEqual([])
    expect(node.state.current.size).toBe(0)
  })
})

describe("disconnect", () => {
  it("parts on both sides and is not dialed again until asked", () => {
    const node = new Bench()
    node.look([{ address: addressOf("a@host") }])
    const link = node.accept(peer("a@host"))
    node.outputs = []
    node.feed({ _tag: "Disconnect", name: "a@host" })
    expect(node.sent(link)).toEqual([{ _tag: "Goaway", reason: "disconnect" }])
    expect(node.events()).toEqual(["Down(disconnected) a@host"])
    node.close(link)
    node.look([{ address: addressOf("a@host") }])
    node.pass(120_000)
    expect(node.take("Dial")).toEqual([])
    node.feed({ _tag: "Connect", request: 1, peer: { name: "a@host" } })
    expect(node.take("Dial")).toHaveLength(1)
  })

  it("by the other side is Down(disconnected) here too, and nobody redials", () => {
    const node = new Bench()
    node.look([{ address: addressOf("z@host") }])
    const link = node.accept(peer("z@host"))
    node.outputs = []
    node.frame(link, { _tag: "Goaway", reason: "disconnect" })
    node.close(link)
    expect(node.events()).toEqual(["Down(disconnected) z@host"])
    node.pass(120_000)
    expect(node.take("Dial")).toEqual([])
  })

  it("ends handshakes that are under way", () => {
    const node = new Bench()
    node.accept(peer("a@host", { attempt: 1 }))
    const { link } = node.authenticate(peer("a@host", { attempt: 2 }))
    node.feed({ _tag: "Disconnect", name: "a@host" })
    expect(node.sent(link)).toEqual([{ _tag: "Goaway", reason: "disconnect" }])
    node.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    expect(node.state.current.size).toBe(0)
  })

  it("of nobody is nothing", () => {
    const node = new Bench()
    expect(node.feed({ _tag: "Disconnect", name: "a@host" })).toEqual([])
  })
})

describe("connect", () => {
  it("answers with the name once the peer is up", () => {
    const node = new Bench()
    node.feed({ _tag: "Connect", request: 5, peer: { address: "tcp://a:1" } })
    const [dial] = node.take("Dial")
    const { link } = node.welcome(dial!.dial, peer("a@host"))
    expect(node.take("Connected")).toEqual([])
    node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
    expect(node.take("Connected")).toEqual([{ _tag: "Connected", request: 5, name: "a@host" }])
  })

  it("to a member answers at once", () => {
    const node = new Bench()
    node.accept(peer("a@host"))
    node.feed({ _tag: "Connect", request: 5, peer: { address: addressOf("a@host") } })
    expect(node.take("Connected")).toEqual([{ _tag: "Connected", request: 5, name: "a@host" }])
  })

  it("tries every known address before it fails, and says why", () => {
    const node = new Bench()
    node.look(["tcp://x:1", "tcp://y:1"].map((address) => ({ name: "a@host", address })))
    node.feed({ _tag: "Connect", request: 5, peer: { name: "a@host" } })
    const dialed: Array<string | undefined> = []
    for (let round = 0; round < 5; round++) {
      node.pass(1)
      for (const { address, dial } of node.take("Dial")) {
        dialed.push(address)
        expect(node.take("ConnectFailed")).toEqual([])
        node.feed({ _tag: "DialFailed", dial, failure: "refused" })
      }
    }
    expect(dialed).toEqual(["tcp://x:1", "tcp://y:1"])
    expect(node.take("ConnectFailed")).toEqual([{ _tag: "ConnectFailed", request: 5, reason: "refused" }])
  })

  it("names the refusal of the other side", () => {
    const node = new Bench()
    node.feed({ _tag: "Connect", request: 5, peer: { address: "tcp://a:1" } })
    node.feed({ _tag: "DialRejected", dial: node.take("Dial")[0]!.dial, code: codes.auth_failed, retryAfterMs: 0 })
    expect(node.take("ConnectFailed")).toEqual([{ _tag: "ConnectFailed", request: 5, reason: "auth_failed" }])
  })

  it("to the node itself fails", () => {
    const node = new Bench()
    node.feed({ _tag: "Connect", request: 5, peer: { name: "m@host" } })
    expect(node.take("ConnectFailed")).toEqual([{ _tag: "ConnectFailed", request: 5, reason: "self" }])
  })
})

describe("metadata", () => {
  it("goes out on change to every link, and Updated tells it, only on change", () => {
    const node = new Bench({ metadata: { role: "api" } })
    const link = node.accept(peer("a@host"), { zone: "1" })
    node.outputs = []
    node.feed({ _tag: "UpdateMetadata", metadata: { role: "api" } })
    expect(node.sent(link)).toEqual([])
    expect(node.events()).toEqual([])
    node.feed({ _tag: "UpdateMetadata", metadata: { role: "db" } })
    expect(node.sent(link)).toEqual([{ _tag: "Meta", version: 2, metadata: { role: "db" } }])
    expect(node.take("Event")).toMatchObject([
      { event: { _tag: "Updated", member: { name: "m@host", metadata: { role: "db" } } } }
    ])
    node.frame(link, { _tag: "Meta", version: 2, metadata: { zone: "1" } })
    expect(node.events()).toEqual([])
    node.frame(link, { _tag: "Meta", version: 3, metadata: { zone: "2" } })
    expect(node.events()).toEqual(["Updated a@host"])
    node.frame(link, { _tag: "Meta", version: 2, metadata: { zone: "3" } })
    expect(node.events()).toEqual([])
    expect(node.state.members.get("a@host")?.metadata).toEqual({ zone: "2" })
  })

  it("is applied only from the link in use", () => {
    const node = new Bench()
    const old = node.accept(peer("a@host", { attempt: 1 }))
    node.accept(peer("a@host", { attempt: 2 }))
    node.outputs = []
    node.frame(old, { _tag: "Meta", version: 9, metadata: { old: "yes" } })
    expect(node.events()).toEqual([])
  })

  it("that changed during a handshake goes out when the link is in use", () => {
    const node = new Bench()
    node.look([{ address: "tcp://z:1" }])
    const { link } = node.welcome(node.take("Dial")[0]!.dial, peer("z@host"))
    expect(node.sent(link)).toMatchObject([{ _tag: "Meta", version: 1 }])
    node.feed({ _tag: "UpdateMetadata", metadata: { role: "db" } })
    node.frame(link, { _tag: "Meta", version: 1, metadata: {} })
    expect(node.sent(link)).toContainEqual({ _tag: "Meta", version: 2, metadata: { role: "db" } })
  })
})
