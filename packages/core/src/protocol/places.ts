import { limits } from "./figures.ts"
import { type DialRecord, isLive, type NodeState, type TargetRecord } from "./state.ts"

/**
 * How many dials may be under way for one of this target to begin: an address that takes connections and says nothing holds its
 * place for 5 s, so that whom somebody asked for, whom discovery lists and whom neighbours tell of each have places of their own.
 */
export const placesFor = (state: NodeState, target: TargetRecord): number => {
  if (target.requests.length > 0) return limits.dials
  const member = target.name === undefined ? undefined : state.members.get(target.name)
  const listed = target.wanted || (member !== undefined && isLive(member))
  return listed ? limits.listedDials : limits.candidateDials
}

/**
 * How many dials may be under way when the fresh ones are at most 4: of a mesh that starts at once, each node would begin more
 * handshakes than can end in 5 s. Those that are not fresh hold their places and keep nobody waiting. Where handshakes take longer
 * than a second, the nodes are busy with each other: there are fewer fresh ones, and they are fresh for longer.
 */
export const pacedPlaces = (state: NodeState, now: number): number => {
  const since = now - freshTime(state, now)
  const slow = Math.max(1, tookLately(state, now) / limits.freshFor)
  let places = Math.max(1, Math.floor(limits.freshDials / slow))
  for (const dial of state.dials.values()) if (!isFresh(dial, since)) places++
  return places
}

/** A dial of ours became a link: a slower one counts at once, faster ones a quarter each. */
export const dialTook = (state: NodeState, ms: number, now: number): void => {
  const before = tookLately(state, now)
  state.dialPace.took = Math.max(ms, before - (before - ms) / 4)
  state.dialPace.at = now
}

const tookLately = ({ dialPace }: NodeState, now: number): number =>
  now - dialPace.at < limits.paceFor ? dialPace.took : 0

/** One that takes twice as long as the others did is slow for a reason of its own. */
const freshTime = (state: NodeState, now: number): number =>
  Math.min(limits.dialTime, Math.max(limits.freshFor, 2 * tookLately(state, now)))

/** The same for one target: whom somebody asked for does not wait for that. */
export const pacedFor = (places: number, paced: number): number =>
  places === limits.dials ? places : Math.min(places, paced)

/** Whether these are the places of a candidate that only neighbours tell of. */
export const isCandidate = (places: number): boolean => places === limits.candidateDials

/**
 * Whether a candidate may be dialed though all places are taken, while no other one is: listed peers that are silent would keep
 * candidates waiting for ever, when there are enough of them.
 */
export const hasOwnPlace = (state: NodeState): boolean => {
  for (const dial of state.dials.values()) {
    const target = state.targets.get(dial.target)
    if (target !== undefined && isCandidate(placesFor(state, target))) return false
  }
  return true
}

const isFresh = (dial: DialRecord, since: number): boolean => !dial.probe && dial.since > since

/** When the first of the fresh dials will be fresh no more. */
export const nextStale = (state: NodeState, now: number): number => {
  const time = freshTime(state, now)
  for (const dial of state.dials.values()) if (isFresh(dial, now - time)) return dial.since + time
  return Infinity
}
