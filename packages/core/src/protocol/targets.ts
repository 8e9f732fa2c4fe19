import { limits } from "./figures.ts"
import type { ConnectFailure, SeenPeer } from "./node.ts"
import { emit, remember } from "./outputs.ts"
import { around } from "./random.ts"
import { isLive, type NodeState, type TargetRecord, touch } from "./state.ts"

/** The key of a target: its name, or `@` and the address. */
export const targetKey = (
  state: NodeState,
  peer: { readonly name?: string | undefined; readonly address?: string | undefined }
): string => peer.name ?? state.bindings.get(peer.address ?? "") ?? `@${peer.address ?? ""}`

export const ensureTarget = (state: NodeState, key: string, now: number): TargetRecord => {
  const known = state.targets.get(key)
  if (known !== undefined) return known
  const target: TargetRecord = {
    key,
    name: key.startsWith("@") ? undefined : key,
    listed: [],
    told: [],
    asked: [],
    wrong: new Set(),
    nameless: false,
    wanted: false,
    removed: false,
    held: false,
    dialed: false,
    inFlight: 0,
    failures: 0,
    nextAt: now,
    kickedAt: -Infinity,
    cursor: 0,
    requests: []
  }
  if (isHigher(state, target)) target.nextAt += around(state.random, 25, 15) * stepsOf(state)
  state.targets.set(key, target)
  touch(state, target)
  boundTargets(state)
  return target
}

/** How many times 25 ± 15 ms the higher of two names waits: where many peers are to be dialed, the lower one needs longer. */
const stepsOf = (state: NodeState): number => {
  let peers = state.targets.size
  for (const { entries } of state.sources.values()) peers = Math.max(peers, entries.size)
  return Math.min(limits.maxSteps, Math.max(1, peers / limits.dialsInStep))
}

/**
 * The higher of two waits, so that both do not dial at the same instant (GC/1 section 4): by name, and before that is known by
 * address. Each side compares what the other compares when discovery lists what nodes advertise. Where many peers are to be
 * dialed, the lower one needs longer to come to all of them.
 */
export const isHigher = (state: NodeState, target: TargetRecord): boolean => {
  if (target.name !== undefined) return state.self.name > target.name
  const own = state.self.addresses[0]
  return own !== undefined && own > target.key.slice(1)
}

const boundTargets = (state: NodeState): void => {
  if (state.targets.size <= limits.targets) return
  for (const target of state.targets.values()) {
    if (state.targets.size <= limits.targets) return
    if (target.wanted || target.inFlight > 0 || target.requests.length > 0) continue
    if (target.name === undefined || !state.current.has(target.name)) state.targets.delete(target.key)
  }
}

/** Every known address of a target, each once. */
export const addressesOf = (target: TargetRecord): ReadonlyArray<string> => [
  ...new Set([...target.listed, ...target.told, ...target.asked])
]

/** Those that can be dialed from here, of a node that listens on more; all where there are none, so that the dial says why not. */
const dialable = ({ options }: NodeState, addresses: ReadonlyArray<string>): ReadonlyArray<string> => {
  const known = addresses.filter((address) => options.protocols?.includes(address.slice(0, address.indexOf(":"))))
  return known.length > 0 ? known : addresses
}

/** The addresses where it may be found now: not those where another node answered, or this one itself. */
export const usable = (state: NodeState, target: TargetRecord, now: number): ReadonlyArray<string> =>
  dialable(state, addressesOf(target)).filter((address) => {
    if (target.wrong.has(address)) return false
    const until = state.avoided.get(address)
    if (until !== undefined && until <= now) state.avoided.delete(address)
    return until === undefined || until <= now
  })

/** A handshake told who answers at an address: a target known by the address alone becomes that of the name. */
export const bind = (state: NodeState, address: string, name: string, now: number): void => {
  if (name === state.self.name) return
  remember(state.bindings, address, name, limits.bindings)
  state.targets.get(name)?.wrong.delete(address)
  const anonymous = state.targets.get(`@${address}`)
  if (anonymous === undefined) return
  state.targets.delete(anonymous.key)
  const target = ensureTarget(state, name, now)
  target.listed = [...new Set([...target.listed, ...anonymous.listed])]
  target.asked = [...new Set([...target.asked, ...anonymous.asked])].slice(-limits.addresses)
  target.wanted ||= anonymous.wanted
  if (target.wanted) target.removed = false
  target.dialed ||= anonymous.dialed
  target.inFlight += anonymous.inFlight
  target.requests.push(...anonymous.requests)
  touch(state, target)
  for (const dial of state.dials.values()) if (dial.target === anonymous.key) dial.target = name
}

/** The addresses that a peer advertises in its handshake: they replace those of an earlier life. */
export const learnAddresses = (state: NodeState, name: string, addresses: ReadonlyArray<string>, now: number): void => {
  ensureTarget(state, name, now).told = addresses
  for (const address of addresses) {
    const bound = state.bindings.get(address)
    if (bound === undefined || bound === name) bind(state, address, name, now)
  }
}

/** Backoff to zero, at most every 5 s. */
export const kick = (state: NodeState, target: TargetRecord, now: number): void => {
  if (now - target.kickedAt < limits.kickEvery) return
  target.kickedAt = now
  target.failures = 0
  if (target.nextAt <= now) return
  target.nextAt = now
  touch(state, target)
}

/** Left alone until discovery says it anew or somebody asks for it. */
export const holdTarget = (state: NodeState, name: string): void => {
  const target = state.targets.get(name)
  if (target !== undefined) target.held = true
}

/** Somebody asks for a connection: each known address is tried once, at once. */
export const request = (state: NodeState, id: number, peer: SeenPeer, now: number): void => {
  const key = targetKey(state, peer)
  if (key === state.self.name) return refuseRequest(state, id, "self")
  const target = ensureTarget(state, key, now)
  if (target.requests.length >= limits.requests) return refuseRequest(state, id, "busy")
  const { address } = peer
  if (address !== undefined) {
    if (!addressesOf(target).includes(address)) target.asked = [...target.asked, address].slice(-limits.addresses)
    target.wrong.delete(address)
  }
  for (const each of addressesOf(target)) state.avoided.delete(each)
  const tries = Math.max(1, usable(state, target, now).length) + target.inFlight
  target.held = false
  target.requests.push({ id, tries })
  target.nextAt = Math.min(target.nextAt, now)
  touch(state, target)
  settleRequests(state, key)
}

const refuseRequest = (state: NodeState, id: number, reason: ConnectFailure): void =>
  emit(state, { _tag: "ConnectFailed", request: id, reason })

/** Those who called `connect` and now have it. */
export const settleRequests = (state: NodeState, key: string): void => {
  const target = state.targets.get(key)
  if (target === undefined || target.name === undefined || target.requests.length === 0) return
  const member = state.members.get(target.name)
  if (member === undefined || !isLive(member) || !state.current.has(target.name)) return
  for (const { id } of target.requests.splice(0)) emit(state, { _tag: "Connected", request: id, name: target.name })
}

/** A dial came to nothing: those who have no try left hear why. */
export const failRequests = (state: NodeState, target: TargetRecord, reason: ConnectFailure, final = false): void => {
  if (target.requests.length === 0) return
  const waiting: TargetRecord["requests"] = []
  for (const each of target.requests) {
    each.tries--
    if (each.tries > 0 && !final) waiting.push(each)
    else emit(state, { _tag: "ConnectFailed", request: each.id, reason })
  }
  target.requests = waiting
}
