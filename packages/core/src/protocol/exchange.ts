import { limits } from "./figures.ts"
import { fittingPeers, type PeerEntry, type PeersFrame } from "./linkFrames.ts"
import { send } from "./outputs.ts"
import { type CandidateRecord, isLive, type LinkRecord, type NodeState, touch } from "./state.ts"
import { ensureTarget, kick } from "./targets.ts"

/** The set of peers that this node holds a link to has changed: neighbours that do not know it are told, at most every 5 s. */
export const markPeersDirty = (state: NodeState): void => {
  if (!state.options.peerExchange) return
  for (const link of state.current.values()) link.peersDirty = true
}

/** Sends PEERS where it is due. All neighbours get the same list; each finds itself in it and does not mind. */
export const sendPeers = (state: NodeState, now: number): void => {
  if (!state.options.peerExchange) return
  let list: PeerList | undefined
  const growing = isGrowing(state, now)
  state.current.forEach((link) => {
    if (!link.peersDirty || !link.metaSeen || now - link.peersSentAt < limits.peersEvery) return
    const again = link.peersSentAt > -Infinity
    const waits = growing && (again || state.dials.size > 0)
    if (waits && now - Math.max(link.upAt, link.peersSentAt) < limits.peersLatest) return
    list ??= linkedPeers(state)
    link.peersDirty = false
    if (!isNews(link, list)) return
    link.peersSentAt = now
    link.told = list.frame.peers
    send(state, link, list.frame, now)
  })
}

/**
 * While a mesh forms, each link makes the list longer: it is worth telling when it has come to rest. Who dials nobody tells a new
 * neighbour at once, that may know nobody else, and the same one again when links have come to rest.
 */
const isGrowing = (state: NodeState, now: number): boolean => {
  for (const link of state.current.values()) if (now - link.upAt < limits.peersStill) return true
  return false
}

interface PeerList {
  readonly frame: PeersFrame
  readonly instances: ReadonlyMap<string, string>
}

const linkedPeers = (state: NodeState): PeerList => {
  const entries: Array<PeerEntry> = []
  for (const member of state.members.values()) {
    if (!isLive(member) || state.current.get(member.name)?.peer.instance !== member.instance) continue
    const { addresses, generation, instance, name } = member
    entries.push({ name, instance, generation, addresses })
  }
  const peers = fittingPeers(entries)
  return { frame: { _tag: "Peers", peers }, instances: new Map(peers.map(({ instance, name }) => [name, instance])) }
}

/** Whether the neighbour itself does not hold all of these links, or was told of one that is no more. */
const isNews = (link: LinkRecord, { instances }: PeerList): boolean => {
  const isIn = ({ instance, name }: PeerEntry): boolean => instances.get(name) === instance
  if (!link.told.every(isIn)) return true
  const known = link.reported.reduce((count, entry) => (isIn(entry) ? count + 1 : count), 0)
  return known < instances.size - (instances.has(link.name) ? 1 : 0)
}

/** A neighbour's PEERS: candidates to dial, never state. It replaces what the neighbour said before. */
export const peersCame = (state: NodeState, link: LinkRecord, frame: PeersFrame, now: number): void => {
  if (!state.options.peerExchange || state.current.get(link.name) !== link) return
  const before = link.reported
  link.reported = frame.peers
  for (const entry of frame.peers) {
    if (entry.name === state.self.name) continue
    const candidate = state.candidates.get(entry.name) ?? create(state, entry)
    const news = candidate.reports === 0 || candidate.instance !== entry.instance
    const earlier = candidate.reports > 0 && entry.generation < candidate.generation
    candidate.reports++
    if (earlier || (!news && candidate.addresses === entry.addresses)) continue
    candidate.expiresAt = undefined
    candidate.instance = entry.instance
    candidate.generation = entry.generation
    candidate.addresses = entry.addresses
    if (!state.current.has(entry.name)) consider(state, candidate, news, now)
  }
  if (hasLost(before, frame.peers)) link.peersDirty = true
  drop(state, before, now)
}

/** What a neighbour holds no more it may need to be told of. */
const hasLost = (before: ReadonlyArray<PeerEntry>, after: ReadonlyArray<PeerEntry>): boolean => {
  if (before.length === 0) return false
  const instances = new Map(after.map(({ instance, name }) => [name, instance]))
  return before.some(({ instance, name }) => instances.get(name) !== instance)
}

const create = (state: NodeState, entry: PeerEntry): CandidateRecord => {
  const { addresses, generation, instance, name } = entry
  const candidate: CandidateRecord = { name, instance, generation, addresses, reports: 0, expiresAt: undefined }
  state.candidates.set(name, candidate)
  if (state.candidates.size > limits.candidates) boundCandidates(state)
  return candidate
}

/** Makes room: those go first that are linked anyway, and then the oldest. */
const boundCandidates = (state: NodeState): void => {
  let spare: string | undefined
  for (const name of state.candidates.keys()) {
    spare ??= name
    if (!state.current.has(name)) continue
    spare = name
    break
  }
  if (spare !== undefined) state.candidates.delete(spare)
}

/**
 * Makes a candidate a target, unless discovery removed it. That somebody reaches it anew is a reason to try at once. What it
 * told of itself counts more than what neighbours say.
 */
const consider = (state: NodeState, candidate: CandidateRecord, news: boolean, now: number): void => {
  const known = state.targets.get(candidate.name)
  if (known?.removed === true) return
  const target = known ?? ensureTarget(state, candidate.name, now)
  const member = state.members.get(candidate.name)
  if (member?.instance !== candidate.instance || target.told.length === 0) target.told = candidate.addresses
  if (!news) return
  if (known !== undefined) kick(state, target, now)
  touch(state, target)
}

const drop = (state: NodeState, entries: ReadonlyArray<PeerEntry>, now: number): void => {
  for (const { name } of entries) {
    const candidate = state.candidates.get(name)
    if (candidate === undefined || candidate.reports === 0) continue
    candidate.reports--
    if (candidate.reports === 0) candidate.expiresAt = now + limits.candidateLifetime
  }
}

/** A neighbour's link ended, and with it what it reported. */
export const reporterGone = (state: NodeState, link: LinkRecord, now: number): void => {
  const { reported } = link
  link.reported = []
  drop(state, reported, now)
}

/** Forgets candidates that nobody has been linked to for 60 s. */
export const expireCandidates = (state: NodeState, now: number): void => {
  state.candidates.forEach((candidate) => {
    if (candidate.expiresAt !== undefined && candidate.expiresAt <= now) state.candidates.delete(candidate.name)
  })
}
