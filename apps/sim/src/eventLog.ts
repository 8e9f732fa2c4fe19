import type { MemberEvent } from "@gc/core/protocol"
import type { Seen } from "./types.ts"

const tags: ReadonlyArray<MemberEvent["_tag"]> = [
  "Up",
  "Updated",
  "Suspected",
  "Recovered",
  "Unreachable",
  "Reachable",
  "Down",
  "Left",
  "Removed",
  "NameConflict"
]

/** Every membership event of a run, hashed; and kept while somebody measures. */
export class EventLog {
  #low = 0x811c_9dc5
  #high = 0x1234_5678
  #kept: Array<Seen> = []
  #keeping = false
  size = 0

  add(at: number, observer: number, subject: number, event: MemberEvent): void {
    this.size++
    this.#mix(Math.round(at * 1024) | 0)
    this.#mix(observer * 65_536 + subject)
    this.#mix(tags.indexOf(event._tag) + event.member.generation * 16)
    if (!this.#keeping) return
    const reason = event._tag === "Down" ? event.reason : ""
    this.#kept.push({ at, observer, tag: event._tag, subject, instance: event.member.instance, reason })
  }

  /** Forgets what was kept and keeps what comes from now on. */
  keep(): void {
    this.#kept = []
    this.#keeping = true
  }

  get kept(): ReadonlyArray<Seen> {
    return this.#kept
  }

  /** The same for the same events at the same times. */
  get hash(): string {
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0")
    return hex(this.#high) + hex(this.#low)
  }

  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x0100_0193)
    this.#high = Math.imul(this.#high ^ (this.#low >>> 7) ^ value, 0x85eb_ca6b)
  }
}
