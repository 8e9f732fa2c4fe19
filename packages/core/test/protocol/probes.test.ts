import { describe, expect, it } from "vitest"
import { addressOf, Bench, peer } from "./bench.ts"

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

  it("of a node that listens on more than is dialed here goes to what can be dialed, and that decides", () => {
    const node = new Bench({ protocols: ["wss", "ws"] })
    const both = peer("a@host", { addresses: ["tls://a.example:1", "wss://a.example:2/gc"] })
    const link = node.accept(both)
    node.take("Dial")
    node.close(link)
    expect(node.answerDials("refused").map(({ address }) => address)).toEqual(["wss://a.example:2/gc"])
    expect(node.events()).toEqual(["Up a@host", "Down(closed) a@host"])
    const only = node.accept(peer("b@host", { addresses: ["tls://b.example:1"] }))
    node.close(only)
    expect(node.answerDials("failed").map(({ address }) => address)).toEqual(["tls://b.example:1"])
    expect(node.events()).not.toContain("Down(closed) b@host")
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
