import { disconnect } from "./detection.ts"
import { limits } from "./figures.ts"
import type { SeenPeer } from "./node.ts"
import { log, wakeBy } from "./outputs.ts"
import { isLive, type NodeState, type SourceEntry, type SourceRecord, type TargetRecord, touch } from "./state.ts"
import { ensureTarget, kick, targetKey } from "./targets.ts"

/** What one source said: its whole set, which replaces its last one with the caution of GC/1 section 5. */
export const lookCame = (state: NodeState, name: string, peers: ReadonlyArray<SeenPeer>, now: number): void => {
  const source = sourceOf(state, name)
  const seen = new Map<string, SeenPeer>()
  for (const peer of peers.slice(0, limits.entriesPerSource)) seen.set(`${peer.name ?? ""} ${peer.address ?? ""}`, peer)
  if (peers.length > limits.entriesPerSource) {
    const text = "a discovery source lists more peers than a node takes; the rest is ignored"
    const fields = { source: name, listed: peers.length, taken: limits.entriesPerSource }
    log(state, now, "warning", "source_too_large", text, fields)
  }
  const missing: Array<readonly [string, SourceEntry]> = []
  for (const [key, entry] of source.entries) {
    if (seen.has(key)) {
      entry.absentLooks = 0
      entry.absentSince = undefined
    } else {
      entry.absentLooks++
      entry.absentSince ??= now
      missing.push([key, entry])
    }
  }
  const held = isHeldBack(state, name, source, missing.length, now)
  for (const [key, entry] of missing) {
    if (!held && entry.absentLooks >= limits.absentLooks) source.entries.delete(key)
  }
  for (const [key, peer] of seen) {
    if (source.entries.has(key) || source.entries.size >= limits.entriesPerSource) continue
    source.entries.set(key, { address: peer.address, name: peer.name, absentLooks: 0, absentSince: undefined })
    saidAnew(state, peer)
  }
  reconcile(state, now)
}

/** A look that failed says nothing: the time until the next good one does not count against peers that were absent. */
export const lookFailed = (state: NodeState, name: string, now: number): void => {
  const source = state.sources.get(name)
  if (source === undefined) return
  for (const entry of source.entries.values()) if (entry.absentSince !== undefined) entry.absentSince = now
  if (source.shrinkingSince !== undefined) source.shrinkingSince = now
}

const sourceOf = (state: NodeState, name: string): SourceRecord => {
  const known = state.sources.get(name)
  if (known !== undefined) return known
  const source: SourceRecord = { entries: new Map(), shrinking: 0, shrinkingSince: undefined }
  state.sources.set(name, source)
  return source
}

/** A look that would remove half of the peers or more, and more than two, waits until ten in a row agree. */
const isHeldBack = (state: NodeState, name: string, source: SourceRecord, missing: number, now: number): boolean => {
  if (missing <= 2 || missing * 2 < source.entries.size) {
    source.shrinking = 0
    source.shrinkingSince = undefined
    return false
  }
  source.shrinking++
  source.shrinkingSince ??= now
  if (source.shrinking >= limits.shrinkLooks) return false
  const text =
    "a discovery source dropped half of its peers or more at once; they are kept until it says so ten times in a row"
  log(state, now, "warning", "source_shrinks", text, { source: name, dropped: missing, of: source.entries.size })
  return true
}

/** An address that a source lists, and did not before, is tried again whoever answered there. */
const saidAnew = (state: NodeState, peer: SeenPeer): void => {
  const target = state.targets.get(targetKey(state, peer))
  if (target === undefined) return
  target.held = false
  if (peer.address !== undefined) target.wrong.delete(peer.address)
  touch(state, target)
}

/** For sources that speak only on change: absence for three refresh intervals removes as three looks do. */
export const expireEntries = (state: NodeState, now: number): void => {
  let changed = false
  for (const source of state.sources.values()) {
    const { shrinkingSince } = source
    const refresh = Number.isFinite(state.options.refreshInterval) ? state.options.refreshInterval : 5_000
    if (shrinkingSince !== undefined && now - shrinkingSince < limits.shrinkLooks * refresh) continue
    source.entries.forEach((entry, key) => {
      if (entry.absentSince === undefined || now - entry.absentSince < limits.absentLooks * refresh) return
      source.entries.delete(key)
      changed = true
    })
  }
  if (changed) reconcile(state, now)
}

/** Brings the targets into line with the union of the sources. */
const reconcile = (state: NodeState, now: number): void => {
  const listed = new Map<string, Array<string>>()
  const nameless = new Set<string>()
  for (const source of state.sources.values()) {
    for (const entry of source.entries.values()) {
      const key = targetKey(state, entry)
      if (key === state.self.name) continue
      const addresses = listed.get(key) ?? []
      listed.set(key, addresses)
      if (entry.address === undefined) nameless.add(key)
      else if (!addresses.includes(entry.address)) addresses.push(entry.address)
    }
  }
  for (const [key, addresses] of listed) {
    const target = ensureTarget(state, key, now)
    target.listed = addresses.slice(0, limits.addresses)
    target.nameless = nameless.has(key)
    if (!target.wanted) returned(state, target, now)
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
  touch(state, target)
}

/** No source lists the peer any more. */
const gone = (state: NodeState, target: TargetRecord, now: number): void => {
  target.wanted = false
  target.removed = true
  target.listed = []
  target.nameless = false
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  const { onRemoved } = state.options
  if (member === undefined || !isLive(member) || onRemoved === "keep") return
  if (onRemoved === "disconnect") return disconnect(state, member, now)
  member.disconnectAt = now + onRemoved.disconnectAfter
  wakeBy(state, member.disconnectAt)
}

const isIdle = (state: NodeState, target: TargetRecord): boolean => {
  if (target.wanted || target.inFlight > 0 || target.requests.length > 0) return false
  const { name } = target
  return name === undefined || !(state.members.has(name) || state.current.has(name) || state.candidates.has(name))
}
