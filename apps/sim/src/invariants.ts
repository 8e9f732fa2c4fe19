import { limits, type MemberEvent, type Output } from "@gc/core/protocol"
import type { Watched } from "./types.ts"

/** What an observer has heard of one life: the states of the grammar of events. */
type Phase = "up" | "suspected" | "unreachable" | "down" | "left" | "removed"

interface Heard {
  name: string
  generation: number
  instance: string
  readonly lives: Map<string, Phase>
}

/** Which event may come in which phase of a life, and the phase after it (the grammar in core's `ClusterEvent`). */
const grammar: Readonly<Record<string, Readonly<Record<string, Phase>>>> = {
  none: { Up: "up" },
  up: { Suspected: "suspected", Updated: "up", Down: "down", Left: "left" },
  suspected: { Recovered: "up", Unreachable: "unreachable", Down: "down", Left: "left" },
  unreachable: { Reachable: "up", Down: "down", Left: "left" },
  down: { Up: "up", Removed: "removed" },
  left: { Removed: "removed" },
  removed: { Up: "up" }
}

/** The invariants of GC/1 section 8 that hold at every step. What breaks them is collected, the first hundred. */
export class Invariants {
  readonly broken: Array<string> = []
  readonly #observers = new Map<string, Map<string, Heard>>()

  stepped(node: Watched, outputs: ReadonlyArray<Output>, now: number): void {
    for (const output of outputs) {
      if (output._tag === "Event") this.#event(node, output.event, now)
      else if (output._tag === "Current") this.#current(node, output, now)
    }
    const { state } = node
    if (
      state.dials.size > limits.dials ||
      state.candidates.size > limits.candidates ||
      state.targets.size > limits.targets ||
      state.bindings.size > limits.bindings ||
      state.avoided.size > limits.avoided ||
      state.checks.size > limits.members ||
      state.logged.size > limits.logKeys ||
      state.names.size > state.members.size ||
      state.live > state.options.maxMembers
    ) {
      this.#break(node, now, "a table is over its cap")
    }
  }

  #event(node: Watched, event: MemberEvent, now: number): void {
    if (event._tag === "NameConflict") return
    const { generation, instance, name } = event.member
    const heard = this.#heard(node, name)
    const before = heard.lives.get(instance) ?? "none"
    const after = grammar[before]?.[event._tag]
    if (after === undefined) this.#break(node, now, `${event._tag} of ${name} (${instance}) after ${before}`)
    else heard.lives.set(instance, after)
    if (event._tag !== "Up") return
    if (generation < heard.generation) {
      this.#break(node, now, `${name} fell from generation ${heard.generation} to ${generation}`)
    }
    if (heard.instance !== instance && isUp(heard.lives.get(heard.instance))) {
      this.#break(node, now, `two lives of ${name} are up`)
    }
    heard.generation = generation
    heard.instance = instance
  }

  /** The link that was in use before is not any more, and the new one is open. */
  #current(node: Watched, output: Extract<Output, { readonly _tag: "Current" }>, now: number): void {
    const { current, links } = node.state
    const link = links.get(output.link)
    if (link?.phase !== "current") return
    if (current.get(output.name) !== link) this.#break(node, now, `the link to ${output.name} is not the one in use`)
    if (!node.isOpen(output.link)) this.#break(node, now, `the link to ${output.name} is closed`)
  }

  /** What is too long to look at in every step: each life has one link in use. */
  audit(node: Watched, now: number): void {
    const instances = new Set<string>()
    for (const link of node.state.links.values()) {
      if (link.phase !== "current") continue
      if (instances.has(link.peer.instance)) this.#break(node, now, `two links in use to ${link.name}`)
      instances.add(link.peer.instance)
      if (node.state.current.get(link.name) !== link) this.#break(node, now, `a link in use to ${link.name} is lost`)
    }
    if (instances.size !== node.state.current.size) this.#break(node, now, "a link in use is closed")
    let live = 0
    for (const member of node.state.members.values()) if (member.state !== "down" && member.state !== "left") live++
    if (live !== node.state.live) this.#break(node, now, `${live} members are counted as ${node.state.live}`)
  }

  #heard(node: Watched, name: string): Heard {
    const { instance } = node.state.self
    let observer = this.#observers.get(instance)
    if (observer === undefined) {
      observer = new Map()
      this.#observers.set(instance, observer)
    }
    let heard = observer.get(name)
    if (heard === undefined) {
      heard = { name, generation: 0, instance: "", lives: new Map() }
      observer.set(name, heard)
    }
    return heard
  }

  #break(node: Watched, now: number, what: string): void {
    if (this.broken.length < 100) this.broken.push(`at ${Math.round(now)} ms, ${node.state.self.name}: ${what}`)
  }
}

const isUp = (phase: Phase | undefined): boolean => phase === "up" || phase === "suspected" || phase === "unreachable"
