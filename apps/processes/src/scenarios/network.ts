import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import { makeNetwork } from "../harness/namespaces.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { allSaw, delays, type Pair, pairs, sees } from "../harness/stories.ts"
import { amount, occurrences, type Row, times, unexpected } from "../report/rows.ts"
import { type Scenario, seatOf, type Stage } from "./scenario.ts"

/** A network and its nodes, which know each other. */
const formed = Effect.fnUntraced(function* (nodes: number) {
  const network = yield* makeNetwork(nodes)
  const fleet = yield* makeFleet(network.seats)
  yield* fleet.form
  return { network, fleet }
})

/** Waits until everybody is back with this node; gives how long that took each. */
const reunited = Effect.fnUntraced(function* (fleet: Fleet, healed: number, apart: ReadonlyArray<Pair>) {
  yield* fleet.waitUntil(() => apart.every(({ observer, subject }) => sees(observer, subject)), 60_000)
  yield* fleet.reported
  return apart.flatMap((pair) =>
    sees(pair.observer, pair.subject) ? [(pair.observer.story(pair.subject).at(-1)?.at ?? now()) - healed] : []
  )
})

/** Both ways: `a` and `b` in each other's place too. */
const bothWays = (one: ReadonlyArray<Pair>): ReadonlyArray<Pair> =>
  one.flatMap(({ observer, subject }) => [
    { observer, subject },
    { observer: subject, subject: observer }
  ])

/** All packets of a node are lost, and later come through again. */
export const blackhole: Scenario = {
  name: "blackhole",
  about: "every packet of one node dropped, both ways; then healed",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(nodes)
    const [downs, backs]: [Array<number>, Array<number>] = [[], []]
    const told: Array<Pair> = []
    for (const victim of fleet.live.slice(1, 3)) {
      progress(`cut ${victim.name}`)
      const observed = pairs(fleet.live, [victim])
      const cut = now()
      yield* network.cut(seatOf(fleet, victim))
      yield* fleet.waitUntil(() => allSaw(bothWays(observed), "Down", cut), 30_000)
      downs.push(...delays(observed, "Down", cut))
      told.push(...observed)
      progress(`heal ${victim.name}`)
      const healed = now()
      yield* network.heal(seatOf(fleet, victim))
      backs.push(...(yield* reunited(fleet, healed, bothWays(observed))))
    }
    const spared = fleet.live.filter((life) => told.every(({ subject }) => subject !== life))
    const ofVictims = told.filter(({ observer }) => spared.includes(observer))
    return [
      times("Down at each other, from the cut", downs, told.length, { p99: 6_600 }),
      unexpected("other stories of the one cut off than one Down, one Up", ofVictims, /^Up Suspected Down:timeout Up$/),
      unexpected("events among the others", pairs(spared, spared), /^Up$/),
      times("everybody alive again, from healing", backs, 2 * told.length, { p50: 10_000, p99: 35_000 })
    ]
  })
}

/** How long a one-way link is watched after both sides have noticed: what would go down has done so. */
const watched = 15_000

/** Packets from one node to another are lost. */
export const oneWay: Scenario = {
  name: "one-way",
  about: "every packet from one node to another dropped, the other direction not; then healed",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ nodes, progress }) {
    const { fleet, network } = yield* formed(Math.max(nodes, 3))
    const [unreachable, backs]: [Array<number>, Array<number>] = [[], []]
    const apart: Array<Pair> = []
    const { live } = fleet
    for (const [from, to] of [
      [live[0], live[1]],
      [live.at(-1), live[2]]
    ] as ReadonlyArray<readonly [NodeProcess, NodeProcess]>) {
      if (from === to) continue
      progress(`drop what ${from.name} sends to ${to.name}`)
      const both = bothWays([{ observer: from, subject: to }])
      const cut = now()
      yield* network.oneWay(seatOf(fleet, from), seatOf(fleet, to))
      yield* fleet.waitUntil(() => allSaw(both, "Unreachable", cut), 30_000)
      unreachable.push(...delays(both, "Unreachable", cut))
      yield* Effect.sleep(watched)
      apart.push(...both)
      const healed = now()
      yield* network.heal(seatOf(fleet, to))
      backs.push(...(yield* reunited(fleet, healed, both)))
    }
    const others = pairs(live, live).filter(
      ({ observer, subject }) => !apart.some((each) => each.observer === observer && each.subject === subject)
    )
    return [
      times("Unreachable at both, from the loss", unreachable, apart.length, { max: 8_000 }),
      occurrences("Down anywhere", pairs(live, live), /^Down/, 0),
      unexpected("other stories of the two than Unreachable, Reachable", apart, /^Up Suspected Unreachable Reachable$/),
      unexpected("events among the others", others, /^Up$/),
      times("Reachable at both, from healing", backs, apart.length, { p99: 35_000 })
    ]
  })
}

/** How long packets are lost before somebody dies. */
const lossyMillis = 60_000

const playLoss = (part: number, deathWithin: number) =>
  Effect.fnUntraced(function* ({ nodes, progress }: Stage) {
    const { fleet, network } = yield* formed(nodes)
    yield* network.lose(part)
    progress(`${lossyMillis / 1_000} s of loss`)
    yield* Effect.sleep(lossyMillis)
    yield* fleet.reported
    const { live } = fleet
    const before = pairs(live, live)
    const rows: Array<Row> = [
      occurrences(`false Down in ${lossyMillis / 1_000} s`, before, /^Down/, 0),
      occurrences("Suspected", before, /^Suspected/),
      occurrences("Unreachable", before, /^Unreachable/)
    ]
    const [killed, silenced] = live.slice(1, 3) as [NodeProcess, NodeProcess]
    const survivors = live.filter((life) => life !== killed && life !== silenced)
    progress("SIGKILL")
    const ofKilled = pairs(survivors, [killed])
    const killedAt = yield* fleet.kill(killed)
    yield* fleet.waitUntil(() => allSaw(ofKilled, "Down", killedAt), 40_000)
    rows.push(
      times("Down of a killed node at each survivor", delays(ofKilled, "Down", killedAt), ofKilled.length, {
        p99: deathWithin
      })
    )
    progress("silent death")
    const ofSilenced = pairs(survivors, [silenced])
    const cut = now()
    yield* network.cut(seatOf(fleet, silenced))
    yield* fleet.kill(silenced)
    yield* fleet.waitUntil(() => allSaw(ofSilenced, "Down", cut), 40_000)
    rows.push(
      times("Down of a node that died silently", delays(ofSilenced, "Down", cut), ofSilenced.length, {
        p99: deathWithin
      }),
      occurrences("false Down until the end", pairs(survivors, survivors), /^Down/, 0)
    )
    const counts = survivors.length
    yield* fleet.account(survivors)
    const dials = survivors.reduce((sum, { usage }) => sum + (usage?.usage.counters["dials"] ?? 0), 0)
    rows.push(amount("dials a node", dials / counts, ""))
    return rows
  })

/** Some packets of everybody are lost. */
export const loss5: Scenario = {
  name: "loss-5",
  about: "5 % of all packets dropped; then a node is killed, and one dies silently",
  namespaces: true,
  play: playLoss(0.05, 7_000)
}

/** Many packets of everybody are lost. */
export const loss20: Scenario = {
  name: "loss-20",
  about: "20 % of all packets dropped; then a node is killed, and one dies silently",
  namespaces: true,
  play: playLoss(0.2, 10_000)
}
