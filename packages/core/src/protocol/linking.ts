import { codes } from "./decisions.ts"
import type { GoawayReason, LinkFrame } from "./linkFrames.ts"
import { limits } from "./figures.ts"
import { dialEnded, holdTarget, startProbe } from "./dialing.ts"
import { leftReported, peersCame } from "./exchange.ts"
import { checkCame, vouchCame } from "./detection.ts"
import { goDown, goLeft, heard, linkLost, metaCame, suspect } from "./members.ts"
import { count, emit, isLive, type LinkRecord, log, type NodeState, publish, viewOf, wakeBy } from "./state.ts"

/** Which of two links of one pair of lives is kept (GC/1 section 4): a total order that both ends compute alike. */
export const beats = (
  self: string,
  a: Pick<LinkRecord, "initiator" | "attempt" | "name">,
  b: Pick<LinkRecord, "initiator" | "attempt">
): boolean => {
  if (a.initiator === b.initiator) return a.attempt > b.attempt
  return (a.initiator === "self") === self < a.name
}

/** Makes a link the one in use for its name, or ends it when a better one is. */
export const promote = (state: NodeState, link: LinkRecord, now: number): boolean => {
  const old = state.current.get(link.name)
  if (old !== undefined && old !== link) {
    if (old.peer.instance === link.peer.instance && !beats(state.self.name, link, old)) {
      goaway(state, link, "replaced")
      return false
    }
    retire(state, old, now)
    count(state, "links_replaced")
  }
  link.phase = "current"
  link.since = now
  link.heardAt = Math.max(link.heardAt, now)
  state.current.set(link.name, link)
  emit(state, { _tag: "Current", link: link.id, name: link.name, instance: link.peer.instance })
  return true
}

const retire = (state: NodeState, link: LinkRecord, now: number): void => {
  link.phase = "retired"
  link.since = now
  emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Goaway", reason: "replaced" } })
  emit(state, { _tag: "Retire", link: link.id })
}

/** Says why, and closes. */
export const goaway = (state: NodeState, link: LinkRecord, reason: GoawayReason): void => {
  link.phase = "retired"
  if (state.current.get(link.name) === link) state.current.delete(link.name)
  emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Goaway", reason } })
  emit(state, { _tag: "Close", link: link.id })
}

/** The first frame of this side. */
export const sendMeta = (state: NodeState, link: LinkRecord): void =>
  emit(state, {
    _tag: "Send",
    link: link.id,
    frame: { _tag: "Meta", version: state.metaVersion, metadata: state.metadata }
  })

/** Asks over the link itself whether it lives: any byte within 1 s says so. */
export const probeLink = (state: NodeState, link: LinkRecord, now: number, contender?: string): void => {
  link.contender = contender ?? link.contender
  if (link.probeUntil !== undefined) return
  link.probeUntil = now + limits.probe
  wakeBy(state, link.probeUntil)
  sendHeartbeat(state, link, now, true)
}

export const sendHeartbeat = (state: NodeState, link: LinkRecord, now: number, ackRequested: boolean): void => {
  link.sentAt = now
  link.seq = (link.seq + 1) >>> 0
  const lastRecvAgeMs = Math.min(0xffff_ffff, Math.max(0, Math.round(now - link.heardAt)))
  emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Heartbeat", seq: link.seq, ackRequested, lastRecvAgeMs } })
}

/** A control frame came. */
export const frameCame = (state: NodeState, id: number, frame: LinkFrame, now: number): void => {
  const link = state.links.get(id)
  if (link === undefined || link.phase === "judged") return
  if (link.phase === "retired") {
    if (frame._tag === "Goaway") emit(state, { _tag: "Close", link: id })
    return
  }
  if (link.contender !== undefined && link.probeUntil !== undefined) conflictProved(state, link, link.contender, now)
  heard(state, link, now)
  if (!link.metaSeen && !firstFrame(state, link, frame, now)) return
  switch (frame._tag) {
    case "Meta":
      return metaCame(state, link, frame, now)
    case "Heartbeat":
      return heartbeatCame(state, link, frame, now)
    case "Check":
      return checkCame(state, link, frame, now)
    case "Vouch":
      return vouchCame(state, link, frame, now)
    case "Peers":
      return peersCame(state, link, frame, now)
    case "Leave":
      return leaveCame(state, link, now)
    case "Goaway":
      return goawayCame(state, link, frame.reason, now)
    default:
      return
  }
}

/** META comes first, or LEAVE or GOAWAY from a node that is on its way out. */
const firstFrame = (state: NodeState, link: LinkRecord, frame: LinkFrame, now: number): boolean => {
  if (frame._tag !== "Meta") {
    if (frame._tag === "Leave" || frame._tag === "Goaway") return true
    count(state, "links_protocol_error")
    goaway(state, link, "protocol")
    return false
  }
  if (link.phase === "current") return true
  if (link.dial !== undefined) dialEnded(state, link.dial, { _tag: "Linked" }, now)
  const member = state.members.get(link.name)
  if (member?.instance === link.peer.instance && member.state === "left") {
    goaway(state, link, "protocol")
    return false
  }
  return promote(state, link, now)
}

const heartbeatCame = (
  state: NodeState,
  link: LinkRecord,
  frame: Extract<LinkFrame, { readonly _tag: "Heartbeat" }>,
  now: number
): void => {
  if (frame.ackRequested) {
    link.sentAt = now
    emit(state, { _tag: "Send", link: link.id, frame: { _tag: "HeartbeatAck", seq: frame.seq } })
  }
  const member = state.members.get(link.name)
  if (member === undefined) return
  const oneWay = frame.lastRecvAgeMs >= state.options.figures.downAfter && now >= state.noDownBefore
  member.oneWayReports = oneWay ? member.oneWayReports + 1 : 0
  if (member.oneWayReports < 2 || state.current.get(link.name) !== link) return
  count(state, "links_one_way")
  goaway(state, link, "one_way")
  linkLost(state, member, now)
  suspect(state, member)
}

const leaveCame = (state: NodeState, link: LinkRecord, now: number): void => {
  const member = state.members.get(link.name)
  if (member?.instance === link.peer.instance) goLeft(state, member, now)
  if (link.phase !== "retired") {
    link.phase = "retired"
    if (state.current.get(link.name) === link) state.current.delete(link.name)
    emit(state, { _tag: "Close", link: link.id })
  }
}

const goawayCame = (state: NodeState, link: LinkRecord, reason: GoawayReason, now: number): void => {
  const member = state.members.get(link.name)
  const wasCurrent = state.current.get(link.name) === link
  if (wasCurrent) state.current.delete(link.name)
  link.phase = "retired"
  emit(state, { _tag: "Close", link: link.id })
  if (reason === "disconnect") holdTarget(state, link.name)
  if (!wasCurrent || member === undefined || !isLive(member) || member.instance !== link.peer.instance) return
  if (reason === "disconnect") return goDown(state, member, "disconnected", now)
  linkLost(state, member, now)
  if (reason === "one_way") suspect(state, member)
}

/** The stream under a link ended. */
export const linkClosed = (state: NodeState, id: number, now: number): void => {
  const link = state.links.get(id)
  if (link === undefined) return
  state.links.delete(id)
  leftReported(state, link.name, now)
  const member = state.members.get(link.name)
  const same = member !== undefined && member.instance === link.peer.instance
  if (state.current.get(link.name) === link) {
    state.current.delete(link.name)
    if (link.dial !== undefined) dialEnded(state, link.dial, { _tag: "Failed", failure: "failed" }, now)
    if (same && link.metaSeen) linkLost(state, member, now)
    state.dialsDirty = true
    return
  }
  if (link.dial !== undefined) dialEnded(state, link.dial, { _tag: "Failed", failure: "failed" }, now)
  if (same && isLive(member) && member.lostAt !== undefined && member.probe === undefined)
    startProbe(state, member, now)
}

/** A probe of the incumbent was answered: two live nodes carry one name (GC/1 section 1). */
const conflictProved = (state: NodeState, link: LinkRecord, contender: string, now: number): void => {
  link.contender = undefined
  const member = state.members.get(link.name)
  if (member === undefined) return
  publish(state, { _tag: "NameConflict", member: viewOf(member), instance: contender })
  log(
    state,
    now,
    "warning",
    "name_conflict",
    "two live nodes carry one name; the one that was first stays: rename the other",
    {
      peer: link.name,
      instance: member.instance,
      other: contender
    }
  )
}

/** What the other side's decision says of itself: it is leaving, or it knows a newer generation of this node. */
export const decisionCame = (
  state: NodeState,
  peer: { readonly name: string; readonly instance: string },
  decision: number,
  knownGeneration: number,
  now: number
): void => {
  if (decision === codes.shutting_down) {
    const member = state.members.get(peer.name)
    if (member?.instance === peer.instance) goLeft(state, member, now)
  }
  if (decision === codes.stale_incarnation && !state.generationFixed && knownGeneration >= state.self.generation) {
    state.generationFixed = true
    state.self.generation = knownGeneration + 1
    log(
      state,
      now,
      "warning",
      "stale_incarnation",
      "this machine's clock went back: a newer life of this node is known",
      {
        peer: peer.name,
        generation: state.self.generation
      }
    )
  }
  if (decision === codes.name_conflict) {
    state.generationFixed = true
    log(
      state,
      now,
      "warning",
      "name_conflict_self",
      "another live node carries this node's name and was first: rename one of them",
      {
        peer: peer.name,
        name: state.self.name
      }
    )
  }
}
