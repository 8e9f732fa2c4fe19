import { limits } from "./figures.ts"
import type { LinkFrame, Verdict } from "./linkFrames.ts"
import { kick } from "./dialing.ts"
import { expireCandidates, sendPeers } from "./exchange.ts"
import { closeCurrent, forget, goDown, goLeft, goUnreachable, heard, linkLost, liveCount, suspect } from "./members.ts"
import { goaway, sendHeartbeat } from "./linking.ts"
import type { LinkActivity } from "./node.ts"
import { sample } from "./random.ts"
import { count, emit, isLive, type LinkRecord, type MemberRecord, type NodeState, trim, wakeBy } from "./state.ts"

/** Takes in when bytes last came and went on each link. */
export const activityCame = (state: NodeState, activity: ReadonlyArray<LinkActivity>): void => {
  for (const { heardAt, link: id, sentAt } of activity) {
    const link = state.links.get(id)
    if (link === undefined) continue
    link.sentAt = Math.max(link.sentAt, sentAt)
    if (heardAt > link.heardAt) heard(state, link, heardAt)
  }
}

/**
 * The node itself stood still: whatever seems late may be waiting in its own buffers (GC/1 section 5, stall guard). The
 * lateness is credited to every deadline and every age; nothing is judged until the buffers were read.
 */
export const stalled = (state: NodeState, late: number, now: number): void => {
  count(state, "stalls")
  for (const link of state.links.values()) {
    link.heardAt = Math.min(now, link.heardAt + late)
    if (link.probeUntil !== undefined) link.probeUntil += late
    link.since += late
  }
  for (const member of state.members.values()) {
    if (!isLive(member)) continue
    member.heardAt = Math.min(now, member.heardAt + late)
    if (member.lostAt !== undefined) member.lostAt = Math.min(now, member.lostAt + late)
    member.vouchedAt += late
    member.vouchedUntil += late
  }
  if (late > state.options.figures.suspectAfter) state.noDownBefore = now + state.options.figures.suspectAfter
  if (!state.breathing) emit(state, { _tag: "Breathe" })
  state.breathing = true
}

/** One pass of the detector: who is silent, who waits for a heartbeat, what has run out. */
export const tick = (state: NodeState, now: number): void => {
  for (const link of state.links.values()) tickLink(state, link, now)
  for (const member of state.members.values()) {
    if (isLive(member)) judge(state, member, now)
    else if (endedLongAgo(state, member, now)) forget(state, member)
  }
  sendPeers(state, now)
  expireCandidates(state, now)
}

const tickLink = (state: NodeState, link: LinkRecord, now: number): void => {
  if (link.phase === "fresh" || (link.phase === "current" && !link.metaSeen)) {
    if (now - link.since >= limits.firstFrame) {
      count(state, "links_no_first_frame")
      goaway(state, link, "protocol")
    }
    return
  }
  if (link.phase !== "current") return
  if (link.probeUntil !== undefined && now >= link.probeUntil) {
    count(state, "links_dead")
    const member = state.members.get(link.name)
    closeCurrent(state, link.name)
    if (member?.instance === link.peer.instance) linkLost(state, member, now)
    return
  }
  if (now - link.sentAt >= state.options.figures.heartbeat - state.tick / 2) sendHeartbeat(state, link, now, false)
}

const endedLongAgo = (state: NodeState, member: MemberRecord, now: number): boolean => {
  if (now - member.endedAt >= limits.ended) return true
  const gone = state.options.onRemoved !== "keep" && state.targets.get(member.name)?.removed === true
  return gone && !state.current.has(member.name)
}

const judge = (state: NodeState, member: MemberRecord, now: number): void => {
  const { downAfter, suspectAfter } = state.options.figures
  if (member.disconnectAt !== undefined && now >= member.disconnectAt) {
    disconnect(state, member, now)
    return
  }
  const silence = now - member.heardAt
  if (member.state === "alive") {
    if (silence < suspectAfter) return
    suspect(state, member)
    ask(state, member, now)
    return
  }
  if (member.lostAt !== undefined && !member.doubted) {
    if (now - member.lostAt < Math.min(limits.grace, suspectAfter)) return
    if (byGraceAlone(member) && !vouched(state, member, now)) return down(state, member, "closed", now)
    suspect(state, member)
  }
  if (now - member.askedAt >= Math.min(1_000, state.options.figures.heartbeat)) ask(state, member, now)
  if (member.state === "unreachable") {
    if (vouched(state, member, now)) member.vouchedUntil = Math.max(member.vouchedUntil, now + downAfter)
    if (now >= member.vouchedUntil) down(state, member, "timeout", now)
    return
  }
  if (silence < downAfter) return
  if (vouched(state, member, now)) goUnreachable(state, member, now)
  else down(state, member, "timeout", now)
}

/** Nobody redials this one, so that a closed link is all there will ever be to know. */
const byGraceAlone = (member: MemberRecord): boolean =>
  member.probe !== undefined && member.probe.done && member.probe.conclusive

const down = (state: NodeState, member: MemberRecord, reason: "closed" | "timeout", now: number): void => {
  if (now >= state.noDownBefore) goDown(state, member, reason, now)
}

/** A witness heard it within S: its age, and the time since its answer came. */
const vouched = (state: NodeState, member: MemberRecord, now: number): boolean =>
  now - member.vouchedAt <= state.options.figures.suspectAfter

/** Asks min(5, max(0, N − 2)) live members about a suspect. */
const ask = (state: NodeState, member: MemberRecord, now: number): void => {
  member.askedAt = now
  const places = Math.min(limits.witnesses, Math.max(0, liveCount(state) - 1))
  const able = [...state.current.values()].filter(
    (link) => link.metaSeen && link.name !== member.name && state.members.get(link.name)?.state === "alive"
  )
  for (const link of sample(state.random, able, places)) {
    const nonce = state.nextNonce
    state.nextNonce = (state.nextNonce + 1) >>> 0
    state.checks.set(nonce, { name: member.name, instance: member.instance, askedAt: now })
    link.sentAt = now
    emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Check", nonce, instance: member.instance } })
  }
  trim(state.checks, limits.members)
}

/** A neighbour asks about somebody. */
export const checkCame = (
  state: NodeState,
  link: LinkRecord,
  frame: Extract<LinkFrame, { readonly _tag: "Check" }>,
  now: number
): void => {
  const name = state.names.get(frame.instance)
  const member = name === undefined ? undefined : state.members.get(name)
  const [verdict, since] = testimony(state, member)
  const ageMs = Math.min(0xffff_ffff, Math.max(0, Math.round(now - since)))
  link.sentAt = now
  emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Vouch", nonce: frame.nonce, verdict, ageMs } })
}

const testimony = (state: NodeState, member: MemberRecord | undefined): readonly [Verdict, number] => {
  if (member === undefined) return ["unknown", Infinity]
  if (member.state === "left") return ["left", member.endedAt]
  if (state.current.has(member.name)) return ["heard", member.heardAt]
  if (member.state === "down" && member.downReason === "closed") return ["closed", member.endedAt]
  if (member.probe?.done === true && member.probe.conclusive) return ["closed", member.lostAt ?? Infinity]
  return ["unknown", Infinity]
}

/** A witness answers. Alone its word that somebody is down changes nothing. */
export const vouchCame = (
  state: NodeState,
  link: LinkRecord,
  frame: Extract<LinkFrame, { readonly _tag: "Vouch" }>,
  now: number
): void => {
  const check = state.checks.get(frame.nonce)
  state.checks.delete(frame.nonce)
  const member = check && state.members.get(check.name)
  if (member === undefined || member.instance !== check?.instance || !isLive(member) || member.state === "alive") return
  if (link.name === member.name) return
  if (frame.verdict === "left" && member.lostAt !== undefined) return goLeft(state, member, now)
  if (frame.verdict === "closed") {
    member.witnessedClosed = true
    return concludeProbe(state, member, now)
  }
  if (frame.verdict !== "heard") return
  member.vouchedAt = Math.max(member.vouchedAt, now - frame.ageMs)
  const target = state.targets.get(member.name)
  if (target !== undefined && vouched(state, member, now)) kick(state, target, now)
}

/**
 * Every known address has answered the probe: when each said that nobody is there, or a witness saw it closed too, and
 * nobody heard it within S, the member is down. Anything less clear is asked about.
 */
export const concludeProbe = (state: NodeState, member: MemberRecord, now: number): void => {
  if (member.probe?.done !== true || member.lostAt === undefined || !isLive(member)) return
  if ((member.probe.conclusive || member.witnessedClosed) && !vouched(state, member, now)) {
    down(state, member, "closed", now)
    return
  }
  if (now - member.askedAt >= 100) ask(state, member, now)
}

/** Parts from a member on purpose, on both sides. */
export const disconnect = (state: NodeState, member: MemberRecord, now: number): void => {
  const link = state.current.get(member.name)
  if (link !== undefined) goaway(state, link, "disconnect")
  const target = state.targets.get(member.name)
  if (target !== undefined) target.held = true
  goDown(state, member, "disconnected", now)
  wakeBy(state, now + state.tick)
}
