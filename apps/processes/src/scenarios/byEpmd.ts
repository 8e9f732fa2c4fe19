import { Client } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { freePort, HarnessError, loopbackSeats } from "../harness/seats.ts"
import { allSaw, type Pair, pairs, short } from "../harness/stories.ts"
import { type Row, times, unexpected } from "../report/rows.ts"
import { cameIn, merged, meshes, newcomer, trio } from "./alone.ts"
import type { Scenario } from "./scenario.ts"

const runs = 20

const rounds = 5

/** Nobody promised less, in milliseconds. */
const meshWithin = { "one after the other": 1_000, "all at once": 1_000 }

/** All are registered again, and then the longest pause between two looks is 6 s. */
const registeredWithin = 5_000
const backWithin = 12_000

/** Nodes without an epmd at this port: the first one serves. */
const portedFleet = Effect.fnUntraced(function* (nodes: number) {
  const port = yield* freePort
  const fleet: Fleet = yield* makeFleet(yield* loopbackSeats(nodes), { by: "epmd", port })
  return { fleet, port }
})

/** Asks until these nodes, and nobody else, are registered. */
export const registered = (port: number, nodes: ReadonlyArray<NodeProcess>): Effect.Effect<void, HarnessError> => {
  const wanted = nodes.map(({ name }) => short(name)).toSorted()
  const look = Client.names("127.0.0.1", { port }).pipe(
    Effect.map((listed) => listed.map(({ name }) => name).toSorted()),
    Effect.catch(() => Effect.succeed<ReadonlyArray<string>>([]))
  )
  const until: Effect.Effect<void> = Effect.flatMap(look, (names) =>
    names.join(" ") === wanted.join(" ") ? Effect.void : Effect.andThen(Effect.sleep(20), until)
  )
  return Effect.timeoutOrElse(until, {
    duration: "60 seconds",
    orElse: () => Effect.fail(new HarnessError({ what: `waited 60 s until epmd lists ${wanted.join(", ")}` }))
  })
}

/** Three nodes, of which the first one, alone at its start, serves as the epmd. */
export const served = Effect.fnUntraced(function* (nodes: number) {
  const { fleet, port } = yield* portedFleet(nodes)
  yield* fleet.seat(fleet.seats.slice(0, 1))
  const holder = fleet.live[0] as NodeProcess
  yield* fleet.expect("a node that listens", () => holder.listeningAt !== undefined)
  yield* registered(port, [holder])
  yield* fleet.seat(fleet.seats.slice(1, trio))
  yield* fleet.mesh
  yield* registered(port, fleet.live)
  return { fleet, holder, port }
})

const takeover = Effect.gen(function* () {
  const { fleet, holder, port } = yield* served(trio + 1)
  const survivors = fleet.live.slice(1)
  const [fourth] = (yield* fleet.prepare(fleet.seats.slice(trio))) as [NodeProcess]
  const ended = pairs(survivors, [holder])
  const killed = yield* fleet.kill(holder)
  fleet.join(fourth, fleet.seats[trio]!)
  yield* registered(port, fleet.live)
  const again = now() - killed
  const { ways } = newcomer(fleet)
  const joined = yield* cameIn(fleet, ways, killed)
  yield* fleet.waitUntil(() => allSaw(ended, "Down", killed), 15_000)
  yield* fleet.reported
  const events = unexpected("epmd's holder killed: events among the living", pairs(survivors, survivors), /^Up$/)
  const of = unexpected(
    "epmd's holder killed: other stories of it than one Down (closed)",
    ended,
    /^Up (Suspected )?Down:closed$/
  )
  return { again, joined, ways, events, of }
})

/** The nodes are registered at an epmd that one of them serves. */
export const byEpmd: Scenario = {
  name: "by-epmd",
  about: "three nodes that find each other by epmd alone, without Erlang; the one that serves killed",
  play: Effect.fnUntraced(function* ({ progress }) {
    const empty = Effect.map(portedFleet(trio), ({ fleet }) => fleet)
    const formed = yield* meshes(runs, empty, meshWithin, progress)
    const again: Array<number> = []
    const joined: Array<number> = []
    const of: Array<Row> = []
    const events: Array<Row> = []
    const ways: Array<Pair> = []
    for (let round = 1; round <= rounds; round++) {
      progress(`holder killed, round ${round} of ${rounds}`)
      const seen = yield* Effect.scoped(takeover)
      again.push(seen.again)
      joined.push(...seen.joined)
      of.push(seen.of)
      events.push(seen.events)
      ways.push(...seen.ways)
    }
    return [
      ...formed,
      times("epmd's holder killed: all registered again", again, rounds, { max: registeredWithin }),
      ...merged(events),
      ...merged(of),
      times("a fourth started at the kill: it and the others see each other", joined, ways.length, { max: backWithin })
    ]
  })
}
