import { limits } from "./figures.ts"
import type { CheckFrame, Verdict, VouchFrame } from "./linkFrames.ts"
import { goDown, goLeft, goUnreachable } from "./members.ts"
import { remember, send } from "./outputs.ts"
import { sample } from "./random.ts"
import { isLive, type LinkRecord, type MemberRecord, type NodeState } from "./state.ts"
import { kick } from "./targets.ts"

/** A witness heard it within S: its age, and the time since its answer came. */
export const isVouched = (state: NodeState, member: MemberRecord, now: number): boolean =>
  now - member.vouchedAt <= state.options.figures.suspectAfter

/** Down, unless this node has just been stalled itself. */
export const giveUp = (state: NodeState, member: MemberRecord, reason: "closed" | "timeout", now: number): void => {
  if (now >= state.noDownBefore) goDown(state, member, reason, now)
}

/** Asks min(5, max(0, N − 2)) live members about a suspect. */
export const ask = (state: NodeState, member: MemberRecord, now: number): void => {
  member.askedAt = now
  const places = Math.min(limits.witnesses, Math.max(0, state.live - 1))
  const able = [...state.current.values()].filter(
    (link) => link.metaSeen && link.name !== member.name && state.members.get(link.name)?.state === "alive"
  )
  for (const link of sample(state.random, able, places)) {
    const nonce = state.nextNonce
    state.nextNonce = (state.nextNonce + 1) >>> 0
    remember(state.checks, nonce, { name: member.name, instance: member.instance }, limits.members)
    send(state, link, { _tag: "Check", nonce, instance: member.instance }, now)
  }
}

/** A neighbour asks about somebody. */
export const checkCame = (state: NodeState, link: LinkRecord, frame: CheckFrame, now: number): void => {
  const name = state.names.get(frame.instance)
  const member = name === undefined ? undefined : state.members.get(name)
  const [verdict, since] = testimony(state, member, now)
  const ageMs = Math.min(0xffff_ffff, Math.max(0, Math.round(now - since)))
  send(state, link, { _tag: "Vouch", nonce: frame.nonce, verdict, ageMs }, now)
}

/** What this node knows of somebody and since when. After a stall of its own it has not heard what it credits. */
const testimony = (state: NodeState, member: MemberRecord | undefined, now: number): readonly [Verdict, number] => {
  if (member === undefined) return ["unknown", -Infinity]
  if (member.state === "left") return ["left", member.endedAt]
  const credited = state.breathing || state.noDownBefore > now
  if (isLive(member) && member.lostAt === undefined && !credited) return ["heard", member.heardAt]
  if (member.state === "down" && member.downReason === "closed") return ["closed", member.endedAt]
  if (member.probe?.done === true && member.probe.conclusive) return ["closed", member.lostAt ?? -Infinity]
  return ["unknown", -Infinity]
}

/** A witness answers. Alone its word that somebody is down changes nothing. */
export const vouchCame = (state: NodeState, link: LinkRecord, frame: VouchFrame, now: number): void => {
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
  if (!isVouched(state, member, now)) return
  if (member.oneWay && member.state === "suspect") goUnreachable(state, member, now)
  const target = state.targets.get(member.name)
  if (target !== undefined) kick(state, target, now)
}

/** What the probes that were answered in this step show. */
export const concludeProbes = (state: NodeState, now: number): void => {
  for (let member = state.answered.pop(); member !== undefined; member = state.answered.pop()) {
    concludeProbe(state, member, now)
  }
}

/**
 * Every known address has answered the probe: when each said that nobody is there, or a witness saw it closed too, and
 * nobody heard it within S, the member is down. Anything less clear is asked about.
 */
const concludeProbe = (state: NodeState, member: MemberRecord, now: number): void => {
  if (member.probe?.done !== true || member.lostAt === undefined || !isLive(member)) return
  if ((member.probe.conclusive || member.witnessedClosed) && !isVouched(state, member, now)) {
    giveUp(state, member, "closed", now)
    return
  }
  if (now - member.askedAt >= 100) ask(state, member, now)
}
