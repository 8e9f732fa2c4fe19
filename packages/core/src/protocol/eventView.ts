import { sameMetadata } from "./metadata.ts"
import type { DownReason, MemberEvent, MemberView } from "./node.ts"

/** A member as a subscriber has last heard of it. */
interface Seen {
  readonly member: MemberView
  readonly phase: "alive" | "suspect" | "unreachable" | "ended"
}

/** What became of a member that is no longer live. */
export type Ending =
  | { readonly _tag: "Down"; readonly member: MemberView; readonly reason: DownReason }
  | { readonly _tag: "Left"; readonly member: MemberView }

/**
 * What a subscriber knows, and how to bring it up to date when it lagged too far behind to be told everything: the difference
 * follows the same event grammar as the events themselves.
 */
export class EventView {
  readonly #seen = new Map<string, Seen>()

  /** Whether the subscriber may be given the event: the end of a record means nothing to one who never heard of it. */
  admits(event: MemberEvent): boolean {
    return event._tag !== "Removed" || this.#seen.get(event.member.name)?.member.instance === event.member.instance
  }

  /** Takes in an event that the subscriber was given. */
  apply(event: MemberEvent): void {
    const { name } = event.member
    switch (event._tag) {
      case "NameConflict":
        return
      case "Removed":
        this.#seen.delete(name)
        return
      case "Down":
      case "Left":
        this.#seen.set(name, { member: event.member, phase: "ended" })
        return
      case "Suspected":
        this.#seen.set(name, { member: event.member, phase: "suspect" })
        return
      case "Unreachable":
        this.#seen.set(name, { member: event.member, phase: "unreachable" })
        return
      case "Updated":
        this.#seen.set(name, { member: event.member, phase: this.#seen.get(name)?.phase ?? "alive" })
        return
      default:
        this.#seen.set(name, { member: event.member, phase: "alive" })
    }
  }

  /**
   * The events that lead from what was seen to what is, and takes them in.
   *
   * @param live - all live members, self included
   * @param ending - what became of a life that is live no more
   */
  catchUp(
    live: ReadonlyArray<MemberView>,
    ending: (name: string, instance: string) => Ending | undefined
  ): ReadonlyArray<MemberEvent> {
    const events: Array<MemberEvent> = []
    const now = new Map(live.map((member) => [member.name, member]))
    for (const [name, seen] of this.#seen) {
      const current = now.get(name)
      if (current?.instance === seen.member.instance) continue
      const ended = ending(name, seen.member.instance)
      if (seen.phase !== "ended") events.push(ended ?? restarted(seen.member))
      if (ended === undefined && current === undefined) events.push({ _tag: "Removed", member: seen.member })
    }
    for (const member of live) events.push(...this.#advance(member))
    for (const event of events) this.apply(event)
    return events
  }

  #advance(member: MemberView): ReadonlyArray<MemberEvent> {
    const seen = this.#seen.get(member.name)
    const fresh = seen === undefined || seen.phase === "ended" || seen.member.instance !== member.instance
    const before = fresh ? "alive" : seen.phase
    const after = member.state === "suspect" || member.state === "unreachable" ? member.state : "alive"
    const events: Array<MemberEvent> = fresh ? [{ _tag: "Up", member }] : []
    if (!fresh && !sameMetadata(seen.member.metadata, member.metadata)) events.push({ _tag: "Updated", member })
    for (const _tag of transitions[`${before} ${after}`] ?? []) events.push({ _tag, member })
    return events
  }
}

const restarted = (member: MemberView): MemberEvent => ({ _tag: "Down", member, reason: "restarted" })

const transitions: Readonly<Record<string, ReadonlyArray<"Suspected" | "Recovered" | "Unreachable" | "Reachable">>> = {
  "alive suspect": ["Suspected"],
  "alive unreachable": ["Suspected", "Unreachable"],
  "suspect alive": ["Recovered"],
  "suspect unreachable": ["Unreachable"],
  "unreachable alive": ["Reachable"],
  "unreachable suspect": ["Reachable", "Suspected"]
}
