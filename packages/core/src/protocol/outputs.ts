import { limits } from "./figures.ts"
import type { LinkFrame } from "./linkFrames.ts"
import type { MemberEvent, Output } from "./node.ts"
import type { LinkRecord, NodeState } from "./state.ts"

export const emit = (state: NodeState, output: Output): void => {
  state.outputs.push(output)
}

/** Sends a frame over a link. */
export const send = (state: NodeState, link: LinkRecord, frame: LinkFrame, now: number): void => {
  link.sentAt = now
  state.outputs.push({ _tag: "Send", link: link.id, frame })
}

export const publish = (state: NodeState, event: MemberEvent): void => {
  count(state, `events_${event._tag}`)
  state.outputs.push({ _tag: "Event", event })
}

/** Adds one to a named counter; names are constants of the protocol, so the table is bounded. */
export const count = (state: NodeState, counter: string): void => {
  state.counters.set(counter, (state.counters.get(counter) ?? 0) + 1)
}

/** A log line, at most once a minute for the same reason and subject. True when it was written. */
export const log = (
  state: NodeState,
  now: number,
  level: "debug" | "info" | "warning",
  reason: string,
  text: string,
  fields: Readonly<Record<string, string | number>>
): boolean => {
  const key = `${reason} ${fields["peer"] ?? fields["address"] ?? fields["source"] ?? ""}`
  const last = state.logged.get(key)
  if (last !== undefined && now - last < limits.logEvery) return false
  remember(state.logged, key, now, limits.logKeys)
  state.outputs.push({ _tag: "Log", level, text, fields })
  return true
}

/** Asks to be woken no later than this. */
export const wakeBy = (state: NodeState, at: number): void => {
  if (at < state.wakeAt) state.wakeAt = at
}

/** Sets an entry as the youngest of a map and drops the oldest beyond its cap. */
export const remember = <K, V>(map: Map<K, V>, key: K, value: V, cap: number): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size <= cap) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    if (map.size <= cap) return
  }
}
