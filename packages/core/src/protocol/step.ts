import { authenticated, ready, sendLeave, welcomed } from "./admission.ts"
import { activityCame, disconnect, stalled, tick } from "./detection.ts"
import { addAddress, dialEnded, ensureTarget, pump, settleRequests, targetKey } from "./dialing.ts"
import { expireEntries, lookCame } from "./discovered.ts"
import { frameCame, linkClosed, sendMeta } from "./linking.ts"
import { sameMetadata } from "./metadata.ts"
import type { Input, MemberView, Output } from "./node.ts"
import { emit, isLive, type NodeState, viewOf, viewOfSelf, wakeBy } from "./state.ts"

/** What a step asks for: things to do, in order, and a `Wake` no later than `wakeAt`. */
export interface Step {
  readonly state: NodeState
  readonly outputs: ReadonlyArray<Output>
  readonly wakeAt: number
}

/**
 * One thing happens to a node. `now` is in milliseconds since 1970 and never goes back within a run.
 *
 * The state that is given in belongs to `step` and is changed in place: use the one that comes back. The same state, input
 * and time give the same outputs.
 */
export const step = (state: NodeState, input: Input, now: number): Step => {
  state.outputs = []
  const late = now - state.wakeAt
  if (late > state.tick / 2) {
    stalled(state, late, now)
    state.wakeAt = now + state.tick
    state.nextTick = now + state.tick
  }
  apply(state, input, now)
  if (!state.breathing && now >= state.nextTick) {
    state.nextTick = now + state.tick
    if (state.phase === "running") {
      expireEntries(state, now)
      tick(state, now)
    }
  }
  if (now >= state.wakeAt) state.wakeAt = Infinity
  wakeBy(state, Math.max(state.nextTick, now + 1))
  pump(state, now)
  return { state, outputs: state.outputs, wakeAt: state.wakeAt }
}

const apply = (state: NodeState, input: Input, now: number): void => {
  switch (input._tag) {
    case "Wake":
      return activityCame(state, input.activity)
    case "Breathed":
      state.breathing = false
      return activityCame(state, input.activity)
    case "Authenticated":
      return authenticated(state, input, now)
    case "Welcomed":
      return welcomed(state, input, now)
    case "Ready":
      return ready(state, input, now)
    case "LinkClosed":
      return linkClosed(state, input.link, now)
    default:
      return state.phase === "running" ? applyRunning(state, input, now) : undefined
  }
}

const applyRunning = (state: NodeState, input: Input, now: number): void => {
  switch (input._tag) {
    case "Frame":
      return frameCame(state, input.link, input.frame, now)
    case "Look":
      return lookCame(state, input.source, input.peers, now)
    case "DialFailed":
      return dialEnded(state, input.dial, { _tag: "Failed", failure: input.failure }, now)
    case "DialRejected": {
      const { code, dial, retryAfterMs } = input
      return dialEnded(state, dial, { _tag: "Rejected", code, retryAfterMs, authentic: false }, now)
    }
    case "Connect":
      return connect(state, input, now)
    case "Disconnect": {
      const member = state.members.get(input.name)
      if (member !== undefined && isLive(member)) disconnect(state, member, now)
      return
    }
    case "UpdateMetadata":
      return updateMetadata(state, input.metadata)
    case "Leave":
      return leave(state)
  }
}

const connect = (state: NodeState, input: Extract<Input, { readonly _tag: "Connect" }>, now: number): void => {
  const key = targetKey(state, input.peer)
  if (key === state.self.name) {
    emit(state, { _tag: "ConnectFailed", request: input.request, reason: "self" })
    return
  }
  const target = ensureTarget(state, key, now)
  addAddress(target, input.peer.address)
  state.avoided.delete(input.peer.address ?? "")
  state.avoided.delete(`${key} ${input.peer.address ?? ""}`)
  target.held = false
  target.requests.push(input.request)
  target.nextAt = Math.min(target.nextAt, now)
  state.dialsDirty = true
  settleRequests(state, key)
}

const updateMetadata = (state: NodeState, metadata: NodeState["metadata"]): void => {
  if (sameMetadata(metadata, state.metadata)) return
  state.metadata = metadata
  state.metaVersion++
  for (const link of state.current.values()) sendMeta(state, link)
}

/** Stops dialing and says LEAVE everywhere; whoever knocks from now on hears `shutting_down`. */
const leave = (state: NodeState): void => {
  state.phase = "leaving"
  state.probes.length = 0
  for (const target of state.targets.values()) {
    for (const request of target.requests.splice(0)) emit(state, { _tag: "ConnectFailed", request, reason: "leaving" })
  }
  for (const dial of state.dials.values()) {
    if (![...state.links.values()].some((link) => link.dial === dial.id))
      emit(state, { _tag: "CancelDial", dial: dial.id })
  }
  for (const link of state.links.values()) {
    if (link.phase === "current" || link.phase === "fresh") sendLeave(state, link)
  }
}

/** The live members, self first, the others by name. */
export const members = (state: NodeState): ReadonlyArray<MemberView> => {
  const live = [...state.members.values()].filter(isLive).map(viewOf)
  return [viewOfSelf(state), ...live.toSorted((a, b) => (a.name < b.name ? -1 : 1))]
}
