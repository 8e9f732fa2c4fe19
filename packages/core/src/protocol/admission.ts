import { limits } from "./figures.ts"
import { checkPeer } from "./checks.ts"
import { accepted, type Code, codeName, codes, type Decision, retries } from "./decisions.ts"
import { dialEnded } from "./dialing.ts"
import { type Identity, isObserver } from "./identity.ts"
import type { LinkFrame } from "./linkFrames.ts"
import { addPending, beats, close, enter, probeLink, removeLink, sendMeta } from "./linking.ts"
import { useLink } from "./members.ts"
import { viewOfSelf } from "./memberViews.ts"
import type { Input } from "./node.ts"
import { addObserver, judgeObserver, observerReady } from "./observers.ts"
import { count, emit, log, publish, send } from "./outputs.ts"
import { decisionCame } from "./receiving.ts"
import { isLive, type LinkRecord, type NodeState } from "./state.ts"
import { bind, ensureTarget, kick } from "./targets.ts"

interface Judgement {
  readonly decision: Decision
  readonly retryAfterMs: number
  readonly knownGeneration: number
}

const admit: Judgement = { decision: accepted, retryAfterMs: 0, knownGeneration: 0 }

const refuse = (decision: Code, knownGeneration = 0): Judgement => {
  const name = codeName(decision)
  const retry = name === undefined ? undefined : retries[name]
  return { decision, retryAfterMs: retry?.kind === "retryAfter" ? retry.ms : 0, knownGeneration }
}

/** Somebody dialed in, and its identity is authentic: the verdict for WELCOME. */
export const authenticated = (
  state: NodeState,
  input: Extract<Input, { readonly _tag: "Authenticated" }>,
  now: number
): void => {
  if (isObserver(input.peer)) return observerCame(state, input.link, input.peer, now)
  const link = makeLink(input.link, undefined, input.peer.attempt, input.peer, now)
  const judgement = judge(state, link, now)
  emitVerdict(state, link.id, judgement)
  if (judgement.decision !== accepted) return
  addPending(state, link)
  for (const address of link.peer.addresses) {
    if (!state.bindings.has(address)) bind(state, address, link.name, now)
  }
}

/** Somebody wants to watch: what it says of itself changes nothing here. */
const observerCame = (state: NodeState, link: number, peer: Identity, now: number): void => {
  const decision = judgeObserver(state, peer, now)
  emitVerdict(state, link, decision === accepted ? admit : refuse(decision))
  if (decision === accepted) addObserver(state, link, peer, now)
}

/** READY came: the link that this node accepted is in use, or the other side changed its mind. */
export const ready = (state: NodeState, input: Extract<Input, { readonly _tag: "Ready" }>, now: number): void => {
  const observer = state.observers.get(input.link)
  if (observer !== undefined) return observerReady(state, observer, input.decision, now)
  const link = state.links.get(input.link)
  if (link === undefined || link.phase !== "judged") return
  if (input.decision !== accepted) {
    removeLink(state, link)
    decisionCame(state, link.peer, input.decision, input.knownGeneration, now)
    const target = state.targets.get(link.name)
    if (target !== undefined && input.decision === codes.stale_incarnation) kick(state, target, now)
    return
  }
  if (state.phase === "leaving") {
    sendLeave(state, link, now)
    return
  }
  if (!useLink(state, link, now)) return
  sendMeta(state, link, now)
  kick(state, ensureTarget(state, link.name, now), now)
}

/** WELCOME came on a dial of ours: the other side's decision, and the verdict for READY. */
export const welcomed = (state: NodeState, input: Extract<Input, { readonly _tag: "Welcomed" }>, now: number): void => {
  const dial = state.dials.get(input.dial)
  if (dial === undefined) {
    emit(state, { _tag: "Close", link: input.link })
    return
  }
  const { decision, peer, retryAfterMs } = input
  if (isObserver(peer)) return observerAnswered(state, input, now)
  if (dial.address !== undefined && peer.instance !== state.self.instance) {
    if (decision === codes.name_mismatch) anotherAnswers(state, dial.target, dial.address, peer.name, now)
    bind(state, dial.address, peer.name, now)
  }
  if (decision !== accepted) {
    decisionCame(state, peer, decision, peer.knownGeneration ?? 0, now)
    if (decision === codes.name_conflict && peer.name === state.self.name) conflictWithSelf(state, peer, now)
    dialEnded(state, input.dial, { _tag: "Rejected", code: decision, retryAfterMs, authentic: true }, now)
    return
  }
  const link = makeLink(input.link, input.dial, dial.attempt, peer, now)
  const judgement = judge(state, link, now)
  emitVerdict(state, link.id, judgement)
  if (judgement.decision !== accepted) {
    const { decision: code, retryAfterMs: wait } = judgement
    dialEnded(state, input.dial, { _tag: "Refused", code, retryAfterMs: wait }, now)
    return
  }
  dial.linked = true
  addPending(state, link)
  enter(state, link, "fresh", now)
  sendMeta(state, link, now)
}

/** Who watches listens nowhere: somebody who says both is refused, and nothing that it says is kept. */
const observerAnswered = (
  state: NodeState,
  { dial, link, peer }: Extract<Input, { readonly _tag: "Welcomed" }>,
  now: number
): void => {
  log(state, now, "warning", "observer_answered", "refused an observer that takes dials", { peer: peer.name })
  emitVerdict(state, link, refuse(codes.malformed))
  dialEnded(state, dial, { _tag: "Refused", code: codes.malformed, retryAfterMs: 0 }, now)
}

/** Another node answers at an address of a target: the address leaves it, nothing else changes. */
const anotherAnswers = (state: NodeState, key: string, address: string, name: string, now: number): void => {
  const wrong = state.targets.get(key)?.wrong
  if (wrong !== undefined && wrong.size < limits.addresses) wrong.add(address)
  log(state, now, "info", "name_mismatch", "another node answers at this address", { address, peer: key, found: name })
}

const makeLink = (id: number, dial: number | undefined, attempt: number, peer: Identity, now: number): LinkRecord => ({
  id,
  dial,
  initiator: dial === undefined ? "peer" : "self",
  attempt,
  name: peer.name,
  peer,
  phase: "judged",
  since: now,
  upAt: now,
  metaSeen: false,
  metaSent: 0,
  heardAt: now,
  sentAt: now,
  seq: 0,
  probe: undefined,
  contender: undefined,
  peersSentAt: -Infinity,
  peersDirty: true,
  told: [],
  reported: []
})

const emitVerdict = (state: NodeState, link: number, judgement: Judgement): void => {
  if (judgement.decision !== accepted) count(state, "handshakes_refused")
  emit(state, { _tag: "Verdict", link, ...judgement })
}

/** Whether an authentic peer may come in (GC/1 sections 1, 2 and 4). */
const judge = (state: NodeState, link: LinkRecord, now: number): Judgement => {
  const { peer } = link
  const basic = checkPeer({ ...state.self, attempt: 0 }, peer, now)
  if (basic !== accepted) return refuse(basic)
  if (state.phase === "leaving") return refuse(codes.shutting_down)
  if (peer.name === state.self.name) {
    conflictWithSelf(state, peer, now)
    return refuse(codes.name_conflict)
  }
  const known = state.members.get(peer.name)
  if (known !== undefined) {
    const sameLife = known.instance === peer.instance
    if (sameLife && known.state === "left") return refuse(codes.not_admitted)
    if (sameLife ? peer.generation < known.generation : peer.generation <= known.generation) {
      return refuse(codes.stale_incarnation, known.generation)
    }
  }
  const current = state.current.get(peer.name)
  if (current === undefined) {
    const room = known !== undefined && isLive(known) ? true : hasRoom(state, peer.name)
    return room ? admit : refuse(codes.too_many_peers)
  }
  return compete(state, link, current, now)
}

/** Whether one more name fits, counting those whose handshake is done or under way. */
const hasRoom = (state: NodeState, name: string): boolean => {
  const { maxMembers } = state.options
  if (state.live + state.pending.size + state.current.size < maxMembers) return true
  const coming = new Set([...state.pending.keys(), ...state.current.keys()])
  coming.delete(name)
  let taken = state.live
  for (const each of coming) {
    const member = state.members.get(each)
    if (member === undefined || !isLive(member)) taken++
  }
  return taken < maxMembers
}

/** There is a link in use for the name already. */
const compete = (state: NodeState, link: LinkRecord, current: LinkRecord, now: number): Judgement => {
  const { peer } = link
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
  state.conflictAt = now
  const text = "another live node carries this node's name: rename one of them"
  if (!log(state, now, "warning", "name_conflict", text, { peer: peer.name, instance: peer.instance })) return
  publish(state, { _tag: "NameConflict", member: viewOfSelf(state), instance: peer.instance })
}

/** Says that this life is over. */
export const sendLeave = (state: NodeState, link: LinkRecord, now: number): void => {
  const frame: LinkFrame = { _tag: "Leave", generation: state.self.generation }
  send(state, link, frame, now)
  close(state, link, now)
}
