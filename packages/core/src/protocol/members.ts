import { cancelDials, startProbe } from "./dialing.ts"
import { markPeersDirty } from "./exchange.ts"
import { limits } from "./figures.ts"
import type { GoawayReason, MetaFrame } from "./linkFrames.ts"
import { close, goaway, promote } from "./linking.ts"
import { viewOf } from "./memberViews.ts"
import { sameMetadata } from "./metadata.ts"
import type { DownReason } from "./node.ts"
import { log, publish } from "./outputs.ts"
import { isLive, type LinkRecord, type MemberRecord, type NodeState, touch } from "./state.ts"
import { learnAddresses, settleRequests } from "./targets.ts"

/** META on the current link of a life: it comes up, comes back, or tells new metadata (GC/1 section 5). */
export const metaCame = (state: NodeState, link: LinkRecord, frame: MetaFrame, now: number): void => {
  link.metaSeen = true
  const known = state.members.get(link.name)
  if (known === undefined || known.instance !== link.peer.instance) {
    if (known !== undefined && isLive(known)) goDown(state, known, "restarted", now)
    comeUp(state, create(state, link, frame, now), link, now)
    return
  }
  const changed = frame.version > known.metaVersion && !sameMetadata(frame.metadata, known.metadata)
  known.generation = Math.max(known.generation, link.peer.generation)
  known.addresses = link.peer.addresses
  if (frame.version > known.metaVersion) {
    known.metadata = frame.metadata
    known.metaVersion = frame.version
  }
  if (known.state === "down") {
    comeUp(state, known, link, now)
    return
  }
  linkBack(state, known, now)
  if (changed) publish(state, { _tag: "Updated", member: viewOf(known) })
}

const create = (state: NodeState, link: LinkRecord, frame: MetaFrame, now: number): MemberRecord => {
  const member: MemberRecord = {
    name: link.name,
    instance: link.peer.instance,
    generation: link.peer.generation,
    addresses: link.peer.addresses,
    metadata: frame.metadata,
    metaVersion: frame.version,
    appVersion: link.peer.appVersion,
    state: "down",
    downReason: undefined,
    doubted: false,
    heardAt: now,
    lostAt: undefined,
    probe: undefined,
    probedAt: -Infinity,
    vouchedAt: -Infinity,
    vouchedUntil: -Infinity,
    witnessedClosed: false,
    askedAt: -Infinity,
    endedAt: now,
    oneWayReports: 0,
    oneWay: false,
    disconnectAt: undefined
  }
  const old = state.members.get(link.name)
  if (old !== undefined) state.names.delete(old.instance)
  state.members.set(member.name, member)
  state.names.set(member.instance, member.name)
  return member
}

const comeUp = (state: NodeState, member: MemberRecord, link: LinkRecord, now: number): void => {
  state.members.delete(member.name)
  state.members.set(member.name, member)
  state.live++
  settle(state, member, now)
  member.downReason = undefined
  publish(state, { _tag: "Up", member: viewOf(member) })
  learnAddresses(state, member.name, link.peer.addresses, now)
  settleRequests(state, member.name)
}

/** A member has a link in use and is alive. */
const settle = (state: NodeState, member: MemberRecord, now: number): void => {
  if (member.lostAt !== undefined || !isLive(member)) markPeersDirty(state)
  member.state = "alive"
  member.doubted = false
  member.heardAt = now
  member.lostAt = undefined
  member.probe = undefined
  member.witnessedClosed = false
  member.oneWayReports = 0
  member.oneWay = false
  cancelDials(state, member.name)
}

/** A byte or a new link of a member that was doubted. */
const linkBack = (state: NodeState, member: MemberRecord, now: number): void => {
  const { doubted, state: before } = member
  settle(state, member, now)
  if (doubted) publish(state, { _tag: before === "unreachable" ? "Reachable" : "Recovered", member: viewOf(member) })
  settleRequests(state, member.name)
}

/** Bytes came over a link. */
export const heard = (state: NodeState, link: LinkRecord, at: number): void => {
  link.heardAt = Math.max(at, link.heardAt)
  if (link.probe !== undefined && at >= link.probe.since) {
    link.probe = undefined
    if (link.contender !== undefined) proveConflict(state, link, link.contender, at)
  }
  if (link.phase !== "current" || !link.metaSeen) return
  const member = state.members.get(link.name)
  if (member === undefined || member.instance !== link.peer.instance) return
  member.heardAt = Math.max(member.heardAt, at)
  if (member.state === "suspect" && member.lostAt === undefined) linkBack(state, member, member.heardAt)
}

/** A probe of the incumbent was answered: two live nodes carry one name (GC/1 section 1). */
const proveConflict = (state: NodeState, link: LinkRecord, contender: string, now: number): void => {
  link.contender = undefined
  const member = state.members.get(link.name)
  if (member === undefined) return
  const text = "two live nodes carry one name; the one that was first stays: rename the other"
  const fields = { peer: link.name, instance: member.instance, other: contender }
  if (!log(state, now, "warning", "name_conflict", text, fields)) return
  publish(state, { _tag: "NameConflict", member: viewOf(member), instance: contender })
}

/**
 * Takes a link into use, unless a better one is. A link of another life that it replaces is lost to that life, which is down
 * only when the new one tells its first frame.
 */
export const useLink = (state: NodeState, link: LinkRecord, now: number): boolean => {
  const old = state.current.get(link.name)
  if (!promote(state, link, now)) return false
  const member = state.members.get(link.name)
  if (old !== undefined && member !== undefined && member.instance !== link.peer.instance) {
    linkLost(state, member, old, now)
  }
  return true
}

/** The current link of a member is lost without a word (GC/1 section 5, first rows). */
export const linkLost = (state: NodeState, member: MemberRecord, link: LinkRecord, now: number): void => {
  if (!isLive(member) || member.instance !== link.peer.instance) return
  const target = state.targets.get(member.name)
  if (target !== undefined && now - link.upAt >= limits.healthyAfter) target.failures = 0
  member.lostAt = now
  if (member.state === "alive") member.state = "suspect"
  markPeersDirty(state)
  startProbe(state, member, now)
}

/** Ends a link from this side; if it was in use, its member has lost it. */
export const dropLink = (state: NodeState, link: LinkRecord, now: number, reason?: GoawayReason): void => {
  const wasCurrent = state.current.get(link.name) === link
  if (reason === undefined) close(state, link, now)
  else goaway(state, link, reason, now)
  const member = state.members.get(link.name)
  if (wasCurrent && member !== undefined) linkLost(state, member, link, now)
}

/** `Suspected`, once until it is recovered. A fresh dial begins in parallel. */
export const suspect = (state: NodeState, member: MemberRecord, now: number): void => {
  member.state = "suspect"
  if (member.doubted) return
  member.doubted = true
  const target = state.targets.get(member.name)
  if (target !== undefined && member.lostAt === undefined) target.nextAt = Math.min(target.nextAt, now)
  touch(state, target)
  publish(state, { _tag: "Suspected", member: viewOf(member) })
}

/** We do not hear it, a witness does. What is left of a link goes, and the other side hears why. */
export const goUnreachable = (state: NodeState, member: MemberRecord, now: number): void => {
  suspect(state, member, now)
  const link = state.current.get(member.name)
  if (link !== undefined) goaway(state, link, "one_way", now)
  member.lostAt ??= now
  member.state = "unreachable"
  member.vouchedUntil = now + state.options.figures.downAfter
  publish(state, { _tag: "Unreachable", member: viewOf(member) })
}

/** Down, whatever it was; its link closes. */
export const goDown = (state: NodeState, member: MemberRecord, reason: DownReason, now: number): void => {
  end(state, member, now)
  member.state = "down"
  member.downReason = reason
  const link = state.current.get(member.name)
  if (link !== undefined && link.peer.instance === member.instance) close(state, link, now)
  publish(state, { _tag: "Down", member: viewOf(member), reason })
  boundEnded(state)
}

/** It said that it leaves: final for this life. */
export const goLeft = (state: NodeState, member: MemberRecord, now: number): void => {
  if (!isLive(member)) return
  end(state, member, now)
  member.state = "left"
  const link = state.current.get(member.name)
  if (link !== undefined && link.peer.instance === member.instance) close(state, link, now)
  const target = state.targets.get(member.name)
  if (target !== undefined) target.nextAt = Math.max(target.nextAt, now + limits.healthyAfter)
  publish(state, { _tag: "Left", member: viewOf(member) })
  boundEnded(state)
}

const end = (state: NodeState, member: MemberRecord, now: number): void => {
  state.live--
  member.endedAt = now
  member.lostAt = undefined
  member.probe = undefined
  member.doubted = false
  member.disconnectAt = undefined
  touch(state, state.targets.get(member.name))
  markPeersDirty(state)
}

/** Ended records beyond the cap go, the oldest first. */
const boundEnded = (state: NodeState): void => {
  if (state.members.size - state.live <= limits.members) return
  for (const member of state.members.values()) {
    if (!isLive(member) && !state.current.has(member.name)) {
      forget(state, member)
      return
    }
  }
}

/** Forgets an ended record; a return begins anew. */
export const forget = (state: NodeState, member: MemberRecord): void => {
  state.members.delete(member.name)
  state.names.delete(member.instance)
  publish(state, { _tag: "Removed", member: viewOf(member) })
}
