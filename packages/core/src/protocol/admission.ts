import { checkPeer } from "./checks.ts"
import { accepted, type Decision, codes, retries } from "./decisions.ts"
import { bind, dialEnded, ensureTarget, kick } from "./dialing.ts"
import type { Identity } from "./identity.ts"
import { beats, decisionCame, goaway, probeLink, promote, sendMeta } from "./linking.ts"
import { liveCount } from "./members.ts"
import type { Input } from "./node.ts"
import { count, emit, isLive, type LinkRecord, log, type NodeState, publish, viewOfSelf } from "./state.ts"

interface Judgement {
  readonly decision: Decision
  readonly retryAfterMs: number
  readonly knownGeneration: number
}

const refuse = (decision: Decision, knownGeneration = 0): Judgement => {
  const retry =
    decision === codes.name_conflict || decision === codes.shutting_down || decision === codes.too_many_peers
  const name =
    decision === codes.name_conflict
      ? "name_conflict"
      : decision === codes.shutting_down
        ? "shutting_down"
        : "too_many_peers"
  const rule = retries[name]
  return { decision, retryAfterMs: retry && "ms" in rule ? rule.ms : 0, knownGeneration }
}

const admit: Judgement = { decision: accepted, retryAfterMs: 0, knownGeneration: 0 }

/** Somebody dialed in, and its identity is authentic: the verdict for WELCOME. */
export const authenticated = (
  state: NodeState,
  input: Extract<Input, { readonly _tag: "Authenticated" }>,
  now: number
): void => {
  const link = makeLink(state, input.link, undefined, input.peer, now)
  const judgement = judge(state, link, now)
  verdict(state, link, judgement)
  if (judgement.decision !== accepted) return
  state.links.set(link.id, link)
}

/** READY came: the link that this node accepted is in use, or the other side changed its mind. */
export const ready = (state: NodeState, input: Extract<Input, { readonly _tag: "Ready" }>, now: number): void => {
  const link = state.links.get(input.link)
  if (link === undefined || link.phase !== "judged") return
  if (input.decision !== accepted) {
    decisionCame(state, link.peer, input.decision, input.knownGeneration, now)
    state.links.delete(link.id)
    return
  }
  if (state.phase === "leaving") {
    sendLeave(state, link)
    return
  }
  if (isOutdated(state, link)) {
    goaway(state, link, "replaced")
    return
  }
  if (!promote(state, link, now)) return
  sendMeta(state, link)
  const target = ensureTarget(state, link.name, now)
  kick(state, target, now)
}

/** A newer life of the name came in while this handshake went on. */
const isOutdated = (state: NodeState, link: LinkRecord): boolean => {
  const current = state.current.get(link.name)
  const known = state.members.get(link.name)
  const newest = Math.max(
    current !== undefined && current.peer.instance !== link.peer.instance ? current.peer.generation : -1,
    known !== undefined && known.instance !== link.peer.instance ? known.generation : -1
  )
  return newest >= link.peer.generation || (known?.instance === link.peer.instance && known.state === "left")
}

/** WELCOME came on a dial of ours: the other side's decision, and the verdict for READY. */
export const welcomed = (state: NodeState, input: Extract<Input, { readonly _tag: "Welcomed" }>, now: number): void => {
  const dial = state.dials.get(input.dial)
  if (dial === undefined) {
    emit(state, { _tag: "Close", link: input.link })
    return
  }
  const { peer } = input
  const moved = dial.address !== undefined && input.decision === codes.name_mismatch
  if (moved && dial.address !== undefined) anotherAnswers(state, dial.target, dial.address, peer.name, now)
  else if (dial.address !== undefined && peer.instance !== state.self.instance)
    bind(state, dial.address, peer.name, now)
  if (input.decision !== accepted) {
    decisionCame(state, peer, input.decision, peer.knownGeneration ?? 0, now)
    if (input.decision === codes.name_conflict && peer.name === state.self.name) conflictWithSelf(state, peer, now)
    ended(state, input.dial, dial.address, input.decision, input.retryAfterMs, now)
    return
  }
  const link = makeLink(state, input.link, input.dial, peer, now)
  const judgement = state.phase === "leaving" ? refuse(codes.shutting_down) : judge(state, link, now)
  verdict(state, link, judgement)
  if (judgement.decision !== accepted) {
    ended(state, input.dial, dial.address, judgement.decision, judgement.retryAfterMs, now)
    return
  }
  link.phase = "fresh"
  state.links.set(link.id, link)
  sendMeta(state, link)
}

const ended = (
  state: NodeState,
  dial: number,
  address: string | undefined,
  code: number,
  retryAfterMs: number,
  now: number
): void => {
  if (code === codes.self_connect && address !== undefined) state.avoided.set(address, now + 600_000)
  dialEnded(state, dial, { _tag: "Rejected", code, retryAfterMs, authentic: true }, now)
}

/** Another node answers at an address of a target: the address leaves it, nothing else changes. */
const anotherAnswers = (state: NodeState, key: string, address: string, name: string, now: number): void => {
  const target = state.targets.get(key)
  if (target !== undefined) target.addresses = target.addresses.filter((each) => each !== address)
  state.avoided.set(`${key} ${address}`, Infinity)
  log(state, now, "info", "name_mismatch", "another node answers at this address", { address, peer: key, found: name })
  if (state.bindings.get(address) === key) bind(state, address, name, now)
}

const makeLink = (state: NodeState, id: number, dial: number | undefined, peer: Identity, now: number): LinkRecord => ({
  id,
  dial,
  initiator: dial === undefined ? "peer" : "self",
  attempt: dial === undefined ? peer.attempt : attemptOf(state, dial),
  name: peer.name,
  peer,
  phase: "judged",
  since: now,
  metaSeen: false,
  heardAt: now,
  sentAt: now,
  seq: 0,
  probeUntil: undefined,
  contender: undefined,
  peersSentAt: -Infinity,
  peersDirty: state.options.peerExchange
})

const attemptOf = (state: NodeState, dial: number): number => state.dials.get(dial)?.attempt ?? 0

const verdict = (state: NodeState, link: LinkRecord, judgement: Judgement): void => {
  if (judgement.decision !== accepted) count(state, "handshakes_refused")
  emit(state, { _tag: "Verdict", link: link.id, ...judgement })
}

/** Whether an authentic peer may come in (GC/1 sections 1, 2 and 4). */
const judge = (state: NodeState, link: LinkRecord, now: number): Judgement => {
  const { peer } = link
  if (state.phase === "leaving") return refuse(codes.shutting_down)
  const basic = checkPeer({ ...state.self, attempt: 0 }, peer, now)
  if (basic !== accepted) return refuse(basic)
  if (peer.name === state.self.name) {
    conflictWithSelf(state, peer, now)
    return refuse(codes.name_conflict)
  }
  const known = state.members.get(peer.name)
  const current = state.current.get(peer.name)
  if (
    current === undefined &&
    liveCount(state) >= state.options.maxMembers &&
    !(known !== undefined && isLive(known))
  ) {
    return refuse(codes.too_many_peers)
  }
  if (known !== undefined && known.instance === peer.instance) {
    if (known.state === "left") return refuse(codes.not_admitted)
    if (peer.generation < known.generation) return refuse(codes.stale_incarnation, known.generation)
  } else if (known !== undefined && peer.generation <= known.generation) {
    return refuse(codes.stale_incarnation, known.generation)
  }
  if (current === undefined) return admit
  if (current.peer.instance !== peer.instance) {
    if (peer.generation <= current.peer.generation) return refuse(codes.stale_incarnation, current.peer.generation)
    probeLink(state, current, now, peer.instance)
    return refuse(codes.name_conflict)
  }
  if (beats(state.self.name, link, current)) return admit
  probeLink(state, current, now)
  return refuse(codes.already_connected)
}

/** Somebody else carries this node's name; this one is alive, so it stays. */
const conflictWithSelf = (state: NodeState, peer: Identity, now: number): void => {
  state.generationFixed = true
  publish(state, { _tag: "NameConflict", member: viewOfSelf(state), instance: peer.instance })
  log(state, now, "warning", "name_conflict", "another live node carries this node's name: rename one of them", {
    peer: peer.name,
    instance: peer.instance
  })
}

/** Says that this life is over, on a link that came up too late to hear it with the others. */
export const sendLeave = (state: NodeState, link: LinkRecord): void => {
  link.phase = "retired"
  emit(state, { _tag: "Send", link: link.id, frame: { _tag: "Leave", generation: state.self.generation } })
  emit(state, { _tag: "Close", link: link.id })
}
