import { describe, expect, it } from "vitest"
import { limits } from "../../src/protocol/figures.ts"
import { capabilities, type Identity } from "../../src/protocol/identity.ts"
import { type LinkFrame, verdicts } from "../../src/protocol/linkFrames.ts"
import type { MemberEvent, Output } from "../../src/protocol/node.ts"
import { Bench, describe as told, peer } from "./bench.ts"
import { property, type Random, seeded } from "./random.ts"

/** One life's events up to `Removed`, after which a return begins anew: the grammar that core's `ClusterEvent` documents. */
const grammar =
  /^(Up (Updated |Suspected (Recovered |Unreachable Reachable ))*(Suspected (Unreachable )?)?(Down |$|Left (Removed )?$))*(Removed )?$/

const outOfGrammar = (events: ReadonlyArray<MemberEvent>): ReadonlyArray<string> => {
  const lives = new Map<string, string>()
  const over: Array<string> = []
  for (const event of events) {
    if (event._tag === "NameConflict") continue
    const { instance } = event.member
    const life = `${lives.get(instance) ?? ""}${event._tag} `
    lives.set(instance, life)
    if (event._tag !== "Removed") continue
    over.push(life)
    lives.delete(instance)
  }
  return [...over, ...lives.values()].filter((life) => !grammar.test(life))
}

const names = ["a@host", "b@host", "c@host", "x@host", "y@host"]

/** Anything that may come from outside, in any order. */
class Storm {
  readonly node: Bench
  readonly events: Array<MemberEvent> = []
  /** Everything the node asked for, verdicts aside. */
  readonly asked: Array<Output> = []
  readonly random: Random
  readonly links = new Set<number>()
  readonly dials = new Set<number>()
  readonly judged = new Set<number>()
  /** Links of observers, whose names are those of members. */
  readonly watching = new Set<number>()

  constructor(random: Random) {
    this.random = random
    this.node = new Bench({
      onRemoved: random.pick(["keep", "disconnect", { disconnectAfter: 3_000 }] as const),
      reconnect: random.bool() ? { initial: 250, factor: 2, max: 30_000 } : "never",
      maxMembers: random.bool() ? 3 : 100
    })
  }

  identity(): Identity {
    const name = this.random.pick(names)
    return peer(name, { life: 1 + this.random.int(2), attempt: this.random.int(20) })
  }

  frame(): LinkFrame {
    const { random } = this
    switch (random.int(8)) {
      case 0:
        return { _tag: "Meta", version: random.int(5), metadata: { v: String(random.int(3)) } }
      case 1:
        return { _tag: "Heartbeat", seq: 1, ackRequested: random.bool(), lastRecvAgeMs: random.int(8_000) }
      case 2:
        return { _tag: "Vouch", nonce: random.int(40), verdict: random.pick(verdicts), ageMs: random.int(5_000) }
      case 3:
        return { _tag: "Goaway", reason: random.pick(["replaced", "disconnect", "one_way", "protocol"]) }
      case 4:
        return random.int(3) === 0 ? { _tag: "Leave", generation: 1 } : { _tag: "HeartbeatAck", seq: 1 }
      case 5:
        return { _tag: "Check", nonce: 1, instance: this.identity().instance }
      case 6: {
        const { addresses, generation, instance, name } = this.identity()
        return { _tag: "Peers", peers: [{ name, instance, generation, addresses }] }
      }
      default:
        return { _tag: "Meta", version: 1, metadata: {} }
    }
  }

  act(): void {
    const { node, random } = this
    const link = this.links.size > 0 ? random.pick([...this.links]) : undefined
    const dial = this.dials.size > 0 ? random.pick([...this.dials]) : undefined
    switch (random.int(12)) {
      case 0:
      case 1: {
        const verdict = node.authenticate(this.identity())
        if (verdict.decision === 0) this.judged.add(verdict.link)
        if (verdict.decision === 0) this.links.add(verdict.link)
        return
      }
      case 2:
      case 3: {
        const judged = [...this.judged][0]
        if (judged === undefined) return
        this.judged.delete(judged)
        return void node.feed({ _tag: "Ready", link: judged, decision: 0, knownGeneration: 0 })
      }
      case 4:
      case 5:
        if (link !== undefined) node.frame(link, this.frame())
        return
      case 6:
        if (link === undefined) return
        this.links.delete(link)
        this.judged.delete(link)
        return node.close(link)
      case 7: {
        if (dial === undefined) return
        this.dials.delete(dial)
        if (random.bool())
          return void node.feed({ _tag: "DialFailed", dial, failure: random.pick(["refused", "failed"]) })
        const welcomed = node.welcome(dial, this.identity(), random.pick([0, 0, 0, 0x101, 0x103, 0x104, 0x107, 0x999]))
        if (welcomed.decision === 0) this.links.add(welcomed.link)
        return
      }
      case 8:
        return node.look(
          names.filter(() => random.bool()).map((name) => ({ name })),
          random.pick(["one", "two"])
        )
      case 9:
        if (random.int(3) > 0) return node.pass(random.int(4_000))
        node.stall(random.int(8_000))
        return void node.feed({ _tag: "Breathed", activity: [] })
      case 10: {
        const verdict = node.authenticate({ ...this.identity(), capabilities: capabilities.observer })
        if (verdict.decision !== 0) return
        this.judged.add(verdict.link)
        this.links.add(verdict.link)
        this.watching.add(verdict.link)
        return
      }
      case 11:
        return void node.feed({ _tag: "Disconnect", name: random.pick(names) })
      default:
        return void node.feed({ _tag: "Connect", request: 1, peer: { name: random.pick(names) } })
    }
  }

  run(acts: number): void {
    for (let index = 0; index < acts; index++) {
      this.act()
      this.asked.push(...this.node.outputs)
      for (const { event } of this.node.take("Event")) this.events.push(event)
      for (const { dial } of this.node.take("Dial")) this.dials.add(dial)
      for (const { dial } of this.node.take("CancelDial")) this.dials.delete(dial)
      this.check()
      this.node.outputs = []
    }
  }

  /** Plain comparisons: this runs after every act. */
  check(): void {
    const { state } = this.node
    const must = (holds: boolean, what: string): void => {
      if (!holds) throw new Error(what)
    }
    must(state.dials.size <= limits.dials, "too many dials")
    const asked = [...state.dials.values()].filter(({ linked }) => !linked)
    must(asked.length === this.dials.size && asked.every(({ id }) => this.dials.has(id)), "dials are lost or left over")
    const instances = new Set<string>()
    for (const [name, link] of state.current) {
      must(link.phase === "current" && link.name === name, `the link to ${name} is ${link.phase}`)
      must(!instances.has(link.peer.instance), `two links to ${name}`)
      instances.add(link.peer.instance)
      const member = state.members.get(name)
      if (member?.instance !== link.peer.instance || !link.metaSeen) continue
      must(member.state === "alive" || member.state === "suspect", `linked to ${name}, which is ${member.state}`)
      must(member.lostAt === undefined, `linked to ${name}, whose link is lost`)
    }
    let live = 0
    for (const member of state.members.values()) {
      if (member.state === "down" || member.state === "left") continue
      live++
      must(member.state !== "alive" || state.current.has(member.name), `${member.name} is alive without a link`)
    }
    must(state.live === live, `${live} members are counted as ${state.live}`)
    must(state.names.size === state.members.size, "names are left over")
    for (const target of state.targets.values()) {
      let flying = 0
      for (const dial of state.dials.values()) if (dial.target === target.key) flying++
      must(target.inFlight === flying, `${flying} dials of ${target.key} are counted as ${target.inFlight}`)
    }
    let pending = 0
    for (const { phase } of state.links.values()) if (phase === "judged" || phase === "fresh") pending++
    for (const count of state.pending.values()) pending -= count
    must(pending === 0, "pending handshakes are miscounted")
    must(state.observers.size <= limits.observers, "too many observers")
    for (const link of this.watching) must(!state.links.has(link), "an observer is a neighbour")
  }
}

describe("events", () => {
  it("follow the grammar for each life, whatever comes in whatever order", () => {
    property(60, (random) => {
      const storm = new Storm(random)
      storm.run(200)
      expect(outOfGrammar(storm.events)).toEqual([])
    })
  })

  it("of a name never go back to an older generation", () => {
    property(60, (random) => {
      const storm = new Storm(random)
      storm.run(200)
      const known = new Map<string, number>()
      for (const event of storm.events) {
        const { generation, name } = event.member
        if (event._tag === "Removed") known.delete(name)
        if (event._tag !== "Up") continue
        expect(generation).toBeGreaterThanOrEqual(known.get(name) ?? 0)
        known.set(name, generation)
      }
    })
  })

  it("and everything else a node asks for are the same for the same seed and inputs", () => {
    property(20, (random) => {
      const seed = random.int(2 ** 30)
      const run = () => {
        const storm = new Storm(seeded(seed))
        storm.run(150)
        return JSON.stringify(storm.asked, (_key, value) => (typeof value === "bigint" ? String(value) : value))
      }
      expect(run()).toBe(run())
    })
  })

  it("of a linked peer never follow from what nobody has authenticated", () => {
    property(10, (random) => {
      const node = new Bench()
      node.look(names.map((name) => ({ address: `tcp://${name}:1` })))
      for (const name of names) node.accept(peer(name, { addresses: [] }))
      node.outputs = node.outputs.filter(({ _tag }) => _tag === "Dial")
      const before = [...node.state.members.values()].map(({ name, state }) => `${name} ${state}`)
      for (let round = 0; round < 40; round++) {
        for (const { dial } of node.take("Dial")) {
          if (random.bool())
            node.feed({ _tag: "DialFailed", dial, failure: random.pick(["refused", "reset", "failed"]) })
          else node.feed({ _tag: "DialRejected", dial, code: random.int(0x110), retryAfterMs: random.int(2 ** 30) })
        }
        node.passHearing(random.int(2_000), ...[...node.state.current.values()].map(({ id }) => id))
      }
      expect(node.events()).toEqual([])
      expect([...node.state.members.values()].map(({ name, state }) => `${name} ${state}`)).toEqual(before)
      expect(node.state.candidates.size).toBe(0)
      for (const { nextAt } of node.state.targets.values()) expect(nextAt).toBeLessThanOrEqual(node.now + 31_000)
    })
  })

  it("are said once: nothing but Removed follows Left", () => {
    const node = new Bench()
    const link = node.accept(peer("a@host"))
    node.frame(link, { _tag: "Leave", generation: 1 })
    node.frame(link, { _tag: "Leave", generation: 1 })
    node.close(link)
    node.pass(limits.ended + 1_000)
    expect(node.events()).toEqual(["Up a@host", "Left a@host", "Removed a@host"])
  })

  it("forget members that are down after a day", () => {
    const node = new Bench({ reconnect: "never" })
    node.close(node.accept(peer("a@host")))
    node.pass(limits.ended - 60_000)
    expect(node.events()).toEqual(["Up a@host", "Down(closed) a@host"])
    node.pass(120_000)
    expect(node.events()).toEqual(["Removed a@host"])
    node.accept(peer("a@host"))
    expect(node.events()).toEqual(["Up a@host"])
  })

  it("forget the oldest of more than 4096 members that ended", () => {
    const node = new Bench({ reconnect: "never" })
    for (let index = 0; index <= limits.members; index++) {
      const link = node.accept(peer(`p${index}@host`))
      node.frame(link, { _tag: "Leave", generation: 1 })
      node.close(link)
      if (index < limits.members) node.outputs = []
    }
    expect(node.take("Event").map(({ event }) => told(event))).toEqual([
      `Up p${limits.members}@host`,
      `Left p${limits.members}@host`,
      "Removed p0@host"
    ])
    expect(node.state.members.size).toBe(limits.members)
  })
})
