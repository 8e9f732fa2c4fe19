import { limits } from "./figures.ts"
import { sameMetadata } from "./metadata.ts"
import type { MetaFrame } from "./linkFrames.ts"
import type { DownReason } from "./node.ts"
import { learnAddresses, settleRequests, startProbe } from "./dialing.ts"
import { markPeersDirty } from "./exchange.ts"
import { emit, isLive, type LinkRecord, type MemberRecord, type NodeState, publish, viewOf, wakeBy } from "./state.ts"

/** META on the current link of a life: it comes up, comes back, or tells new metadata (GC/1 section 5). */
export const metaCame = (state: NodeState, link: LinkRecord, frame: MetaFrame, now: number): void => {
  link.metaSeen = true
  const known = state.members.get(link.name)
  if (known === undefined || known.instance !== link.peer.instance) {
    if (known !== undefined && isLive(known)) goDown(state, known, "restarted", now)
    comeUp(state, create(state, link, frame, now), link, now)
    return
  }
  const before = known.state
  const changed = frame.version > known.metaVersion && !sameMetadata(frame.metadata, known.metadata)
  known.generation = Math.max(known.generation, link.peer.generation)
  known.addresses = link.peer.addresses
  if (frame.version > known.metaVersion) {
    known.metadata = frame.metadata
    known.metaVersion = frame.version
  }
  if (before === "down") {
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
    state: "down",
    downReason: undefined,
    doubted: false,
    heardAt: now,
    lostAt: undefined,
    probe: undefined,
    vouchedAt: -Infinity,
    vouchedUntil: -Infinity,
    witnessedClosed: false,
    askedAt: -Infinity,
    endedAt: 0,
    oneWayReports: 0,
    disconnectAt: undefined
  }
  const old = state.members.get(link.name)
  if (old !== undefined) state.names.delete(old.instance)
  state.members.set(member.name, member)
  state.names.set(member.instance, member.name)
  boundMembers(state)
  return member
}

/** Ended records beyond the cap go, the oldest first. */
const boundMembers = (state: NodeState): void => {
  if (state.members.size <= limits.members * 2) return
  for (const member of state.members.values()) {
    if (state.members.size <= limits.members) return
    if (!isLive(member) && !state.current.has(member.name)) forget(state, member)
  }
}

const comeUp = (state: NodeState, member: MemberRecord, link: LinkRecord, now: number): void => {
  state.members.delete(member.name)
  state.members.set(member.name, member)
  settle(member, now)
  member.state = "alive"
  member.doubted = false
  member.downReason = undefined
  publish(state, { _tag: "Up", member: viewOf(member) })
  learnAddresses(state, member.name, link.peer.addresses, now)
  settleRequests(state, member.name)
  markPeersDirty(state)
}

const settle = (member: MemberRecord, now: number): void => {
  member.heardAt = now
  member.lostAt = undefined
  member.probe = undefined
  member.witnessedClosed = false
  member.oneWayReports = 0
}

/** A byte or a new link of a member that was doubted. */
const linkBack = (state: NodeState, member: MemberRecord, now: number): void => {
  const before = member.state
  settle(member, now)
  member.state = "alive"
  if (member.doubted) {
    member.doubted = false
    publish(state, { _tag: before === "unreachable" ? "Reachable" : "Recovered", member: viewOf(member) })
  }
  settleRequests(state, member.name)
  markPeersDirty(state)
}

/** Bytes came over the current link of a member. */
export const heard = (state: NodeState, link: LinkRecord, at: number): void => {
  if (at <= link.heardAt && link.probeUntil === undefined) return
  link.heardAt = Math.max(at, link.heardAt)
  link.probeUntil = undefined
  if (link.phase !== "current") return
  const member = state.members.get(link.name)
  if (member === undefined || member.instance !== link.peer.instance || !link.metaSeen) return
  member.heardAt = Math.max(member.heardAt, at)
  if (member.state === "suspect" && member.lostAt === undefined) linkBack(state, member, member.heardAt)
}

/** The current link of a member is lost without a word (GC/1 section 5, first rows). */
export const linkLost = (state: NodeState, member: MemberRecord, now: number): void => {
  if (!isLive(member)) return
  member.lostAt = now
  if (member.state === "alive") member.state = "suspect"
  markPeersDirty(state)
  wakeBy(state, now + limits.grace)
  startProbe(state, member, now)
}

/** `Suspected`, once until it is recovered. */
export const suspect = (state: NodeState, member: MemberRecord): void => {
  member.state = "suspect"
  if (member.doubted) return
  member.doubted = true
  state.dialsDirty = true
  publish(state, { _tag: "Suspected", member: viewOf(member) })
}

export const goUnreachable = (state: NodeState, member: MemberRecord, now: number): void => {
  suspect(state, member)
  closeCurrent(state, member.name)
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
  if (reason !== "restarted") closeCurrent(state, member.name)
  publish(state, { _tag: "Down", member: viewOf(member), reason })
}

/** It said that it leaves: final for this life. */
export const goLeft = (state: NodeState, member: MemberRecord, now: number): void => {
  if (!isLive(member)) return
  end(state, member, now)
  member.state = "left"
  closeCurrent(state, member.name)
  publish(state, { _tag: "Left", member: viewOf(member) })
}

const end = (state: NodeState, member: MemberRecord, now: number): void => {
  member.endedAt = now
  member.probe = undefined
  member.doubted = false
  member.disconnectAt = undefined
  state.dialsDirty = true
  markPeersDirty(state)
}

/** Forgets an ended record; a return begins anew. */
export const forget = (state: NodeState, member: MemberRecord): void => {
  state.members.delete(member.name)
  state.names.delete(member.instance)
  publish(state, { _tag: "Removed", member: viewOf(member) })
}

/** Closes the link in use for a name. */
export const closeCurrent = (state: NodeState, name: string): void => {
  const link = state.current.get(name)
  if (link === undefined) return
  state.current.delete(name)
  link.phase = "retired"
  emit(state, { _tag: "Close", link: link.id })
}

/** Live members beyond self. */
export const liveCount = (state: NodeState): number => {
  let live = 0
  for (const member of state.members.values()) if (isLive(member)) live++
  return live
}
