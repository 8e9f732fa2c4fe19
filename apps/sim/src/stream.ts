import type { Decision, Identity, LinkFrame } from "@gc/core/protocol"
import type { Network } from "./network.ts"
import type { EventQueue } from "./queue.ts"

/** What travels in a stream: the four flights of a handshake, then frames, and at last its end. */
export type Message =
  | LinkFrame
  | { readonly _tag: "Hello" | "Challenge" | "Fin" | "Rst" }
  | { readonly _tag: "Auth"; readonly identity: Identity }
  | {
      readonly _tag: "Welcome"
      readonly identity: Identity
      readonly decision: Decision
      readonly retryAfterMs: number
    }
  | { readonly _tag: "Ready"; readonly decision: Decision; readonly knownGeneration: number }

/** Whoever holds an end of a stream. */
export interface Owner {
  readonly host: number
  alive: boolean
  receive(end: End, message: Message): void
}

/** One end of a stream, with what TCP knows about the way from here to the other end. */
export class End {
  readonly owner: Owner
  /** The number that this end's node knows the link by. */
  readonly link: number
  readonly initiator: boolean
  /** The dial that made it, at the initiator's end. */
  readonly dial: number
  other: End
  /** The owner reads and writes it still. */
  open = true
  /** How far the handshake is. */
  stage: "connecting" | "hello" | "auth" | "welcome" | "ready" | "open" = "connecting"
  /** The node has a link of this number. */
  known = false
  /** What came while the owner was busy with the message before. */
  waiting: Array<Message> | undefined
  /** No segment overtakes the one before it. */
  lastAt = 0
  /** What was sent and has not arrived, in order. */
  readonly sending: Array<Message> = []
  /** Nothing passes until the path opens. */
  stuck = false
  stuckSince = 0
  /** Raised when all that has not arrived is sent again. */
  round = 0
  /** Since when no acknowledgement comes back. */
  unacknowledgedAt = -1

  constructor(owner: Owner, link: number, initiator: boolean, dial: number) {
    this.owner = owner
    this.link = link
    this.initiator = initiator
    this.dial = dial
    this.other = this
  }
}

const firstRetransmission = 200
const lastRetransmission = 120_000

/** Streams that behave as TCP does: in order, complete, and late when packets are lost. */
export class Streams {
  readonly #queue: EventQueue
  readonly #network: Network
  readonly #stuck = new Set<End>()
  #nextLink = 1
  /** Messages, and their bytes on the wire: TCP over IPv4 with timestamps, each in a segment of its own. */
  sent = 0
  bytes = 0
  /** Those that came as far as AUTH, and not to the node itself. */
  handshakes = 0

  constructor(queue: EventQueue, network: Network) {
    this.#queue = queue
    this.#network = network
    network.whenHealed(() => this.#retryAll())
  }

  /** A new stream: the initiator's end. */
  connect(initiator: Owner, responder: Owner, dial: number): End {
    const link = this.#nextLink++
    const near = new End(initiator, link, true, dial)
    const far = new End(responder, link, false, -1)
    near.other = far
    far.other = near
    return near
  }

  send(end: End, message: Message): void {
    this.sent++
    this.bytes += sizeOf(message)
    if (message._tag === "Auth" && end.owner.host !== end.other.owner.host) this.handshakes++
    end.sending.push(message)
    if (end.stuck) return
    if (this.#isStuck(end)) this.#stick(end)
    else this.#transmit(end)
  }

  #stick(end: End): void {
    end.stuck = true
    end.stuckSince = this.#queue.now
    this.#stuck.add(end)
  }

  /** One more segment is on its way. */
  #transmit(end: End): void {
    const network = this.#network
    let at = this.#queue.now + network.delay()
    let wait = firstRetransmission
    while (network.isLost(end.owner.host, end.other.owner.host)) {
      at += wait
      wait = Math.min(lastRetransmission, wait * 2)
    }
    if (at < end.lastAt) at = end.lastAt
    end.lastAt = at
    this.#queue.push(at, this.#arrived, end, end.round)
  }

  /** Data flows for one retransmission timeout after acknowledgements stop, then the window is shut. */
  #isStuck(end: End): boolean {
    const network = this.#network
    const { host } = end.owner
    const far = end.other.owner.host
    if (network.isCut(host, far)) return true
    if (!network.acknowledged || !network.isCut(far, host)) {
      end.unacknowledgedAt = -1
      return false
    }
    if (end.unacknowledgedAt < 0) end.unacknowledgedAt = this.#queue.now
    return this.#queue.now - end.unacknowledgedAt > firstRetransmission
  }

  /** The next segment is at the other end, unless the path was cut while it was on its way or was to be sent again. */
  readonly #arrived = (from: End, round: number): void => {
    if (from.stuck || from.round !== round) return
    if (this.#network.isCut(from.owner.host, from.other.owner.host)) {
      this.#stick(from)
      return
    }
    const message = from.sending.shift()
    if (message === undefined) return
    const { other: end } = from
    if (end.owner.alive && end.open) {
      end.owner.receive(end, message)
      return
    }
    const over = message._tag === "Fin" || message._tag === "Rst"
    if (!over && from.open && from.owner.alive) this.send(end, reset)
  }

  /** Segments of a host that wait for a path are lost. */
  forget(host: number): void {
    for (const end of this.#stuck) {
      if (end.owner.host !== host) continue
      end.sending.length = 0
      end.stuck = false
      end.round++
      this.#stuck.delete(end)
    }
  }

  #retryAll(): void {
    for (const end of this.#stuck) {
      let at = end.stuckSince
      let wait = firstRetransmission
      while (at < this.#queue.now) {
        at += wait
        wait = Math.min(lastRetransmission, wait * 2)
      }
      this.#queue.push(at, this.#retry, end, 0)
    }
  }

  readonly #retry = (end: End): void => {
    if (!end.stuck || this.#isStuck(end)) return
    end.stuck = false
    end.round++
    end.lastAt = 0
    this.#stuck.delete(end)
    for (let index = 0; index < end.sending.length; index++) this.#transmit(end)
  }
}

/** Of a frame: its length prefix, the TLS record and the segment around it, and the segment that acknowledges it. */
const sizeOf = (message: Message): number => {
  const record = 4 + 22 + 52 + 52
  switch (message._tag) {
    case "Heartbeat":
      return record + 10
    case "HeartbeatAck":
      return record + 5
    case "Check":
      return record + 21
    case "Vouch":
      return record + 10
    case "Peers":
      return record + 3 + 70 * message.peers.length
    default:
      return record + 10
  }
}

const reset: Message = { _tag: "Rst" }
