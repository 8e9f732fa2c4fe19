/**
 * What the scenarios in namespaces share.
 */
import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import { makeNetwork } from "../harness/namespaces.ts"
import { type Pair, sees } from "../harness/stories.ts"

/** A network and its nodes, which know each other. */
export const formed = Effect.fnUntraced(function* (nodes: number) {
  const network = yield* makeNetwork(nodes)
  const fleet = yield* makeFleet(network.seats)
  yield* fleet.form
  return { network, fleet }
})

/** Waits until those who were apart see each other as alive; gives how long that took each. */
export const reunited = Effect.fnUntraced(function* (fleet: Fleet, healed: number, apart: ReadonlyArray<Pair>) {
  yield* fleet.waitUntil(() => apart.every(({ observer, subject }) => sees(observer, subject)), 60_000)
  yield* fleet.reported
  return apart.flatMap((pair) =>
    sees(pair.observer, pair.subject) ? [(pair.observer.story(pair.subject).at(-1)?.at ?? now()) - healed] : []
  )
})

/** These pairs, and each with observer and subject changed. */
export const bothWays = (one: ReadonlyArray<Pair>): ReadonlyArray<Pair> =>
  one.flatMap(({ observer, subject }) => [
    { observer, subject },
    { observer: subject, subject: observer }
  ])
