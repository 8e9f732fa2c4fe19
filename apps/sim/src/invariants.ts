import type { MemberEvent, Output } from "@gc/core/protocol"
import { audit, overCap, overfull } from "./audit.ts"
import type { MemberRecord, Watched } from "./types.ts"

/** What an observer has heard of one life: the states of the grammar of events. */
type Phase = "up" | "suspected" | "unreachable" | "down" | "left" | "removed"

interface Heard {
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

/** Nodes with so many links are audited at every step, larger ones as often as keeps the cost of a step the same. */
const small = 16

/** The invariants of GC/1 section 8 that hold at every step. What breaks them is collected, the first hundred. */
export class Invariants {
  readonly broken: Array<string> = []
  readonly #observers = new Map<string, Map<string, Heard>>()

  /** A node has done a step: what it says, its tables, and in turn all that it holds. */
  stepped(node: Watched, outputs: ReadonlyArray<Output>, now: number): void {
    for (const output of outputs) {
      if (output._tag === "Event") this.#event(node, output.event, now)
      else if (output._tag === "Current") this.#current(node, output, now)
    }
    const table = overCap(node.state)
    if (table !== undefined) this.#break(node, now, overfull(table))
    const { size } = node.state.links
    if (size > small && ++node.unaudited < 4 * size) return
    this.audit(node, now)
  }

  /** Everything that a node's state must hold, and that its members are as its events have told. */
  audit(node: Watched, now: number): void {
    node.unaudited = 0
    const wrong = audit(node)
    if (wrong !== undefined) this.#break(node, now, wrong)
    const observer = this.#observers.get(node.state.self.instance)
    for (const member of node.state.members.values()) {
      const heard = observer?.get(member.name)
      if (heard === undefined) this.#break(node, now, `nothing was said of ${member.name}`)
      else this.#member(node, member, heard, now)
    }
  }

  #member(node: Watched, member: MemberRecord, heard: Heard, now: number): void {
    const { generation, instance, name } = member
    if (generation < heard.generation) {
      this.#break(node, now, `${name} fell from generation ${heard.generation} to ${generation}`)
    }
    heard.generation = generation
    const said = heard.lives.get(instance)
    if (said !== phaseOf(member)) this.#break(node, now, `${name} (${instance}) is ${member.state} after ${said}`)
  }

  #event(node: Watched, event: MemberEvent, now: number): void {
    if (event._tag === "NameConflict") return
    const { generation, instance, name } = event.member
    if (event._tag === "Updated" && instance === node.state.self.instance) return
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

  #heard(node: Watched, name: string): Heard {
    const { instance } = node.state.self
    let observer = this.#observers.get(instance)
    if (observer === undefined) {
      observer = new Map()
      this.#observers.set(instance, observer)
    }
    let heard = observer.get(name)
    if (heard === undefined) {
      heard = { generation: 0, instance: "", lives: new Map() }
      observer.set(name, heard)
    }
    return heard
  }

  #break(node: Watched, now: number, what: string): void {
    if (this.broken.length < 100) this.broken.push(`at ${Math.round(now)} ms, ${node.state.self.name}: ${what}`)
  }
}

const isUp = (phase: Phase | undefined): boolean => phase === "up" || phase === "suspected" || phase === "unreachable"

/** What its events have said of a member in this state: doubt that was not said aloud does not count. */
const phaseOf = ({ doubted, state }: MemberRecord): Phase => {
  if (state === "alive") return "up"
  if (state === "suspect") return doubted ? "suspected" : "up"
  return state
}
