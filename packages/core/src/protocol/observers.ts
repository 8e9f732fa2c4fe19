import { checkPeer } from "./checks.ts"
import { accepted, type Code, codes } from "./decisions.ts"
import { limits } from "./figures.ts"
import type { Identity } from "./identity.ts"
import type { GoawayReason, LinkFrame } from "./linkFrames.ts"
import { count, emit, log } from "./outputs.ts"
import type { NodeState } from "./state.ts"

/**
 * An authentic stream to somebody who watches. It is in no other table: an observer is no member, no neighbour, no witness and
 * nobody to dial, and its name means nothing. `closing` until its stream has ended.
 */
export interface ObserverRecord {
  readonly id: number
  readonly peer: Identity
  phase: "judged" | "open" | "closing"
  heardAt: number
  sentAt: number
  /** A HEARTBEAT of ours is not answered yet: one is out at a time, so that they do not heap up before one that does not read. */
  asking: boolean
  seq: number
}

/** Whether an authentic peer may watch. Its name is nobody's rival: it may even be this node's. */
export const judgeObserver = (state: NodeState, peer: Identity, now: number): Code | typeof accepted => {
  const basic = checkPeer({ ...state.self, attempt: 0 }, peer, now)
  if (basic !== accepted) return basic
  if (state.phase === "leaving") return codes.shutting_down
  if (state.observers.size < limits.observers) return accepted
  const text = `refused an observer: ${limits.observers} watch this node already; it would slow nobody, but it is bounded`
  log(state, now, "warning", "observers", text, { peer: peer.name })
  return codes.too_many_peers
}

/** It was let in, and READY is due. */
export const addObserver = (state: NodeState, id: number, peer: Identity, now: number): void => {
  state.observers.set(id, { id, peer, phase: "judged", heardAt: now, sentAt: now, asking: false, seq: 0 })
}

/** READY came: it is told of the members from now on, unless it changed its mind. */
export const observerReady = (state: NodeState, observer: ObserverRecord, decision: number, now: number): void => {
  if (observer.phase !== "judged") return
  if (decision !== accepted) {
    state.observers.delete(observer.id)
    return
  }
  observer.phase = "open"
  observer.heardAt = now
  if (state.phase === "leaving") {
    partObserver(state, observer, now)
    return
  }
  count(state, "observers_came")
  log(state, now, "info", "observer", "an observer watches this node", { peer: observer.peer.name })
  emit(state, { _tag: "Observe", link: observer.id })
}

/** It may keep the link alive and end it, and nothing else. */
export const observerFrame = (state: NodeState, observer: ObserverRecord, frame: LinkFrame, now: number): void => {
  if (observer.phase !== "open") return
  observer.heardAt = Math.max(observer.heardAt, now)
  switch (frame._tag) {
    case "Heartbeat":
      if (frame.ackRequested) say(state, observer, { _tag: "HeartbeatAck", seq: frame.seq }, now)
      return
    case "HeartbeatAck":
      observer.asking = false
      return
    case "Leave":
    case "Goaway":
      close(state, observer)
      return
    default: {
      count(state, "observers_violation")
      const text = "closed the link of an observer: it sent what only members may"
      log(state, now, "warning", "observer_violation", text, { peer: observer.peer.name, frame: frame._tag })
      goaway(state, observer, "protocol", now)
    }
  }
}

/** Bytes came and went on its link, as the shell saw it. */
export const observerActivity = (observer: ObserverRecord, heardAt: number, sentAt: number): void => {
  observer.heardAt = Math.max(observer.heardAt, heardAt)
  observer.sentAt = Math.max(observer.sentAt, sentAt)
}

/** One pass: who is due a HEARTBEAT, and who has been silent for too long. */
export const tickObservers = (state: NodeState, now: number): void => {
  if (state.observers.size === 0) return
  for (const observer of state.observers.values()) {
    if (observer.phase !== "open") continue
    const silence = now - observer.heardAt
    if (silence >= limits.observerSilence) {
      count(state, "observers_silent")
      goaway(state, observer, "protocol", now)
    } else if (!observer.asking && now - observer.sentAt >= limits.observerHeartbeat - state.tick / 2) {
      observer.asking = true
      observer.seq = (observer.seq + 1) >>> 0
      const frame: LinkFrame = {
        _tag: "Heartbeat",
        seq: observer.seq,
        ackRequested: true,
        lastRecvAgeMs: Math.max(0, Math.round(silence))
      }
      say(state, observer, frame, now)
    }
  }
}

/** This node stood still: what its observers said may lie in its own buffers. */
export const creditObservers = (state: NodeState, late: number, now: number): void => {
  for (const observer of state.observers.values()) observer.heardAt = Math.min(now, observer.heardAt + late)
}

/** Says to all that this life is over. */
export const partObservers = (state: NodeState, now: number): void => {
  for (const observer of state.observers.values()) if (observer.phase === "open") partObserver(state, observer, now)
}

const partObserver = (state: NodeState, observer: ObserverRecord, now: number): void => {
  say(state, observer, { _tag: "Leave", generation: state.self.generation }, now)
  close(state, observer)
}

const goaway = (state: NodeState, observer: ObserverRecord, reason: GoawayReason, now: number): void => {
  say(state, observer, { _tag: "Goaway", reason }, now)
  close(state, observer)
}

const close = (state: NodeState, observer: ObserverRecord): void => {
  observer.phase = "closing"
  emit(state, { _tag: "Close", link: observer.id })
}

const say = (state: NodeState, observer: ObserverRecord, frame: LinkFrame, now: number): void => {
  observer.sentAt = now
  emit(state, { _tag: "Send", link: observer.id, frame })
}
