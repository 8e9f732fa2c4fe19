import * as Discovery from "@gc/core/Discovery"
import type { Format } from "./format.ts"
import type { Journal } from "./journal.ts"
import { silence, type Why } from "./hints.ts"
import { Neighbours, textOf } from "./neighbours.ts"
import type { RunSettings } from "./settings.ts"

/** The least time until a node that hears itself and nobody else says that there is nobody: others may be about to answer. */
const alone = 1_000

const nobody =
  "nobody else is heard any more, only this node itself: all others left, or a switch stopped handing multicast on " +
  "(IGMP snooping without a querier does so after some minutes)"

/** What somebody must do who hears. @internal */
export interface HearingEvents {
  /** There may be another set to say: ask `look`. */
  readonly changed: () => void
  /** Somebody of this cluster is new, and is to be answered. */
  readonly newcomer: () => void
  readonly failed: (look: Discovery.Look) => void
}

/** What packets, failures and the passing of time make of what is known, and what is worth saying of it. @internal */
export class Hearing {
  readonly #settings: RunSettings
  readonly #format: Format
  readonly #journal: Journal
  readonly #clock: { readonly wall: () => number; readonly now: () => number }
  readonly #events: HearingEvents
  readonly #neighbours: Neighbours
  #failing = false
  #said: string | undefined
  #hearsItself = false
  #since: number
  #overloaded = false
  /** Why packets of this cycle changed nothing. */
  readonly #junk = new Set<string>()

  constructor(
    settings: RunSettings,
    format: Format,
    journal: Journal,
    clock: { readonly wall: () => number; readonly now: () => number },
    events: HearingEvents
  ) {
    this.#settings = settings
    this.#format = format
    this.#journal = journal
    this.#clock = clock
    this.#events = events
    this.#since = clock.now()
    this.#neighbours = new Neighbours({ ...settings, capacity: format.capacity }, this.#since)
  }

  packet(bytes: Uint8Array, host: string): void {
    const now = this.#clock.now()
    this.#journal.count("received")
    const said = this.#format.decode(bytes, host, this.#clock.wall(), now)
    if (said._tag === "Junk") {
      if (said.reason === "overload") this.#overloaded = true
      this.#journal.count(`junk ${said.reason}`)
      this.#junk.add(said.reason)
      if (said.notice !== undefined) this.#journal.notice(said.notice)
      return
    }
    if (said._tag === "Own") {
      this.#journal.count("heard self")
      this.#hearsItself = true
      this.#neighbours.heardSomething(now)
      return this.#works(now)
    }
    const news = this.#neighbours.heard(said, now)
    this.#works(now)
    if (news === "full" || news === "older") return this.#journal.count(`junk ${news}`)
    this.#journal.count("heard peer")
    if (news !== "known") this.#events.changed()
    if (news === "new" && said.isAuthentic) this.#events.newcomer()
  }

  /** Nothing is known any more, and why: said once, until something is heard. */
  fail(why: Why): void {
    if (this.#failing) return
    this.#failing = true
    const reason = new Discovery.LookFailed(why)
    this.#events.failed(Discovery.unknown(new Discovery.DiscoveryError({ source: "gossip", reason })))
  }

  /** Nothing is heard any more. `codes` are those of beacons that cannot be sent. */
  silent(codes: ReadonlyArray<string>): void {
    const millis = this.#clock.now() - this.#neighbours.heardAt
    this.fail(silence(this.#settings, millis, codes, this.#junk))
  }

  /** Time passed; `late` milliseconds of it this process stood still. Answers whether nothing is heard any more. */
  pass(late: number): boolean {
    const now = this.#clock.now()
    if (late > 0) this.#neighbours.stalled(late)
    if (this.#overloaded) this.#neighbours.overloaded(now)
    this.#overloaded = false
    const passed = this.#neighbours.pass(now)
    if (passed === "forgot some" || passed === "forgot all" || (this.#said === undefined && this.#isAlone(now))) {
      this.#events.changed()
    }
    if (passed === "forgot all") this.#journal.warn(nobody)
    this.#journal.flush(this.#neighbours.size)
    return passed === "deaf"
  }

  /** What is to be said now, if anything. */
  look(): Discovery.Look | undefined {
    const peers = this.#neighbours.peers()
    const text = textOf(peers)
    if (this.#failing || text === this.#said) return undefined
    if (this.#said === undefined && text === "" && !this.#isAlone(this.#clock.now())) return undefined
    this.#said = text
    return Discovery.peers(peers)
  }

  /** Something of this cluster was heard: what is known is worth saying again. */
  #works(now: number): void {
    this.#junk.clear()
    if (!this.#failing) return
    this.#failing = false
    this.#said = undefined
    this.#since = now
    this.#events.changed()
  }

  #isAlone(now: number): boolean {
    return this.#hearsItself && now - this.#since >= Math.max(alone, this.#settings.longest)
  }
}
