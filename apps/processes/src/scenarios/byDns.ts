import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import { makeNameServer, type NameServer } from "../harness/nameServer.ts"
import { loopbackSeats } from "../harness/seats.ts"
import { pairs } from "../harness/stories.ts"
import { amount, times, unexpected } from "../report/rows.ts"
import { cameIn, meshes, newcomer, trio } from "./alone.ts"
import type { Scenario } from "./scenario.ts"

const runs = 20

/** Nobody promised less, in milliseconds. */
const meshWithin = { "one after the other": 1_000, "all at once": 1_000 }

/** More than two looks, which fail. */
const outageMillis = 13_000

/** The longest pause between two looks is 6 s. */
const backWithin = 7_000

/** A server that has all nodes, and nodes that do not run yet. */
export const listedFleet = Effect.fnUntraced(function* (kind: "real" | "scripted") {
  const server = yield* makeNameServer(kind)
  const seats = yield* loopbackSeats(trio)
  yield* server.serve(seats)
  return yield* makeFleet(seats, server.finding)
})

const outage = Effect.fnUntraced(function* (server: NameServer, progress: (text: string) => void) {
  const seats = yield* loopbackSeats(trio + 1)
  const first = seats.slice(0, trio)
  yield* server.serve(first)
  const fleet: Fleet = yield* makeFleet(seats, server.finding)
  yield* fleet.seat(first)
  yield* fleet.mesh
  const { live } = fleet
  progress(`${server.program} killed`)
  yield* server.kill
  yield* fleet.seat(seats.slice(trio))
  yield* Effect.sleep(outageMillis)
  yield* fleet.reported
  const { fourth, ways } = newcomer(fleet)
  const early = fourth.stories.size
  progress(`${server.program} back`)
  yield* server.serve(seats)
  const joined = yield* cameIn(fleet, ways, now())
  return [
    unexpected(`${server.program} killed and back: events among the three`, pairs(live, live), /^Up$/),
    amount("name server gone: whom a fourth node finds that starts meanwhile", early, "", 0),
    times("name server back: the fourth and the others see each other", joined, ways.length, { max: backWithin })
  ]
})

/** The nodes are the services of a name. */
export const byDns: Scenario = {
  name: "by-dns",
  about: "three nodes that find each other by DNS alone; the name server killed and back",
  play: Effect.fnUntraced(function* ({ progress }) {
    const server = yield* makeNameServer("real")
    progress(`the name server is ${server.program}`)
    const formed = yield* meshes(runs, listedFleet("real"), meshWithin, progress)
    return [...formed, ...(yield* outage(server, progress))]
  })
}
