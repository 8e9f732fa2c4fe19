import { makesRoom, type Unproven } from "@gc/core/Pending"
import type { Identity, Output } from "@gc/core/protocol"
import { maxUnauthenticated } from "./audit.ts"
import { hostOf } from "./network.ts"
import type { SimNode } from "./node.ts"
import type { End, Message } from "./stream.ts"

type Verdict = Extract<Output, { readonly _tag: "Verdict" }>

/** Of these from one host, as the shell's default. */
const maxPerHost = 8
const timeout = 5_000
/** Of a process's one thread, for the cryptography of one handshake. */
const work = 0.4

/** A connection that was accepted and has not come as far as READY. */
class Waiting implements Unproven {
  readonly host: string
  readonly end: End
  progress = 0
  heardAt: number

  constructor(end: End, now: number) {
    this.host = hostOf(end.other.owner.host)
    this.end = end
    this.heardAt = now
  }

  get isOver(): boolean {
    return !this.end.open || this.end.stage === "open"
  }
}

/** The handshakes of one node, from both sides: who waits for whom, without the cryptography. */
export class Handshakes {
  readonly #node: SimNode
  readonly #waiting = new Map<End, Waiting>()
  #verdict: Verdict | undefined
  #busyUntil = 0
  /** Connections that made room for another. */
  evicted = 0

  constructor(node: SimNode) {
    this.#node = node
  }

  /** The kernel has accepted a connection. */
  accept(end: End): void {
    const node = this.#node
    for (const [each, { isOver }] of this.#waiting) if (isOver) this.#waiting.delete(each)
    const waiting = new Waiting(end, node.surroundings.queue.now)
    node.ends.set(end.link, end)
    end.stage = "hello"
    if (this.#isCrowded(waiting.host)) return node.drop(end)
    if (this.#waiting.size >= maxUnauthenticated) this.#evict()
    this.#waiting.set(end, waiting)
    node.later(timeout, () => {
      if (end.stage !== "open") node.drop(end)
    })
  }

  #isCrowded(host: string): boolean {
    let same = 0
    for (const each of this.#waiting.values()) if (each.host === host) same++
    return same >= maxPerHost
  }

  /** One of those that wait makes room for the newcomer, by the rule of the shell. */
  #evict(): void {
    const leaving = makesRoom(this.#waiting.values())
    if (leaving === undefined) return
    this.#waiting.delete(leaving.end)
    this.evicted++
    this.#node.drop(leaving.end)
  }

  #progressed(end: End): void {
    const waiting = this.#waiting.get(end)
    if (waiting === undefined) return
    waiting.progress++
    waiting.heardAt = this.#node.surroundings.queue.now
  }

  hello(end: End): void {
    this.#progressed(end)
    this.#node.surroundings.streams.send(end, { _tag: "Challenge" })
  }

  auth(end: End, peer: Identity): void {
    this.#progressed(end)
    this.#work(end, () => this.#authenticated(end, peer))
  }

  welcome(end: End, welcome: Extract<Message, { readonly _tag: "Welcome" }>): void {
    this.#work(end, () => this.#welcomed(end, welcome))
  }

  ready(end: End, { decision, knownGeneration }: Extract<Message, { readonly _tag: "Ready" }>): void {
    const node = this.#node
    end.stage = "open"
    node.feed({ _tag: "Ready", link: end.link, decision, knownGeneration })
    if (decision === 0) return
    end.known = false
    node.drop(end)
  }

  /** The node's verdict. A dialer's is on its way before whatever else the step asks for. */
  verdict(verdict: Verdict): void {
    this.#verdict = verdict
    const { decision, knownGeneration, link } = verdict
    const end = this.#node.ends.get(link)
    if (end?.initiator !== true) return
    this.#node.surroundings.streams.send(end, { _tag: "Ready", decision, knownGeneration })
  }

  /** What takes this process's time, one thing after the other. */
  #work(end: End, run: () => void): void {
    const node = this.#node
    const { now } = node.surroundings.queue
    this.#busyUntil = Math.max(this.#busyUntil, now) + work
    end.waiting = []
    node.later(this.#busyUntil - now, () => {
      run()
      const waiting = end.waiting ?? []
      end.waiting = undefined
      for (const message of waiting) node.take(end, message)
    })
  }

  #authenticated(end: End, peer: Identity): void {
    if (!end.open) return
    const node = this.#node
    end.stage = "auth"
    node.feed({ _tag: "Authenticated", link: end.link, peer })
    const { decision, knownGeneration, retryAfterMs } = this.#takeVerdict()
    end.known = decision === 0
    const identity = { ...node.identity(0), ...(knownGeneration > 0 && { knownGeneration }) }
    node.surroundings.streams.send(end, { _tag: "Welcome", identity, decision, retryAfterMs })
    if (decision !== 0) node.drop(end)
  }

  #welcomed(end: End, welcome: Extract<Message, { readonly _tag: "Welcome" }>): void {
    if (!end.open) return
    const node = this.#node
    node.dialer.answered(end.dial)
    end.stage = "open"
    end.known = true
    node.ends.set(end.link, end)
    const { decision, identity: peer, retryAfterMs } = welcome
    this.#verdict = undefined
    node.feed({ _tag: "Welcomed", dial: end.dial, link: end.link, peer, decision, retryAfterMs })
    const judged = this.#verdict as Verdict | undefined
    this.#verdict = undefined
    if (judged?.decision === 0 || !end.open) return
    end.known = false
    node.drop(end)
  }

  #takeVerdict(): Verdict {
    const verdict = this.#verdict
    if (verdict === undefined) throw new Error("the node gave no verdict")
    this.#verdict = undefined
    return verdict
  }
}
