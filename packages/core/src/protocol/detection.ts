import { startProbe } from "./dialing.ts"
import { expireCandidates, sendPeers } from "./exchange.ts"
import { limits } from "./figures.ts"
import { goaway, sendHeartbeat } from "./linking.ts"
import { dropLink, forget, goDown, goUnreachable, heard, suspect } from "./members.ts"
import type { LinkActivity } from "./node.ts"
import { creditObservers, observerActivity, tickObservers } from "./observers.ts"
import { count, emit } from "./outputs.ts"
import { isLive, type LinkRecord, type MemberRecord, type NodeState } from "./state.ts"
import { holdTarget } from "./targets.ts"
import { ask, giveUp, isVouched } from "./witnesses.ts"

/** Takes in when bytes last came and went on each link. */
export const activityCame = (state: NodeState, activity: ReadonlyArray<LinkActivity>): void => {
  for (let index = 0; index < activity.length; index++) {
    const { heardAt, link: id, sentAt } = activity[index] as LinkActivity
    const observer = state.observers.get(id)
    if (observer !== undefined) observerActivity(observer, heardAt, sentAt)
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
    link.since += late
    if (link.probe === undefined) continue
    link.probe.since += late
    link.probe.until += late
  }
  creditObservers(state, late, now)
  for (const member of state.members.values()) {
    if (!isLive(member)) continue
    member.heardAt = Math.min(now, member.heardAt + late)
    if (member.lostAt !== undefined) member.lostAt = Math.min(now, member.lostAt + late)
    member.vouchedUntil += late
  }
  for (const source of state.sources.values()) {
    if (source.shrinkingSince !== undefined) source.shrinkingSince += late
    for (const entry of source.entries.values()) if (entry.absentSince !== undefined) entry.absentSince += late
  }
  if (late > state.options.figures.suspectAfter) state.noDownBefore = now + state.options.figures.suspectAfter
  if (!state.breathing) emit(state, { _tag: "Breathe" })
  state.breathing = true
}

/** One pass of the detector: who is silent, who waits for a heartbeat, what has run out. */
export const tick = (state: NodeState, now: number): void => {
  // Here and below: four times a second for each peer, an iterator's results are most of what a resting node allocates.
  state.links.forEach((link) => tickLink(state, link, now))
  tickObservers(state, now)
  state.members.forEach((member) => {
    if (isLive(member)) judge(state, member, now)
    else if (endedLongAgo(state, member, now)) forget(state, member)
  })
  sendPeers(state, now)
  expireCandidates(state, now)
}

const tickLink = (state: NodeState, link: LinkRecord, now: number): void => {
  if (link.phase === "fresh" || (link.phase === "current" && !link.metaSeen)) {
    if (now - link.since < limits.firstFrame) return
    count(state, "links_no_first_frame")
    dropLink(state, link, now, "protocol")
    return
  }
  if (link.phase !== "current") return
  if (link.probe !== undefined && now >= link.probe.until) {
    count(state, "links_dead")
    dropLink(state, link, now)
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
  const { downAfter, heartbeat, suspectAfter } = state.options.figures
  if (member.disconnectAt !== undefined && now >= member.disconnectAt) return disconnect(state, member, now)
  const silence = now - member.heardAt
  if (member.state === "alive") {
    if (silence < suspectAfter) return
    suspect(state, member, now)
    ask(state, member, now)
    return
  }
  if (member.lostAt !== undefined && member.state === "suspect" && !graceOver(state, member, now)) return
  const every = Math.min(1_000, heartbeat)
  // A question that goes out with the verdict is answered too late for it.
  const lastCall = member.heardAt + downAfter - every / 2
  if (now - member.askedAt >= every || (now >= lastCall && member.askedAt < lastCall)) ask(state, member, now)
  if (member.state === "unreachable") {
    if (isVouched(state, member, now)) member.vouchedUntil = Math.max(member.vouchedUntil, now + downAfter)
    if (now >= member.vouchedUntil) giveUp(state, member, "timeout", now)
    return
  }
  if (silence < downAfter) return
  if (isVouched(state, member, now)) goUnreachable(state, member, now)
  else giveUp(state, member, "timeout", now)
}

/** A lost link is doubted in silence for the time of grace; false while that lasts, or when it ended the member. */
const graceOver = (state: NodeState, member: MemberRecord, now: number): boolean => {
  if (member.probe === undefined) startProbe(state, member, now)
  if (member.doubted) return true
  if (now - (member.lostAt ?? now) < Math.min(limits.grace, state.options.figures.suspectAfter)) return false
  if (member.probe?.done === true && member.probe.conclusive && !isVouched(state, member, now)) {
    giveUp(state, member, "closed", now)
    return false
  }
  suspect(state, member, now)
  return true
}

/** Parts from a member on purpose, on both sides. */
export const disconnect = (state: NodeState, member: MemberRecord, now: number): void => {
  for (const link of state.links.values()) {
    if (link.name === member.name && link.phase !== "retired") goaway(state, link, "disconnect", now)
  }
  holdTarget(state, member.name)
  goDown(state, member, "disconnected", now)
}
