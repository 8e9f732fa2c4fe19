import { limits } from "./figures.ts"
import type { GoawayReason, MetaFrame } from "./linkFrames.ts"
import { count, emit, send, wakeBy } from "./outputs.ts"
import { type LinkRecord, type NodeState, touch } from "./state.ts"

/** Which of two links of one pair of lives is kept (GC/1 section 4): a total order that both ends compute alike. */
export const beats = (
  self: string,
  a: Pick<LinkRecord, "initiator" | "attempt" | "name">,
  b: Pick<LinkRecord, "initiator" | "attempt">
): boolean => {
  if (a.initiator === b.initiator) return a.attempt > b.attempt
  return (a.initiator === "self") === self < a.name
}

/** A handshake both sides agree on so far: nobody dials this name meanwhile. */
export const addPending = (state: NodeState, link: LinkRecord): void => {
  state.links.set(link.id, link)
  state.pending.set(link.name, (state.pending.get(link.name) ?? 0) + 1)
}

/** Moves a link to its next phase. */
export const enter = (state: NodeState, link: LinkRecord, phase: LinkRecord["phase"], now: number): void => {
  if (isPending(link) && phase !== "fresh") endPending(state, link)
  link.phase = phase
  link.since = now
}

const isPending = (link: LinkRecord): boolean => link.phase === "judged" || link.phase === "fresh"

const endPending = (state: NodeState, link: LinkRecord): void => {
  const left = (state.pending.get(link.name) ?? 0) - 1
  if (left > 0) state.pending.set(link.name, left)
  else state.pending.delete(link.name)
  touch(state, state.targets.get(link.name))
}

/** The record of a link whose stream is gone. */
export const removeLink = (state: NodeState, link: LinkRecord): void => {
  if (isPending(link)) endPending(state, link)
  state.links.delete(link.id)
}

/**
 * Makes a link the one in use for its name, or ends it when a better one is. The other side may have used it already: it is
 * read to its end.
 */
export const promote = (state: NodeState, link: LinkRecord, now: number): boolean => {
  const old = state.current.get(link.name)
  if (isOutdated(state, link)) {
    goaway(state, link, "replaced", now)
    return false
  }
  if (old?.peer.instance === link.peer.instance && !beats(state.self.name, link, old)) {
    retire(state, link, now)
    return false
  }
  if (old !== undefined) {
    retire(state, old, now)
    count(state, "links_replaced")
  }
  enter(state, link, "current", now)
  link.upAt = now
  link.heardAt = Math.max(link.heardAt, now)
  state.current.set(link.name, link)
  emit(state, { _tag: "Current", link: link.id, name: link.name, instance: link.peer.instance })
  return true
}

/** A newer life of the name came in while this handshake went on, or this life said that it leaves. */
const isOutdated = (state: NodeState, link: LinkRecord): boolean => {
  const current = state.current.get(link.name)
  const known = state.members.get(link.name)
  const { generation, instance } = link.peer
  if (current !== undefined && current.peer.instance !== instance && current.peer.generation >= generation) return true
  if (known === undefined) return false
  return known.instance === instance ? known.state === "left" : known.generation >= generation
}

/** Whether a better link to the same life is in use. */
export const isSpare = (state: NodeState, link: LinkRecord): boolean => {
  const current = state.current.get(link.name)
  return current !== undefined && current !== link && current.peer.instance === link.peer.instance
}

const retire = (state: NodeState, link: LinkRecord, now: number): void => {
  enter(state, link, "retired", now)
  send(state, link, { _tag: "Goaway", reason: "replaced" }, now)
  emit(state, { _tag: "Retire", link: link.id })
}

/** Says why, and closes. */
export const goaway = (state: NodeState, link: LinkRecord, reason: GoawayReason, now: number): void => {
  send(state, link, { _tag: "Goaway", reason }, now)
  close(state, link, now)
}

/** Closes a link. */
export const close = (state: NodeState, link: LinkRecord, now: number): void => {
  if (state.current.get(link.name) === link) {
    state.current.delete(link.name)
    touch(state, state.targets.get(link.name))
  }
  enter(state, link, "retired", now)
  emit(state, { _tag: "Close", link: link.id })
}

/** Our metadata, first of all frames, and again whenever it changed. */
export const sendMeta = (state: NodeState, link: LinkRecord, now: number): void => {
  if (link.metaSent === state.metaVersion) return
  link.metaSent = state.metaVersion
  const frame: MetaFrame = { _tag: "Meta", version: state.metaVersion, metadata: state.metadata }
  send(state, link, frame, now)
}

/** Asks over the link itself whether it lives: any byte within 1 s says so. */
export const probeLink = (state: NodeState, link: LinkRecord, now: number, contender?: string): void => {
  link.contender = contender ?? link.contender
  if (link.probe !== undefined) return
  link.probe = { since: now, until: now + limits.probe }
  wakeBy(state, link.probe.until)
  sendHeartbeat(state, link, now, true)
}

export const sendHeartbeat = (state: NodeState, link: LinkRecord, now: number, ackRequested: boolean): void => {
  link.seq = (link.seq + 1) >>> 0
  const lastRecvAgeMs = Math.min(0xffff_ffff, Math.max(0, Math.round(now - link.heardAt)))
  send(state, link, { _tag: "Heartbeat", seq: link.seq, ackRequested, lastRecvAgeMs }, now)
}
