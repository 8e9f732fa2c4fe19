import * as Peer from "@gc/core/Peer"
import type { Said } from "./format.ts"

interface Neighbour {
  readonly peers: ReadonlyArray<Peer.Peer>
  readonly generation: number
  heardAt: number
}

/** For timers and packets on their way, in milliseconds. */
const grace = 500

/** What hearing a peer came to. @internal */
export type Heard = "new" | "changed" | "known" | "older" | "full"

/** What time came to: somebody was forgotten, or nothing at all is heard any more. @internal */
export type Passed = "nothing" | "forgot some" | "forgot all" | "deaf"

/**
 * Who is heard. A peer is forgotten after a lifetime of silence, but only while this node hears somebody, be it itself: where
 * nothing is heard, nothing is known of anybody. Times are milliseconds that never go back.
 *
 * @internal
 */
export class Neighbours {
  readonly #all = new Map<string, Neighbour>()
  readonly #lifetime: number
  readonly #longest: number
  /** Silence of everybody for longer than this is not the peers' but the network's, or this node's own. */
  readonly #patience: number
  readonly #capacity: number
  readonly #announces: boolean
  #heardAt: number
  #deaf = false

  constructor(
    figures: {
      readonly lifetime: number
      readonly longest: number
      readonly capacity: number
      readonly announce: boolean
    },
    now: number
  ) {
    this.#lifetime = figures.lifetime
    this.#patience = Math.min(2 * figures.longest, figures.lifetime)
    this.#longest = figures.longest
    this.#capacity = figures.capacity
    this.#announces = figures.announce
    this.#heardAt = now
  }

  /** When something of this cluster was heard last; at first, when listening began. */
  get heardAt(): number {
    return this.#heardAt
  }

  get size(): number {
    return this.#all.size
  }

  /** A packet of this cluster came: somebody's, or this node's own. */
  heardSomething(now: number): void {
    const pause = now - this.#heardAt
    this.#heardAt = now
    this.#deaf = false
    if (pause <= this.#patience) return
    for (const neighbour of this.#all.values()) neighbour.heardAt = now
  }

  /** So much comes that not all of it can be looked at: nobody's silence counts. */
  overloaded(now: number): void {
    for (const neighbour of this.#all.values()) neighbour.heardAt = now
  }

  /** This process stood still: what came meanwhile waits to be read, so the time does not count. */
  stalled(millis: number): void {
    this.#heardAt += millis
    for (const neighbour of this.#all.values()) neighbour.heardAt += millis
  }

  heard(said: Extract<Said, { readonly _tag: "Peer" }>, now: number): Heard {
    this.heardSomething(now)
    const { generation, key, peers } = said
    const known = this.#all.get(key)
    if (known === undefined && this.#all.size >= this.#capacity) return "full"
    if (known !== undefined && known.generation > generation) return "older"
    this.#all.set(key, { peers, generation, heardAt: now })
    if (known === undefined || known.generation < generation) return "new"
    return textOf(known.peers) === textOf(peers) ? "known" : "changed"
  }

  pass(now: number): Passed {
    const silent = now - this.#heardAt
    if (silent >= this.#deafAfter()) {
      const was = this.#deaf
      this.#deaf = true
      return was ? "nothing" : "deaf"
    }
    if (silent > this.#patience) return "nothing"
    const before = this.#all.size
    for (const [key, { heardAt }] of this.#all) if (now - heardAt >= this.#lifetime) this.#all.delete(key)
    if (this.#all.size === before) return "nothing"
    return this.#all.size === 0 ? "forgot all" : "forgot some"
  }

  /**
   * How long nothing may be heard. Who sends hears at least itself, unless packets are lost; who only listens and knows nobody
   * has missed nothing when everybody had the time to send once.
   */
  #deafAfter(): number {
    if (this.#announces || this.#all.size > 0) return this.#lifetime
    return Math.min(this.#lifetime, this.#longest + grace)
  }

  /** Everybody who is heard, each address once. */
  peers(): ReadonlyArray<Peer.Peer> {
    return [...this.#all.values()].flatMap(({ peers }) => peers)
  }
}

/** What tells two sets of peers apart. @internal */
export const textOf = (peers: ReadonlyArray<Peer.Peer>): string => peers.map(Peer.format).toSorted().join("\n")
