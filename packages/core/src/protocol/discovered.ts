import { limits } from "./figures.ts"
import { disconnect } from "./detection.ts"
import { addAddress, ensureTarget, kick, targetKey } from "./dialing.ts"
import type { SeenPeer } from "./node.ts"
import { isLive, log, type NodeState, type SourceEntry, type SourceRecord, type TargetRecord, wakeBy } from "./state.ts"

/** What one source said: its whole set, which replaces its last one with the caution of GC/1 section 5. */
export const lookCame = (state: NodeState, name: string, peers: ReadonlyArray<SeenPeer>, now: number): void => {
  const source = sourceOf(state, name)
  const seen = new Map<string, SeenPeer>()
  for (const peer of peers.slice(0, limits.entriesPerSource)) seen.set(`${peer.name ?? ""} ${peer.address ?? ""}`, peer)
  if (peers.length > limits.entriesPerSource) {
    log(
      state,
      now,
      "warning",
      "source_too_large",
      "a discovery source lists more peers than a node takes; the rest is ignored",
      {
        source: name,
        listed: peers.length,
        taken: limits.entriesPerSource
      }
    )
  }
  const missing = [...source.entries.keys()].filter((key) => !seen.has(key))
  for (const [key, peer] of seen) {
    const known = source.entries.get(key)
    if (known !== undefined) {
      known.absentLooks = 0
      known.absentSince = undefined
    } else if (source.entries.size < limits.entriesPerSource) {
      source.entries.set(key, { address: peer.address, name: peer.name, absentLooks: 0, absentSince: undefined })
    }
  }
  if (!heldBack(state, name, source, missing.length, now)) {
    for (const key of missing) {
      const entry = source.entries.get(key)
      if (entry === undefined) continue
      entry.absentLooks++
      entry.absentSince ??= now
      if (entry.absentLooks >= limits.absentLooks) drop(state, source, key, entry)
    }
  }
  reconcile(state, now)
}

const sourceOf = (state: NodeState, name: string): SourceRecord => {
  const known = state.sources.get(name)
  if (known !== undefined) return known
  const source: SourceRecord = { entries: new Map(), shrinking: 0, shrinkingSince: undefined }
  state.sources.set(name, source)
  return source
}

/** A look that would remove more than half of the peers, and more than two, waits until ten in a row agree. */
const heldBack = (state: NodeState, name: string, source: SourceRecord, missing: number, now: number): boolean => {
  if (missing <= 2 || missing * 2 <= source.entries.size) {
    source.shrinking = 0
    source.shrinkingSince = undefined
    return false
  }
  source.shrinking++
  source.shrinkingSince ??= now
  if (source.shrinking >= limits.shrinkLooks) return false
  log(
    state,
    now,
    "warning",
    "source_shrinks",
    "a discovery source dropped more than half of its peers at once; they are kept until it says so ten times in a row",
    {
      source: name,
      dropped: missing,
      of: source.entries.size
    }
  )
  return true
}

const drop = (state: NodeState, source: SourceRecord, key: string, entry: SourceEntry): void => {
  source.entries.delete(key)
  state.avoided.delete(`${targetKey(state, entry)} ${entry.address ?? ""}`)
}

/** For sources that speak only on change: absence for three refresh intervals removes as three looks do. */
export const expireEntries = (state: NodeState, now: number): void => {
  let changed = false
  for (const source of state.sources.values()) {
    const refresh = Number.isFinite(state.options.refreshInterval) ? state.options.refreshInterval : 5_000
    const patience = source.shrinkingSince === undefined ? limits.absentLooks : limits.shrinkLooks
    for (const [key, entry] of source.entries) {
      const since = entry.absentSince
      if (since === undefined || now - since < patience * refresh) continue
      drop(state, source, key, entry)
      changed = true
    }
  }
  if (changed) reconcile(state, now)
}

/** Brings the targets into line with the union of the sources. */
export const reconcile = (state: NodeState, now: number): void => {
  const listed = new Set<string>()
  for (const source of state.sources.values()) {
    for (const entry of source.entries.values()) {
      const key = targetKey(state, entry)
      if (key === state.self.name) continue
      const target = ensureTarget(state, key, now)
      if (!state.avoided.has(`${key} ${entry.address ?? ""}`)) addAddress(target, entry.address)
      listed.add(key)
      if (!target.wanted) returned(state, target, now)
    }
  }
  for (const target of state.targets.values()) {
    if (target.wanted && !listed.has(target.key)) gone(state, target, now)
    if (isIdle(state, target)) state.targets.delete(target.key)
  }
}

const returned = (state: NodeState, target: TargetRecord, now: number): void => {
  target.wanted = true
  target.held = false
  if (target.removed) {
    target.removed = false
    target.dialed = false
    kick(state, target, now)
  }
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  if (member !== undefined) member.disconnectAt = undefined
  state.dialsDirty = true
}

/** No source lists the peer any more. */
const gone = (state: NodeState, target: TargetRecord, now: number): void => {
  target.wanted = false
  target.removed = true
  target.exchanged = false
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  const { onRemoved } = state.options
  if (member === undefined || !isLive(member) || onRemoved === "keep") return
  if (onRemoved === "disconnect") return disconnect(state, member, now)
  member.disconnectAt = now + onRemoved.disconnectAfter
  wakeBy(state, member.disconnectAt)
}

const isIdle = (state: NodeState, target: TargetRecord): boolean =>
  !target.wanted &&
  !target.exchanged &&
  target.inFlight === 0 &&
  target.requests.length === 0 &&
  (target.name === undefined || (!state.members.has(target.name) && !state.current.has(target.name)))
