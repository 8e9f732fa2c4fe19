/**
 * Real processes in network namespaces of their own, where iptables loses their packets. Five nodes each, for the clusters run
 * at once; `npm run processes` plays the same with ten, and for longer.
 */
import { assert, describe, it, type TestContext } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { now } from "../src/clock.ts"
import { unavailable } from "../src/harness/namespaces.ts"
import type { NodeProcess } from "../src/harness/nodeProcess.ts"
import type { HarnessError } from "../src/harness/seats.ts"
import { allSaw, delays, pairs, sees, tell } from "../src/harness/stories.ts"
import { bothWays, formed, reunited } from "../src/scenarios/network.ts"
import { seatOf } from "../src/scenarios/scenario.ts"
import { assertStories, assertMostWithin } from "./assertions.ts"

const nodes = 5

/** In which a wrong Down would come: the silence after which a member is down, and a second. */
const afterwards = 7_000

/** The reason why this machine has no namespaces is that of the skipped test. */
const inNamespaces =
  (play: Effect.Effect<void, HarnessError, Scope.Scope>) =>
  (context: TestContext): Effect.Effect<void, HarnessError, Scope.Scope> =>
    Effect.flatMap(unavailable, (reason) => (reason === undefined ? play : Effect.sync(() => context.skip(reason))))

describe.concurrent("packets that are lost", () => {
  it.live(
    "all of one node: Down by timeout on both sides, Up on both when they come through again",
    inNamespaces(
      Effect.gen(function* () {
        const { fleet, network } = yield* formed(nodes)
        const [victim, ...others] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
        const observed = pairs(others, [victim])
        const apart = bothWays(observed)
        const cut = now()
        yield* network.cut(seatOf(fleet, victim))
        yield* fleet.expect("Down on both sides", () => allSaw(apart, "Down", cut), 30_000)
        const healed = now()
        yield* network.heal(seatOf(fleet, victim))
        const backs = yield* reunited(fleet, healed, apart)
        assertStories(apart, /^Up Suspected Down:timeout Up$/)
        assertStories(pairs(others, others), /^Up$/)
        assertMostWithin(delays(observed, "Down", cut), observed.length, 6_600)
        assertMostWithin(backs, apart.length, 35_000)
      })
    ),
    90_000
  )

  it.live(
    "one way between two nodes: Unreachable at both and Down nowhere, for the others hear them",
    inNamespaces(
      Effect.gen(function* () {
        const { fleet, network } = yield* formed(nodes)
        const [from, to] = fleet.live as [NodeProcess, NodeProcess, ...Array<NodeProcess>]
        const both = bothWays([{ observer: from, subject: to }])
        const cut = now()
        yield* network.oneWay(seatOf(fleet, from), seatOf(fleet, to))
        yield* fleet.expect("Unreachable at both", () => allSaw(both, "Unreachable", cut), 30_000)
        yield* Effect.sleep(afterwards)
        const healed = now()
        yield* network.heal(seatOf(fleet, to))
        const backs = yield* reunited(fleet, healed, both)
        assertStories(both, /^Up Suspected Unreachable Reachable$/)
        const rest = pairs(fleet.live, fleet.live).filter(
          ({ observer, subject }) => ![from, to].includes(observer) || ![from, to].includes(subject)
        )
        assertStories(rest, /^Up$/)
        assertMostWithin(delays(both, "Unreachable", cut), 2, 8_000)
        assertMostWithin(backs, 2, 35_000)
      })
    ),
    90_000
  )

  for (const [percent, bound] of [
    [5, 7_000],
    [20, 10_000]
  ] as const) {
    it.live(
      `${percent} % of all: nobody is down for it, and a node that dies silently is`,
      inNamespaces(
        Effect.gen(function* () {
          const { fleet, network } = yield* formed(nodes)
          yield* network.lose(percent / 100)
          yield* Effect.sleep(afterwards)
          yield* fleet.reported
          for (const pair of pairs(fleet.live, fleet.live)) assert.notMatch(tell(pair), /Down|Left/)
          const [victim, ...survivors] = fleet.live as [NodeProcess, ...Array<NodeProcess>]
          const observed = pairs(survivors, [victim])
          const cut = now()
          yield* network.cut(seatOf(fleet, victim))
          yield* fleet.kill(victim)
          yield* fleet.expect("Down at every survivor", () => allSaw(observed, "Down", cut), 30_000)
          yield* fleet.reported
          assertStories(observed, /^Up .*Down:timeout$/)
          assertMostWithin(delays(observed, "Down", cut), observed.length, bound)
          for (const pair of pairs(survivors, survivors)) assert.notMatch(tell(pair), /Down|Left/)
          for (const { observer, subject } of observed) assert.isFalse(sees(observer, subject))
        })
      ),
      90_000
    )
  }
})
