import { capabilities, type Identity, limits, type LinkFrame, type Random } from "@gc/core/protocol"
import type { SimNode } from "../node.ts"
import type { Run, Scenario } from "../run.ts"
import { sparse } from "./plans.ts"

const instanceOf = (random: Random): string =>
  Math.floor(random.next() * 0xffff_ffff)
    .toString(16)
    .padStart(32, "e")

/** What somebody who watches may say, and what it may not. */
const frames: ReadonlyArray<LinkFrame> = [
  { _tag: "Heartbeat", seq: 1, ackRequested: true, lastRecvAgeMs: 0 },
  { _tag: "Heartbeat", seq: 2, ackRequested: false, lastRecvAgeMs: 60_000 },
  { _tag: "HeartbeatAck", seq: 1 },
  { _tag: "Goaway", reason: "disconnect" },
  { _tag: "Leave", generation: 1 },
  { _tag: "Meta", version: 1, metadata: { role: "intruder" } },
  { _tag: "Vouch", nonce: 1, verdict: "left", ageMs: 0 },
  { _tag: "Peers", peers: [{ name: "x@nowhere", instance: "f".repeat(32), generation: 1, addresses: ["tcp://x:1"] }] },
  { _tag: "Data", id: 0, more: false, bytes: new Uint8Array(1) }
]

/** The observers of one node, which come, say anything and go; their names are those of members. */
class Watchers {
  readonly #run: Run
  readonly #node: SimNode
  readonly #links = new Set<number>()
  /** No stream of the world has such a number. */
  #nextLink = 1_000_000

  constructor(run: Run, node: SimNode) {
    this.#run = run
    this.#node = node
    this.#later()
  }

  #later(): void {
    const { world } = this.#run
    world.after(50 + 400 * world.random.next(), () => {
      if (!this.#node.alive) return
      this.#act(world.random)
      for (const link of this.#links) if (!this.#node.state.observers.has(link)) this.#links.delete(link)
      this.#later()
    })
  }

  #act(random: Random): void {
    const links = [...this.#links]
    const link = links[Math.floor(random.next() * links.length)]
    const chance = random.next()
    if (link === undefined || chance < 0.5) return this.#come(random)
    if (chance < 0.55) return this.#go(link)
    const frame = frames[Math.floor(random.next() * frames.length)]
    if (frame !== undefined) this.#node.ask({ _tag: "Frame", link, frame })
    if (this.#node.state.observers.get(link)?.phase === "closing") this.#go(link)
  }

  #come(random: Random): void {
    const link = this.#nextLink++
    const node = this.#node
    node.ask({ _tag: "Authenticated", link, peer: this.#identity(random) })
    node.ask({ _tag: "Ready", link, decision: random.next() < 0.1 ? 0x104 : 0, knownGeneration: 0 })
    this.#links.add(link)
  }

  #go(link: number): void {
    this.#links.delete(link)
    this.#node.ask({ _tag: "LinkClosed", link })
  }

  #identity(random: Random): Identity {
    const { hosts } = this.#run.world
    const { cluster, generation } = this.#node.state.self
    return {
      name: hosts[Math.floor(random.next() * hosts.length)]?.name ?? "",
      instance: instanceOf(random),
      generation: generation + Math.floor(1_000 * random.next()),
      attempt: 1,
      cluster,
      capabilities: capabilities.observer,
      addresses: [`tcp://10.99.0.${Math.floor(250 * random.next())}:4370`]
    }
  }
}

const watched: Scenario = {
  name: "observers",
  title: "observers with members' names come, say anything and go for 60 s: nothing is said of anybody",
  figures: () => [
    { name: "events", total: 0 },
    { name: "refused for want of room", shown: "total" }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    const dials = (): number => run.world.nodes.reduce((sum, { state }) => sum + (state.counters.get("dials") ?? 0), 0)
    const before = dials()
    run.now(() => {
      for (const node of run.world.nodes) new Watchers(run, node)
    })
    run.world.runFor(60_000)
    run.measure("events", run.events.length)
    const refused = run.world.nodes.map(({ state }) => state.counters.get("handshakes_refused") ?? 0)
    run.measure(
      "refused for want of room",
      refused.reduce((sum, each) => sum + each, 0)
    )
    run.expect(dials() === before, `${dials() - before} dials`)
    const watching = run.world.nodes.some(({ state }) => state.observers.size >= limits.observers / 2)
    run.expect(watching, "nobody watched")
    run.quiet()
  }
}

export const observers: ReadonlyArray<Scenario> = [watched]
