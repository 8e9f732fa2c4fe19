import type { Path } from "./paths.ts"
import type { Timeline } from "./timeline.ts"

/** What one `send` put on a wire, or the end of the stream. */
export interface Segment {
  readonly frames: ReadonlyArray<Uint8Array>
  /** Prefixes included. */
  readonly bytes: number
  readonly end: boolean
}

/** Who is at the far end of a wire, and who at the near one. */
export interface WireEnds {
  readonly onArrival: (segment: Segment) => void
  /** The far end read something: there is room again. */
  readonly onRoom: () => void
  /** Retransmission gave up. */
  readonly onTimeout: () => void
  readonly onLost: (segment: Segment) => void
}

/** Bytes of a stream in one packet. */
const packetBytes = 1448
/** Linux: the shortest retransmission timeout, the longest, and how often it tries (`tcp_retries2`). */
const firstRetry = 200
const longestRetry = 120_000
const mostRetries = 15

/**
 * One direction of a stream, as TCP carries it: whole and in order. What is lost comes later: it is sent again after a
 * retransmission timeout that doubles, and what was sent behind it waits for it.
 */
export class Wire {
  readonly #timeline: Timeline
  readonly #path: Path
  readonly #back: Path
  readonly #ends: WireEnds
  /** The first of these is retransmitted, the others wait for it. */
  readonly #lost: Array<Segment> = []
  #packetsLeft = 0
  #retries = 0
  #inFlight = 0
  #lastArrival = 0
  #cut = false
  #unread = 0
  #unacknowledged = 0

  constructor(timeline: Timeline, path: Path, back: Path, ends: WireEnds) {
    this.#timeline = timeline
    this.#path = path
    this.#back = back
    this.#ends = ends
  }

  /** Bytes that were sent and not read, as far as the sender knows. */
  get unread(): number {
    return this.#unread
  }

  send(segment: Segment): void {
    if (this.#cut) return
    this.#unread += segment.bytes
    if (this.#lost.length > 0) {
      this.#lost.push(segment)
    } else if (this.#getsThrough(packetsOf(segment))) {
      this.#fly(segment)
    } else {
      this.#lost.push(segment)
      this.#ends.onLost(segment)
      this.#planRetry()
    }
  }

  /** The far end read so many bytes. The sender hears of it when the way back is open. */
  read(bytes: number): void {
    this.#unacknowledged += bytes
    this.acknowledge()
  }

  /** Says what was read, if the way back is open. */
  acknowledge(): void {
    if (this.#unacknowledged === 0 || this.#cut || !this.#back.isOpen()) return
    this.#unread -= this.#unacknowledged
    this.#unacknowledged = 0
    this.#ends.onRoom()
  }

  /** Nothing arrives from here on. */
  cut(): void {
    this.#cut = true
    this.#lost.length = 0
  }

  #getsThrough(packets: number): boolean {
    this.#packetsLeft = this.#path.isOpen() ? this.#path.lost(packets) : packets
    return this.#packetsLeft === 0
  }

  #fly(segment: Segment): void {
    const now = this.#timeline.now()
    const at = Math.max(now + this.#path.delay(), this.#lastArrival)
    this.#lastArrival = at
    if (at <= now && this.#inFlight === 0) return this.#ends.onArrival(segment)
    this.#inFlight++
    this.#timeline.plan(at, () => {
      this.#inFlight--
      if (!this.#cut) this.#ends.onArrival(segment)
    })
  }

  #planRetry(): void {
    const first = firstRetry + this.#path.latency() + this.#back.latency()
    const wait = Math.min(first * 2 ** this.#retries, longestRetry)
    this.#timeline.plan(this.#timeline.now() + wait, () => this.#retry())
  }

  #retry(): void {
    if (this.#cut) return
    if (this.#retries === mostRetries) return this.#ends.onTimeout()
    const before = this.#packetsLeft
    if (!this.#getsThrough(before)) {
      this.#retries = this.#packetsLeft < before ? 0 : this.#retries + 1
      return this.#planRetry()
    }
    this.#retries = 0
    this.#fly(this.#lost.shift()!)
    for (let next = this.#lost[0]; next !== undefined; next = this.#lost[0]) {
      if (!this.#getsThrough(packetsOf(next))) {
        this.#ends.onLost(next)
        return this.#planRetry()
      }
      this.#lost.shift()
      this.#fly(next)
    }
  }
}

const packetsOf = (segment: Segment): number => Math.max(1, Math.ceil(segment.bytes / packetBytes))
