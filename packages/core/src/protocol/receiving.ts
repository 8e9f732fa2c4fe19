import { isGeneration } from "./checks.ts"
import { codes } from "./decisions.ts"
import { dialEnded, startProbe } from "./dialing.ts"
import { peersCame, reporterGone } from "./exchange.ts"
import { limits } from "./figures.ts"
import type { GoawayReason, HeartbeatFrame, LinkFrame } from "./linkFrames.ts"
import { close, goaway, isSpare, removeLink, sendMeta } from "./linking.ts"
import { dropLink, goDown, goLeft, heard, linkLost, metaCame, suspect, useLink } from "./members.ts"
import { observerFrame } from "./observers.ts"
import { count, log, send } from "./outputs.ts"
import { isLive, type LinkRecord, type NodeState, touch } from "./state.ts"
import { holdTarget, kick } from "./targets.ts"
import { ask, checkCame, vouchCame } from "./witnesses.ts"

/** A control frame came. */
export const frameCame = (state: NodeState, id: number, frame: LinkFrame, now: number): void => {
  const observer = state.observers.get(id)
  if (observer !== undefined) return observerFrame(state, observer, frame, now)
  const link = state.links.get(id)
  if (link === undefined || link.phase === "judged") return
  if (link.phase === "retired") {
    if (frame._tag === "Goaway") close(state, link, now)
    return
  }
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
    case "Event":
      count(state, "links_protocol_error")
      return dropLink(state, link, now, "protocol")
    default:
      return
  }
}

/** META comes first, or LEAVE or GOAWAY from a node that is on its way out. */
const firstFrame = (state: NodeState, link: LinkRecord, frame: LinkFrame, now: number): boolean => {
  if (frame._tag === "Leave" || frame._tag === "Goaway") return true
  if (frame._tag !== "Meta") {
    count(state, "links_protocol_error")
    dropLink(state, link, now, "protocol")
    return false
  }
  if (link.phase === "current") return true
  if (link.dial !== undefined) dialEnded(state, link.dial, { _tag: "Linked" }, now)
  if (!useLink(state, link, now)) return isSpare(state, link)
  sendMeta(state, link, now)
  return true
}

const heartbeatCame = (state: NodeState, link: LinkRecord, frame: HeartbeatFrame, now: number): void => {
  if (frame.ackRequested) send(state, link, { _tag: "HeartbeatAck", seq: frame.seq }, now)
  const member = state.members.get(link.name)
  if (member === undefined) return
  const oneWay = frame.lastRecvAgeMs >= state.options.figures.downAfter && now >= state.noDownBefore
  member.oneWayReports = oneWay ? member.oneWayReports + 1 : 0
  if (member.oneWayReports < 2) return
  count(state, "links_one_way")
  goaway(state, link, "one_way", now)
  lostOneWay(state, link, now)
}

/** One direction is lost: doubt at once, and a witness's word suffices for the rest. */
const lostOneWay = (state: NodeState, link: LinkRecord, now: number): void => {
  const member = state.members.get(link.name)
  if (member === undefined || member.instance !== link.peer.instance || !isLive(member)) return
  linkLost(state, member, link, now)
  if (member.state !== "suspect") return
  member.oneWay = true
  suspect(state, member, now)
  ask(state, member, now)
}

const leaveCame = (state: NodeState, link: LinkRecord, now: number): void => {
  const member = state.members.get(link.name)
  if (member?.instance === link.peer.instance) goLeft(state, member, now)
  if (link.phase !== "retired") close(state, link, now)
}

const goawayCame = (state: NodeState, link: LinkRecord, reason: GoawayReason, now: number): void => {
  const member = state.members.get(link.name)
  const wasCurrent = state.current.get(link.name) === link
  close(state, link, now)
  if (reason === "disconnect") holdTarget(state, link.name)
  if (!wasCurrent || member === undefined || !isLive(member) || member.instance !== link.peer.instance) return
  if (reason === "disconnect") return goDown(state, member, "disconnected", now)
  if (reason === "one_way") return lostOneWay(state, link, now)
  linkLost(state, member, link, now)
}

/** The stream under a link ended. */
export const linkClosed = (state: NodeState, id: number, now: number): void => {
  if (state.observers.delete(id)) return
  const link = state.links.get(id)
  if (link === undefined) return
  const { phase } = link
  removeLink(state, link)
  reporterGone(state, link, now)
  if (link.dial !== undefined) dialEnded(state, link.dial, { _tag: "Failed", failure: "failed" }, now)
  const member = state.members.get(link.name)
  const same = member?.instance === link.peer.instance && isLive(member)
  if (phase === "current") {
    state.current.delete(link.name)
    touch(state, state.targets.get(link.name))
    if (same) linkLost(state, member, link, now)
    return
  }
  if (phase === "retired" || state.current.has(link.name)) return
  const target = state.targets.get(link.name)
  if (target !== undefined && link.initiator === "peer") kick(state, target, now)
  if (same && member.lostAt !== undefined && member.probe === undefined) startProbe(state, member, now)
}

const mayRaise = (state: NodeState, now: number): boolean =>
  state.raises > 0 && now - state.conflictAt >= limits.conflict

/** A generation that this node can go beyond without being malformed to its peers. */
const isNewer = (state: NodeState, known: number, now: number): boolean =>
  known >= state.self.generation && isGeneration(known + 1, now)

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
  if (decision === codes.stale_incarnation && mayRaise(state, now) && isNewer(state, knownGeneration, now)) {
    state.raises--
    state.self.generation = knownGeneration + 1
    const text = "this machine's clock went back: a newer life of this node is known"
    log(state, now, "warning", "stale_incarnation", text, { peer: peer.name, generation: state.self.generation })
  }
  if (decision === codes.name_conflict) {
    state.conflictAt = now
    const text = "another live node carries this node's name and was first: rename one of them"
    log(state, now, "warning", "name_conflict_self", text, { peer: peer.name, name: state.self.name })
  }
}
