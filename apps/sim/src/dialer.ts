import type { DialFailure, Identity, Output } from "@gc/core/protocol"
import type { SimNode } from "./node.ts"
import type { End } from "./stream.ts"

type DialOutput = Extract<Output, { readonly _tag: "Dial" }>

interface Dialing {
  readonly output: DialOutput
  readonly address: string
  readonly startedAt: number
  end: End | undefined
  /** SYNs sent. */
  tries: number
  over: boolean
}

/** When SYN is sent again, from the first one. */
const synTimes = [0, 1_000, 3_000, 7_000]
const dialTimeout = 5_000

/** The dials of one node: the connect, and what becomes of it until WELCOME. */
export class Dialer {
  readonly #node: SimNode
  readonly #dials = new Map<number, Dialing>()

  constructor(node: SimNode) {
    this.#node = node
  }

  dial(output: DialOutput): void {
    const { queue, addressOf } = this.#node.surroundings
    const address = output.address ?? addressOf(output.name ?? "") ?? ""
    const dialing: Dialing = { output, address, startedAt: queue.now, end: undefined, tries: 0, over: false }
    this.#dials.set(output.dial, dialing)
    this.#node.later(dialTimeout, () => this.failed(output.dial, "failed"))
    this.#syn(dialing)
  }

  /** This node as it introduces itself on a dial. */
  identity(dial: number): Identity {
    const dialing = this.#dials.get(dial)
    return {
      ...this.#node.identity(dialing?.output.attempt ?? 0),
      ...(dialing?.output.name !== undefined && { dialed: dialing.output.name })
    }
  }

  /** WELCOME came: from here on the node has a link, or has refused it. */
  answered(dial: number): void {
    this.#dials.delete(dial)
  }

  failed(dial: number, failure: DialFailure): void {
    if (this.#finish(dial)) this.#node.feed({ _tag: "DialFailed", dial, failure })
  }

  cancel(dial: number): void {
    this.#finish(dial)
  }

  /** The process is gone. */
  abandon(): void {
    for (const dial of this.#dials.keys()) this.#finish(dial)
  }

  #finish(dial: number): boolean {
    const dialing = this.#dials.get(dial)
    if (dialing === undefined) return false
    this.#dials.delete(dial)
    dialing.over = true
    if (dialing.end !== undefined) this.#node.drop(dialing.end)
    return true
  }

  #syn(dialing: Dialing): void {
    if (dialing.over) return
    const { network, queue, route } = this.#node.surroundings
    const next = synTimes[++dialing.tries]
    const found = route(dialing.address)
    const { host } = this.#node
    if (found !== undefined && !network.isCut(host, found.host) && !network.isLost(host, found.host)) {
      const at = queue.now + network.delay()
      if (found.closingAt > queue.now) queue.push(found.closingAt, this.#reset, dialing, found.host)
      else if (found.node?.alive !== true || !found.node.listening) queue.push(at, this.#refused, dialing, found.host)
      else queue.push(at, this.#accepted, dialing, found.host)
    }
    if (next !== undefined) queue.push(dialing.startedAt + next, this.#synAgain, dialing, 0)
  }

  readonly #synAgain = (dialing: Dialing): void => {
    if (this.#node.alive && dialing.end === undefined) this.#syn(dialing)
  }

  readonly #refused = (dialing: Dialing, from: number): void => {
    const { network } = this.#node.surroundings
    if (network.isCut(from, this.#node.host)) return
    this.#node.later(network.delay(), () => this.failed(dialing.output.dial, "refused"))
  }

  /** A dying process accepts no more, but its listener goes after its streams. */
  readonly #reset = (dialing: Dialing, from: number): void => {
    const { network } = this.#node.surroundings
    if (network.isCut(from, this.#node.host)) return
    this.#node.later(2 * network.delay(), () => this.failed(dialing.output.dial, "reset"))
  }

  readonly #accepted = (dialing: Dialing, from: number): void => {
    const { network, route, streams } = this.#node.surroundings
    const node = route(dialing.address)?.node
    if (dialing.over || dialing.end !== undefined || node?.alive !== true || !this.#node.alive) return
    if (network.isCut(from, this.#node.host) || network.isLost(from, this.#node.host)) return
    const end = streams.connect(this.#node, node, dialing.output.dial)
    dialing.end = end
    node.accept(end.other)
    // TLS takes one more round trip than TCP.
    this.#node.later(3 * network.delay(), () => {
      if (!end.open) return
      end.stage = "hello"
      streams.send(end, { _tag: "Hello" })
    })
  }
}
