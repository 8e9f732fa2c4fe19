/**
 * Real processes on loopback that stand still and go on. Five nodes each, for the clusters run at once; `npm run processes`
 * plays the same with ten.
 */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { NodeProcess } from "../src/harness/nodeProcess.ts"
import { pairs } from "../src/harness/stories.ts"
import { loopbackFleet } from "../src/scenarios/scenario.ts"
import { assertStories } from "./assertions.ts"

const nodes = 5

/** In which a wrong Down would come: the silence after which a member is down, and a second. */
const afterwards = 7_000

const formed = Effect.tap(loopbackFleet(nodes), (fleet) => fleet.form)

describe.concurrent("nodes that stand still", () => {
  it.live(
    "an event loop that is blocked for 5 s judges nobody by it, and is back for everybody",
    () =>
      Effect.gen(function* () {
        const fleet = yield* formed
        const [victim, ...others] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
        yield* fleet.block(victim, 5_000)
        yield* fleet.mesh
        yield* Effect.sleep(afterwards)
        yield* fleet.reported
        assertStories(pairs([victim], others), /^Up$/)
        // Its last heartbeat may have been a second old: then the others heard nothing for 6 s.
        assertStories(pairs(others, [victim]), /^Up Suspected (Recovered|Down:timeout Up)$/)
        assertStories(pairs(others, others), /^Up$/)
      }),
    60_000
  )

  it.live(
    "SIGSTOP for 4 s and SIGCONT: suspected and recovered at everybody, down for nobody",
    () =>
      Effect.gen(function* () {
        const fleet = yield* formed
        const [victim, ...others] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
        yield* fleet.freeze(victim)
        yield* Effect.sleep(4_000)
        yield* fleet.thaw(victim)
        yield* Effect.sleep(afterwards)
        yield* fleet.mesh
        yield* fleet.reported
        assertStories(pairs(others, [victim]), /^Up Suspected Recovered$/)
        assertStories(pairs([victim], others), /^Up$/)
        assertStories(pairs(others, others), /^Up$/)
      }),
    60_000
  )

  it.live(
    "SIGSTOP of all for 8 s and SIGCONT: nobody saw anything",
    () =>
      Effect.gen(function* () {
        const fleet = yield* formed
        const { live } = fleet
        yield* Effect.forEach(live, fleet.freeze, { discard: true })
        yield* Effect.sleep(8_000)
        yield* Effect.forEach(live, fleet.thaw, { discard: true })
        yield* Effect.sleep(afterwards)
        yield* fleet.reported
        assertStories(pairs(live, live), /^Up$/)
      }),
    60_000
  )
})
