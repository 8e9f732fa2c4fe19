import { describe, expect, it } from "vitest"
import { codes } from "../../src/protocol/decisions.ts"
import { Bench, discover, peer } from "./bench.ts"

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
