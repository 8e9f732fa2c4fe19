import { codeName, codes, maxRejectDelayMs, retryFor } from "./decisions.ts"
import { limits } from "./figures.ts"
import type { ConnectFailure, DialFailure } from "./node.ts"
import { concludeProbe } from "./detection.ts"
import { around } from "./random.ts"
import {
  backoffDelay,
  count,
  type DialRecord,
  emit,
  isLive,
  type MemberRecord,
  type NodeState,
  type TargetRecord,
  trim,
  wakeBy
} from "./state.ts"

/** How a dial ended. `Linked`: the peer's first frame came. */
export type DialOutcome =
  | { readonly _tag: "Linked" }
  | { readonly _tag: "Failed"; readonly failure: DialFailure }
  | { readonly _tag: "Rejected"; readonly code: number; readonly retryAfterMs: number; readonly authentic: boolean }

/** The key of a target: its name, or `@` and the address of somebody unknown. */
export const targetKey = (
  state: NodeState,
  peer: { readonly name?: string | undefined; readonly address?: string | undefined }
): string => peer.name ?? state.bindings.get(peer.address ?? "") ?? `@${peer.address ?? ""}`

export const ensureTarget = (state: NodeState, key: string, now: number): TargetRecord => {
  const known = state.targets.get(key)
  if (known !== undefined) return known
  const name = key.startsWith("@") ? undefined : key
  const target: TargetRecord = {
    key,
    name,
    addresses: [],
    wanted: false,
    removed: false,
    exchanged: false,
    held: false,
    dialed: false,
    inFlight: 0,
    failures: 0,
    nextAt: now + (isHigher(state, name) ? around(state.random, 25, 15) : 0),
    kickedAt: -Infinity,
    cursor: 0,
    requests: []
  }
  state.targets.set(key, target)
  state.dialsDirty = true
  boundTargets(state)
  return target
}

/** The higher name of two waits, so that both do not dial at the same instant (GC/1 section 4). */
const isHigher = (state: NodeState, name: string | undefined): boolean => name !== undefined && state.self.name > name

const boundTargets = (state: NodeState): void => {
  if (state.targets.size <= limits.targets) return
  for (const target of state.targets.values()) {
    if (state.targets.size <= limits.targets) return
    if (!target.wanted && target.inFlight === 0 && target.requests.length === 0) state.targets.delete(target.key)
  }
}

export const addAddress = (target: TargetRecord, address: string | undefined): void => {
  if (address !== undefined && !target.addresses.includes(address) && target.addresses.length < 32) {
    target.addresses.push(address)
  }
}

/** A handshake told who answers at an address: a target known by the address alone becomes that of the name. */
export const bind = (state: NodeState, address: string, name: string, now: number): void => {
  if (name === state.self.name) return
  state.bindings.delete(address)
  state.bindings.set(address, name)
  trim(state.bindings, limits.bindings)
  const anonymous = state.targets.get(`@${address}`)
  if (anonymous === undefined) return
  state.targets.delete(anonymous.key)
  const target = ensureTarget(state, name, now)
  addAddress(target, address)
  target.wanted ||= anonymous.wanted
  if (target.wanted) target.removed = false
  target.dialed ||= anonymous.dialed
  target.inFlight += anonymous.inFlight
  target.requests.push(...anonymous.requests)
  for (const dial of state.dials.values()) {
    if (dial.target === anonymous.key) state.dials.set(dial.id, { ...dial, target: name })
  }
}

/** The addresses that a peer advertises in its handshake. */
export const learnAddresses = (state: NodeState, name: string, addresses: ReadonlyArray<string>, now: number): void => {
  const target = ensureTarget(state, name, now)
  for (const address of addresses) {
    const bound = state.bindings.get(address)
    if (bound === undefined || bound === name) bind(state, address, name, now)
    addAddress(target, address)
  }
}

/** Backoff to zero, at most every 5 s. */
export const kick = (state: NodeState, target: TargetRecord, now: number): void => {
  if (now - target.kickedAt < limits.kickEvery) return
  target.kickedAt = now
  target.failures = 0
  target.nextAt = Math.min(target.nextAt, now)
  state.dialsDirty = true
}

/** Left alone until discovery says it anew or somebody asks for it. */
export const holdTarget = (state: NodeState, name: string): void => {
  const target = state.targets.get(name)
  if (target !== undefined) target.held = true
}

const wantsDial = (state: NodeState, target: TargetRecord): boolean => {
  const { name } = target
  if (name === state.self.name || target.inFlight > 0) return false
  const member = name === undefined ? undefined : state.members.get(name)
  const current = name === undefined ? undefined : state.current.get(name)
  if (current !== undefined && (member === undefined || member.state !== "suspect")) return false
  if (target.requests.length > 0) return true
  if (target.held) return false
  if (state.options.reconnect === "never" && target.dialed) return false
  if (target.wanted || target.exchanged) return true
  return !target.removed && member !== undefined && isLive(member) && member.doubted
}

const usable = (state: NodeState, target: TargetRecord, now: number): ReadonlyArray<string> =>
  target.addresses.filter((address) => {
    const until = state.avoided.get(address)
    if (until !== undefined && until <= now) state.avoided.delete(address)
    return (until === undefined || until <= now) && !state.avoided.has(`${target.key} ${address}`)
  })

/** Begins every dial that is due and has room: probes first, at most 32 at once. */
export const pump = (state: NodeState, now: number): void => {
  if (state.phase === "leaving") return
  while (state.probes.length > 0 && state.dials.size < limits.dials) {
    const probe = state.probes.shift()
    const target = probe && state.targets.get(probe.target)
    if (probe !== undefined && target !== undefined) startDial(state, target, probe.address, true)
  }
  wakeBy(state, state.nextDialAt)
  if (!state.dialsDirty && now < state.nextDialAt) return
  state.dialsDirty = false
  state.nextDialAt = Infinity
  for (const target of state.targets.values()) {
    if (!wantsDial(state, target)) continue
    if (target.nextAt > now) {
      state.nextDialAt = Math.min(state.nextDialAt, target.nextAt)
      continue
    }
    if (state.dials.size >= limits.dials) {
      state.dialsDirty = true
      break
    }
    dialNext(state, target, now)
  }
  wakeBy(state, state.nextDialAt)
}

const dialNext = (state: NodeState, target: TargetRecord, now: number): void => {
  const addresses = usable(state, target, now)
  const address = addresses[target.cursor++ % Math.max(1, addresses.length)]
  if (address === undefined && (target.name === undefined || target.addresses.length > 0)) {
    const opening = target.addresses.map((each) => state.avoided.get(each) ?? Infinity)
    target.nextAt = Math.min(now + limits.selfConnect, ...opening)
    state.nextDialAt = Math.min(state.nextDialAt, target.nextAt)
    failRequests(state, target, "self")
    return
  }
  startDial(state, target, address, false)
}

const startDial = (state: NodeState, target: TargetRecord, address: string | undefined, probe: boolean): void => {
  const attempt = ++state.attempt
  const dial: DialRecord = { id: state.nextDial++, target: target.key, address, probe, attempt }
  target.dialed = true
  target.inFlight++
  state.dials.set(dial.id, dial)
  count(state, "dials")
  emit(state, { _tag: "Dial", dial: dial.id, attempt, address, name: target.name })
}

/** The redial right after a lost link: at once, from both sides, on every known address, outside backoff and wait. */
export const startProbe = (state: NodeState, member: MemberRecord, now: number): void => {
  if (state.phase === "leaving") return
  const others = [...state.links.values()].some(
    (link) =>
      link.name === member.name &&
      link.peer.instance === member.instance &&
      (link.phase === "fresh" || link.phase === "judged")
  )
  if (others) return
  learnAddresses(state, member.name, member.addresses, now)
  const target = ensureTarget(state, member.name, now)
  const silent = state.options.reconnect === "never" || target.held || target.removed
  const addresses = silent ? [] : usable(state, target, now)
  member.probe = {
    pending: new Set(addresses),
    conclusive: silent || addresses.length > 0,
    done: addresses.length === 0
  }
  for (const address of addresses) state.probes.push({ target: target.key, address })
  target.nextAt = Math.max(target.nextAt, now + delay(state, target))
  state.dialsDirty = true
}

const delay = (state: NodeState, target: TargetRecord): number => {
  const { reconnect } = state.options
  const wait = isHigher(state, target.name) ? around(state.random, 500, 250) : 0
  return wait + (reconnect === "never" ? 0 : backoffDelay(state.random, reconnect, target.failures))
}

/** A dial is over: what it means for the target's next one, for a probe, and for those who asked. */
export const dialEnded = (state: NodeState, id: number, outcome: DialOutcome, now: number): void => {
  const dial = state.dials.get(id)
  if (dial === undefined) return
  state.dials.delete(id)
  state.dialsDirty = true
  const target = state.targets.get(dial.target)
  if (target === undefined) return
  target.inFlight = Math.max(0, target.inFlight - 1)
  if (outcome._tag === "Linked") return
  count(state, outcome._tag === "Failed" ? `dials_${outcome.failure}` : `dials_${codeName(outcome.code) ?? "unknown"}`)
  const healthy = reschedule(state, target, outcome, now)
  if (healthy) settleRequests(state, target.key)
  else failRequests(state, target, failureName(outcome))
  if (dial.address !== undefined) probeAnswered(state, target, dial.address, outcome, now)
}

const failureName = (outcome: Exclude<DialOutcome, { readonly _tag: "Linked" }>): ConnectFailure =>
  outcome._tag === "Failed" ? outcome.failure : (codeName(outcome.code) ?? "unknown")

/** Sets the next dial by the table of GC/1 section 2. True when the peer is held already. */
const reschedule = (
  state: NodeState,
  target: TargetRecord,
  outcome: Exclude<DialOutcome, { readonly _tag: "Linked" }>,
  now: number
): boolean => {
  const ordinary = delay(state, target)
  target.failures++
  if (outcome._tag === "Failed") {
    target.nextAt = now + ordinary
    return false
  }
  const retry = retryFor(outcome.code)
  const told = outcome.retryAfterMs === 0 ? undefined : outcome.retryAfterMs
  switch (retry.kind) {
    case "backoff":
      target.nextAt = now + Math.min(maxRejectDelayMs, Math.max(ordinary, told ?? 0))
      return false
    case "backoffCap":
      target.nextAt =
        now +
        (state.options.reconnect === "never"
          ? maxRejectDelayMs
          : Math.min(maxRejectDelayMs, state.options.reconnect.max))
      return false
    case "after":
      target.nextAt = now + retry.ms
      return false
    case "retryAfter":
      target.nextAt = now + (told ?? retry.ms)
      return false
    case "untilDiscovered":
      target.held = outcome.code !== codes.name_mismatch
      target.nextAt = now + ordinary
      return false
    case "atOnce":
      target.nextAt = state.generationFixed && target.failures < 3 ? now : now + ordinary
      return false
    case "unlessHeld":
      target.nextAt = now + retry.ms
      return target.name !== undefined && state.current.has(target.name)
  }
}

/** Whether an outcome shows that the peer is not at the address: nobody listens, or somebody else answered, authentically. */
const showsAbsence = (outcome: DialOutcome): boolean =>
  outcome._tag === "Failed"
    ? outcome.failure === "refused"
    : outcome._tag === "Rejected" && outcome.authentic && outcome.code === codes.name_mismatch

const probeAnswered = (
  state: NodeState,
  target: TargetRecord,
  address: string,
  outcome: DialOutcome,
  now: number
): void => {
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  if (member?.probe === undefined || !member.probe.pending.delete(address)) return
  if (!showsAbsence(outcome)) member.probe.conclusive = false
  if (member.probe.pending.size > 0) return
  member.probe.done = true
  concludeProbe(state, member, now)
}

/** Those who called `connect` and now have it. */
export const settleRequests = (state: NodeState, key: string): void => {
  const target = state.targets.get(key)
  if (target === undefined || target.name === undefined || target.requests.length === 0) return
  const member = state.members.get(target.name)
  if (member === undefined || !isLive(member) || !state.current.has(target.name)) return
  for (const request of target.requests.splice(0)) emit(state, { _tag: "Connected", request, name: target.name })
}

export const failRequests = (state: NodeState, target: TargetRecord, reason: ConnectFailure): void => {
  for (const request of target.requests.splice(0)) emit(state, { _tag: "ConnectFailed", request, reason })
}
