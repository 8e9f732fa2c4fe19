import type { ClusterEvent } from "@gc/core/ClusterEvent"
import type { Member } from "@gc/core/Member"
import { type EventRecord, recordOf } from "../events.ts"

/** The members as events tell them, by name. */
export class View {
  readonly #members = new Map<string, Member>()

  /** In the order in which they came. */
  get members(): ReadonlyArray<Member> {
    return [...this.#members.values()]
  }

  get(name: string): Member | undefined {
    return this.#members.get(name)
  }

  apply(event: ClusterEvent): void {
    const { member } = event
    switch (event._tag) {
      case "NameConflict":
        return
      case "Down":
      case "Left":
      case "Removed":
        if (this.#members.get(member.name)?.instance === member.instance) this.#members.delete(member.name)
        return
      default:
        this.#members.set(member.name, member)
    }
  }
}

const states = { alive: "Recovered", suspect: "Suspected", unreachable: "Unreachable" } as const

const told = ({ addresses, metadata }: Member): string => JSON.stringify([addresses, metadata])

/**
 * What changed between what one node told last and what another one tells now. Why somebody went meanwhile is not known: its
 * reason is `unseen`, or `restarted` where a newer life of the name is there.
 */
export const difference = (before: View, now: View): ReadonlyArray<EventRecord> => {
  const gone = before.members
    .filter(({ instance, name }) => now.get(name)?.instance !== instance)
    .flatMap((member) => {
      const reason = now.get(member.name) === undefined ? "unseen" : "restarted"
      const down = recordOf({ _tag: "Down", member, reason: "closed" })
      return [{ ...down, reason }]
    })
  const present = now.members.flatMap((member): ReadonlyArray<ClusterEvent> => {
    const last = before.get(member.name)
    if (last?.instance !== member.instance) {
      const up = { _tag: "Up", member } as const
      return member.state === "alive" ? [up] : [up, { _tag: states[member.state], member }]
    }
    const events: Array<ClusterEvent> = []
    if (told(last) !== told(member)) events.push({ _tag: "Updated", member })
    if (last.state !== member.state) events.push({ _tag: states[member.state], member })
    return events
  })
  return [...gone, ...present.map(recordOf)]
}
