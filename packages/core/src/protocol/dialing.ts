import { codeName, codes, isRejectCode, maxRejectDelayMs, retryFor } from "./decisions.ts"
import { limits } from "./figures.ts"
import type { ConnectFailure, DialFailure } from "./node.ts"
import { count, emit, log, remember, wakeBy } from "./outputs.ts"
import { dialTook, hasOwnPlace, isCandidate, nextStale, pacedFor, pacedPlaces, placesFor } from "./places.ts"
import { around } from "./random.ts"
import { type DialRecord, isLive, type MemberRecord, type NodeState, type TargetRecord, touch } from "./state.ts"
import { addressesOf, ensureTarget, failRequests, isHigher, learnAddresses, settleRequests, usable } from "./targets.ts"

/** How a dial ended. `Linked`: the peer's first frame came. `Refused`: this side did not let the peer in. */
export type DialOutcome =
  | { readonly _tag: "Linked" }
  | { readonly _tag: "Failed"; readonly failure: DialFailure }
  | { readonly _tag: "Rejected"; readonly code: number; readonly retryAfterMs: number; readonly authentic: boolean }
  | { readonly _tag: "Refused"; readonly code: number; readonly retryAfterMs: number }

type Unlinked = Exclude<DialOutcome, { readonly _tag: "Linked" }>

const wantsDial = (state: NodeState, target: TargetRecord): boolean => {
  if (target.inFlight > 0) return false
  const { name } = target
  if (name === undefined) return target.requests.length > 0 || (!target.held && target.wanted && mayDial(state, target))
  if (state.pending.has(name)) return false
  const member = state.members.get(name)
  const current = state.current.get(name)
  if (current !== undefined && (member?.state !== "suspect" || !current.metaSeen)) return false
  if (target.requests.length > 0) return true
  if (target.held || target.removed || !mayDial(state, target)) return false
  if (target.wanted || (member !== undefined && isLive(member) && member.doubted)) return true
  const candidate = state.candidates.get(name)
  return candidate !== undefined && !(member?.state === "left" && member.instance === candidate.instance)
}

const mayDial = (state: NodeState, target: TargetRecord): boolean =>
  state.options.reconnect !== "never" || !target.dialed

/** Begins every dial that is due and has room, at most 32 at once: probes first, then whoever waits longest. */
export const pump = (state: NodeState, now: number): void => {
  if (state.phase === "leaving") {
    state.touched.length = 0
    return
  }
  while (state.probes.length > 0 && state.dials.size < limits.dials) {
    const next = state.probes.shift()
    const target = next && state.targets.get(next.target)
    if (target === undefined || next === undefined) continue
    if (state.members.get(next.target)?.probe?.pending.has(next.address) === true)
      startDial(state, target, next.address, true, now)
  }
  const paced = pacedPlaces(state, now)
  if (state.touched.length > 0) dialTouched(state, paced, now)
  if (state.dials.size < state.waiting || now >= state.nextDialAt) dialDue(state, paced, now)
  if (state.waiting > 0) state.nextDialAt = Math.min(state.nextDialAt, nextStale(state, now))
  if (state.nextDialAt > now) wakeBy(state, state.nextDialAt)
}

/** Looks only at targets that something changed about; nobody overtakes those who wait for a place of the same kind. */
const dialTouched = (state: NodeState, paced: number, now: number): void => {
  for (const target of state.touched.splice(0)) {
    if (state.targets.get(target.key) !== target || !wantsDial(state, target)) continue
    const places = pacedFor(placesFor(state, target), paced)
    if (target.nextAt > now) state.nextDialAt = Math.min(state.nextDialAt, target.nextAt)
    else if (state.waiting >= places || state.dials.size >= places) state.waiting = Math.max(state.waiting, places)
    else dialNext(state, target, now)
  }
}

const dialDue = (state: NodeState, paced: number, now: number): void => {
  state.nextDialAt = Infinity
  const due: Array<{ readonly target: TargetRecord; readonly places: number }> = []
  for (const target of state.targets.values()) {
    if (!wantsDial(state, target)) continue
    if (target.nextAt <= now) due.push({ target, places: placesFor(state, target) })
    else state.nextDialAt = Math.min(state.nextDialAt, target.nextAt)
  }
  due.sort((a, b) => b.places - a.places || a.target.nextAt - b.target.nextAt)
  state.waiting = 0
  let ahead = hasOwnPlace(state)
  for (const { places: own, target } of due) {
    const places = pacedFor(own, paced)
    const fits = state.dials.size < places
    if (fits || (ahead && isCandidate(own) && state.dials.size <= limits.listedDials)) {
      if (!fits) ahead = false
      dialNext(state, target, now)
    } else state.waiting = Math.max(state.waiting, places)
  }
}

/** Takes a target's addresses in turn, and what its name resolves to where discovery gives no more than the name. */
const dialNext = (state: NodeState, target: TargetRecord, now: number): void => {
  const places: Array<string | undefined> = [...usable(state, target, now)]
  const all = addressesOf(target)
  if (target.name !== undefined && (target.nameless || all.length === 0)) places.push(undefined)
  if (places.length > 0) {
    startDial(state, target, places[target.cursor++ % places.length], false, now)
    return
  }
  target.nextAt = Math.min(now + limits.selfConnect, ...all.map((each) => state.avoided.get(each) ?? Infinity))
  state.nextDialAt = Math.min(state.nextDialAt, target.nextAt)
  failRequests(state, target, target.wrong.size > 0 ? "name_mismatch" : "self", true)
}

const startDial = (
  state: NodeState,
  target: TargetRecord,
  address: string | undefined,
  probe: boolean,
  now: number
): void => {
  const dial: DialRecord = {
    id: state.nextDial++,
    target: target.key,
    address,
    probe,
    attempt: ++state.attempt,
    generation: state.self.generation,
    linked: false,
    since: now
  }
  target.dialed = true
  target.inFlight++
  state.dials.set(dial.id, dial)
  count(state, "dials")
  emit(state, { _tag: "Dial", dial: dial.id, attempt: dial.attempt, address, name: target.name })
}

/** A link to the target came up: dials that have not come as far as WELCOME are not needed. */
export const cancelDials = (state: NodeState, key: string): void => {
  const target = state.targets.get(key)
  if (target === undefined || target.inFlight === 0) return
  for (const dial of state.dials.values()) {
    if (dial.target !== key || dial.linked) continue
    state.dials.delete(dial.id)
    target.inFlight = Math.max(0, target.inFlight - 1)
    emit(state, { _tag: "CancelDial", dial: dial.id })
  }
  touch(state, target)
}

/** The redial right after a lost link: at once, from both sides, on every known address, outside backoff and wait. */
export const startProbe = (state: NodeState, member: MemberRecord, now: number): void => {
  if (state.phase === "leaving" || state.pending.has(member.name) || state.current.has(member.name)) return
  if (now - member.probedAt < limits.probeEvery) return
  member.probedAt = now
  learnAddresses(state, member.name, member.addresses, now)
  const target = ensureTarget(state, member.name, now)
  const silent = state.options.reconnect === "never" || target.held || target.removed
  const addresses = silent ? [] : usable(state, target, now)
  member.probe = {
    pending: new Set(addresses),
    retried: new Set(),
    conclusive: silent || addresses.length > 0,
    done: addresses.length === 0
  }
  for (const address of addresses) state.probes.push({ target: target.key, address })
  target.nextAt = Math.max(target.nextAt, now + delay(state, target))
  touch(state, target)
}

/** The wait before a redial: full jitter below the growing bound, and more for the higher of the two names. */
const delay = (state: NodeState, target: TargetRecord): number => {
  const { reconnect } = state.options
  const wait = isHigher(state, target) ? around(state.random, 500, 250) : 0
  if (reconnect === "never") return wait
  const bound = Math.min(reconnect.max, reconnect.initial * reconnect.factor ** Math.min(target.failures, 64))
  return wait + state.random.next() * bound
}

/** A dial is over: what it means for the target's next one, for a probe, and for those who asked. */
export const dialEnded = (state: NodeState, id: number, outcome: DialOutcome, now: number): void => {
  const dial = state.dials.get(id)
  if (dial === undefined) return
  state.dials.delete(id)
  const target = state.targets.get(dial.target)
  touch(state, target)
  if (target === undefined) return
  target.inFlight = Math.max(0, target.inFlight - 1)
  if (outcome._tag === "Linked") return dialTook(state, now - dial.since, now)
  count(state, outcome._tag === "Failed" ? `dials_${outcome.failure}` : `dials_${codeName(outcome.code) ?? "unknown"}`)
  reschedule(state, target, dial, outcome, now)
  settleRequests(state, target.key)
  failRequests(state, target, failureName(outcome))
  if (dial.address !== undefined) probeAnswered(state, target, dial.address, outcome)
}

const failureName = (outcome: Unlinked): ConnectFailure =>
  outcome._tag === "Failed"
    ? outcome.failure === "refused"
      ? "refused"
      : "failed"
    : (codeName(outcome.code) ?? "unknown")

/** Sets the next dial by the table of GC/1 section 2. */
const reschedule = (state: NodeState, target: TargetRecord, dial: DialRecord, outcome: Unlinked, now: number): void => {
  if (outcome._tag === "Failed" && dial.probe) return
  const ordinary = delay(state, target)
  target.failures++
  target.nextAt = now + (target.requests.some((each) => each.tries > 1) ? 0 : ordinary)
  if (outcome._tag === "Failed") {
    if (target.wanted && target.failures === 5) warnUnreached(state, target, outcome.failure, now)
    return
  }
  const unproved = outcome._tag === "Rejected" && !outcome.authentic
  const retry = unproved && !isRejectCode(outcome.code) ? retryFor(codes.malformed) : retryFor(outcome.code)
  const told = outcome.retryAfterMs
  switch (retry.kind) {
    case "backoff":
      return avoid(state, target, dial, Math.min(maxRejectDelayMs, Math.max(ordinary, told)), now)
    case "backoffCap": {
      const { reconnect } = state.options
      return avoid(
        state,
        target,
        dial,
        reconnect === "never" ? maxRejectDelayMs : Math.min(maxRejectDelayMs, reconnect.max),
        now
      )
    }
    case "after":
      if (outcome.code === codes.self_connect) return avoid(state, target, dial, limits.selfConnect, now)
      target.nextAt = now + retry.ms
      return
    case "retryAfter":
      target.nextAt = now + (told > 0 ? told : retry.ms)
      return
    case "untilDiscovered":
      if (outcome._tag === "Rejected") target.held = outcome.code !== codes.name_mismatch
      return
    case "atOnce":
      if (outcome._tag !== "Rejected") return
      if (state.self.generation > dial.generation) target.nextAt = now
      else if (now - state.conflictAt < limits.conflict) target.nextAt = state.conflictAt + limits.conflict
      return
    case "unlessHeld":
      target.nextAt = now + retry.ms
  }
}

/** A mistyped port must not be invisible. */
const warnUnreached = (state: NodeState, target: TargetRecord, failure: DialFailure, now: number): void => {
  const text =
    failure === "refused"
      ? "nothing listens where discovery lists a peer: is it down, or is the port wrong? it is tried on"
      : "a peer that discovery lists cannot be reached: check the address, the firewall and that it is up; it is tried on"
  log(state, now, "warning", "unreached", text, { peer: target.name ?? target.key.slice(1), failure })
}

/** Delays one address; the target's others keep to the backoff. */
const avoid = (state: NodeState, target: TargetRecord, dial: DialRecord, ms: number, now: number): void => {
  const until = now + ms
  if (dial.address === undefined) target.nextAt = Math.max(target.nextAt, until)
  else remember(state.avoided, dial.address, until, limits.avoided)
}

/** Whether an outcome shows that the peer is not at the address: nobody listens, or somebody else answered, authentically. */
const showsAbsence = (outcome: Unlinked): boolean =>
  outcome._tag === "Failed"
    ? outcome.failure === "refused"
    : outcome._tag === "Rejected" && outcome.authentic && outcome.code === codes.name_mismatch

const probeAnswered = (state: NodeState, target: TargetRecord, address: string, outcome: Unlinked): void => {
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  const probe = member?.probe
  if (member === undefined || probe === undefined || !probe.pending.has(address)) return
  if (outcome._tag === "Failed" && outcome.failure === "reset" && !probe.retried.has(address)) {
    probe.retried.add(address)
    state.probes.push({ target: target.key, address })
    return
  }
  probe.pending.delete(address)
  if (!showsAbsence(outcome)) probe.conclusive = false
  if (probe.pending.size > 0) return
  probe.done = true
  state.answered.push(member)
}
