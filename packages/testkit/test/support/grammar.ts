import { assert } from "@effect/vitest"
import type { ClusterEvent } from "@gc/core/ClusterEvent"

type Phase = "never" | "alive" | "suspect" | "unreachable" | "down" | "left" | "removed"

const live: ReadonlyArray<Phase> = ["alive", "suspect", "unreachable"]

/** From which phases an event may come, and where it leads; `Updated` stays. */
const rules: Record<
  Exclude<ClusterEvent["_tag"], "NameConflict" | "Updated">,
  readonly [ReadonlyArray<Phase>, Phase]
> = {
  Up: [["never", "down"], "alive"],
  Suspected: [["alive"], "suspect"],
  Recovered: [["suspect"], "alive"],
  Unreachable: [["suspect"], "unreachable"],
  Reachable: [["unreachable"], "alive"],
  Down: [live, "down"],
  Left: [live, "left"],
  Removed: [["down", "left"], "removed"]
}

/** Fails unless one observer's events follow the grammar, life by life, and two lives of one name never overlap. */
export const assertGrammar = (events: ReadonlyArray<ClusterEvent>): void => {
  const phases = new Map<string, Phase>()
  const current = new Map<string, string>()
  for (const [index, event] of events.entries()) {
    if (event._tag === "NameConflict") continue
    const { instance, name } = event.member
    const phase = phases.get(instance) ?? "never"
    const [from, to] = event._tag === "Updated" ? [live, phase] : rules[event._tag]
    assert.include(from, phase, `event ${index}: ${event._tag} of ${name} (${instance})`)
    phases.set(instance, to)
    if (event._tag !== "Up") continue
    const before = phases.get(current.get(name) ?? "")
    assert.isFalse(
      before !== undefined && live.includes(before) && current.get(name) !== instance,
      `two lives of ${name}`
    )
    current.set(name, instance)
  }
}
