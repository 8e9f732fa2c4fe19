import { authenticated, ready, sendLeave, welcomed } from "./admission.ts"
import { activityCame, disconnect, stalled, tick } from "./detection.ts"
import { dialEnded, pump } from "./dialing.ts"
import { expireEntries, lookCame, lookFailed } from "./discovered.ts"
import { sendMeta } from "./linking.ts"
import { viewOf, viewOfSelf } from "./memberViews.ts"
import { sameMetadata } from "./metadata.ts"
import type { Input, MemberView, Output } from "./node.ts"
import { partObservers } from "./observers.ts"
import { emit, publish, wakeBy } from "./outputs.ts"
import { frameCame, linkClosed } from "./receiving.ts"
import { isLive, type NodeState } from "./state.ts"
import { request } from "./targets.ts"
import { concludeProbes } from "./witnesses.ts"

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
  concludeProbes(state, now)
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
      state.nextTick = now
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

const applyRunning = (
  state: NodeState,
  input: Exclude<Input, { readonly _tag: "Wake" | "Breathed" | "Authenticated" | "Welcomed" | "Ready" | "LinkClosed" }>,
  now: number
): void => {
  switch (input._tag) {
    case "Frame":
      return frameCame(state, input.link, input.frame, now)
    case "Look":
      return lookCame(state, input.source, input.peers, now)
    case "LookFailed":
      return lookFailed(state, input.source, now)
    case "DialFailed":
      return dialEnded(state, input.dial, { _tag: "Failed", failure: input.failure }, now)
    case "DialRejected": {
      const { code, dial, retryAfterMs } = input
      return dialEnded(state, dial, { _tag: "Rejected", code, retryAfterMs, authentic: false }, now)
    }
    case "Connect":
      return request(state, input.request, input.peer, now)
    case "Disconnect": {
      const member = state.members.get(input.name)
      if (member !== undefined && isLive(member)) disconnect(state, member, now)
      return
    }
    case "UpdateMetadata":
      return updateMetadata(state, input.metadata, now)
    case "Leave":
      return leave(state, now)
  }
}

const updateMetadata = (state: NodeState, metadata: NodeState["metadata"], now: number): void => {
  if (sameMetadata(metadata, state.metadata)) return
  state.metadata = metadata
  state.metaVersion++
  for (const link of state.current.values()) sendMeta(state, link, now)
  publish(state, { _tag: "Updated", member: viewOfSelf(state) })
}

/** Stops dialing and says LEAVE everywhere; whoever knocks from now on hears `shutting_down`. */
const leave = (state: NodeState, now: number): void => {
  state.phase = "leaving"
  state.probes.length = 0
  for (const target of state.targets.values()) {
    for (const { id } of target.requests.splice(0)) {
      emit(state, { _tag: "ConnectFailed", request: id, reason: "leaving" })
    }
  }
  for (const dial of state.dials.values()) {
    if (!dial.linked) emit(state, { _tag: "CancelDial", dial: dial.id })
  }
  for (const link of state.links.values()) {
    if (link.phase === "current" || link.phase === "fresh") sendLeave(state, link, now)
  }
  partObservers(state, now)
}

/** The live members, self first, the others by name. */
export const members = (state: NodeState): ReadonlyArray<MemberView> => {
  const live = [...state.members.values()].filter(isLive).map(viewOf)
  return [viewOfSelf(state), ...live.toSorted((a, b) => (a.name < b.name ? -1 : 1))]
}
