import { limits } from "./figures.ts"
import { addAddress, ensureTarget } from "./dialing.ts"
import { fittingPeers, type PeerEntry, type PeersFrame } from "./linkFrames.ts"
import { type CandidateRecord, emit, type LinkRecord, type NodeState } from "./state.ts"

/** The set of peers that this node holds a link to has changed: every neighbour is told, at most every 5 s. */
export const markPeersDirty = (state: NodeState): void => {
  if (!state.options.peerExchange) return
  for (const link of state.current.values()) link.peersDirty = true
}

/** Sends PEERS where it is due. */
export const sendPeers = (state: NodeState, now: number): void => {
  if (!state.options.peerExchange) return
  let entries: ReadonlyArray<PeerEntry> | undefined
  for (const link of state.current.values()) {
    if (!link.peersDirty || !link.metaSeen || now - link.peersSentAt < limits.peersEvery) continue
    entries ??= linkedPeers(state)
    link.peersDirty = false
    link.peersSentAt = now
    link.sentAt = now
    const peers = fittingPeers(entries.filter((entry) => entry.name !== link.name))
    emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Peers", peers } })
  }
}

const linkedPeers = (state: NodeState): ReadonlyArray<PeerEntry> => {
  const entries: Array<PeerEntry> = []
  for (const member of state.members.values()) {
    if (member.state !== "alive" || !state.current.has(member.name)) continue
    const { addresses, generation, instance, name } = member
    entries.push({ name, instance, generation, addresses })
  }
  return entries
}

/** A neighbour's PEERS: candidates to dial, never state. It replaces what the neighbour said before. */
export const peersCame = (state: NodeState, link: LinkRecord, frame: PeersFrame, now: number): void => {
  if (!state.options.peerExchange || state.current.get(link.name) !== link) return
  const named = new Set<string>()
  for (const entry of frame.peers) {
    if (entry.name === state.self.name || entry.name === link.name) continue
    named.add(entry.name)
    const candidate = state.candidates.get(entry.name) ?? create(state, entry)
    candidate.instance = entry.instance
    candidate.addresses = entry.addresses
    candidate.reporters.add(link.name)
    candidate.expiresAt = undefined
    state.candidates.delete(entry.name)
    state.candidates.set(entry.name, candidate)
    consider(state, candidate, now)
  }
  for (const candidate of state.candidates.values()) {
    if (!named.has(candidate.name)) drop(candidate, link.name, now)
  }
  for (const name of state.candidates.keys()) {
    if (state.candidates.size <= limits.candidates) break
    forgetCandidate(state, name)
  }
}

const create = (state: NodeState, entry: PeerEntry): CandidateRecord => {
  const candidate: CandidateRecord = {
    name: entry.name,
    instance: entry.instance,
    addresses: entry.addresses,
    reporters: new Set(),
    expiresAt: undefined
  }
  state.candidates.set(entry.name, candidate)
  return candidate
}

/** Makes a candidate a target, unless discovery removed it or this life of it has left. */
const consider = (state: NodeState, candidate: CandidateRecord, now: number): void => {
  if (state.current.has(candidate.name)) return
  const member = state.members.get(candidate.name)
  if (member?.instance === candidate.instance && member.state === "left") return
  const known = state.targets.get(candidate.name)
  if (known?.removed === true) return
  if (known?.exchanged === true && candidate.addresses.every((address) => known.addresses.includes(address))) return
  const target = ensureTarget(state, candidate.name, now)
  target.exchanged = true
  state.dialsDirty = true
  for (const address of candidate.addresses) addAddress(target, address)
}

const drop = (candidate: CandidateRecord, reporter: string, now: number): void => {
  if (candidate.reporters.delete(reporter) && candidate.reporters.size === 0) {
    candidate.expiresAt = now + limits.candidateLifetime
  }
}

/** A neighbour's link ended, and with it what it reported. */
export const leftReported = (state: NodeState, name: string, now: number): void => {
  if (state.current.get(name)?.phase === "current") return
  for (const candidate of state.candidates.values()) drop(candidate, name, now)
}

const forgetCandidate = (state: NodeState, name: string): void => {
  state.candidates.delete(name)
  const target = state.targets.get(name)
  if (target !== undefined) target.exchanged = false
}

/** Forgets candidates that nobody has been linked to for 60 s. */
export const expireCandidates = (state: NodeState, now: number): void => {
  for (const candidate of state.candidates.values()) {
    if (candidate.expiresAt !== undefined && candidate.expiresAt <= now) forgetCandidate(state, candidate.name)
  }
}
