import { encodeLinkFrame } from "../protocol/linkFrames.ts"
import type { MemberEvent } from "../protocol/node.ts"
import { encodeObservation, type Observation } from "../protocol/observation.ts"
import type { OutboundFrame } from "../Transport.ts"
import type { EventHub, Subscriber } from "./eventHub.ts"

/** Bytes that are handed to the transport at once. */
const batchBytes = 64 * 1024

const frameOf = (observation: Observation): Uint8Array =>
  encodeLinkFrame({ _tag: "Event", body: encodeObservation(observation) })

/**
 * What an observer is told: who is there, that this was all, and then every change. Frames are made when the stream takes them;
 * until then an observer holds what any subscriber does.
 */
export class ObserverFeed {
  readonly #subscriber: Subscriber
  readonly #leave: () => void
  #events: ReadonlyArray<MemberEvent>
  #next = 0
  #synced = false

  constructor(hub: EventHub, arrived: () => void) {
    this.#subscriber = hub.subscribe()
    this.#subscriber.follow(arrived)
    this.#leave = () => hub.unsubscribe(this.#subscriber)
    this.#events = this.#subscriber.take()
  }

  /** Whether there is something to tell. */
  get ready(): boolean {
    return this.#next < this.#events.length || !this.#synced || this.#subscriber.ready
  }

  /** Adds frames to a batch that is about to be written. */
  fill(batch: Array<OutboundFrame>): void {
    let bytes = 0
    while (bytes < batchBytes) {
      const observation = this.#observation()
      if (observation === undefined) return
      const frame = frameOf(observation)
      bytes += frame.length
      batch.push(frame)
    }
  }

  #observation(): Observation | undefined {
    const event = this.#events[this.#next]
    if (event !== undefined) {
      this.#next++
      return event
    }
    if (!this.#synced) {
      this.#synced = true
      return { _tag: "Synced" }
    }
    this.#events = this.#subscriber.take()
    this.#next = 1
    return this.#events[0]
  }

  /** Nobody is told any more. */
  close(): void {
    this.#leave()
  }
}
