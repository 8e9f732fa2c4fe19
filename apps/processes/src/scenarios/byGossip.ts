import * as Effect from "effect/Effect"
import { now } from "../clock.ts"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import { makeNetwork } from "../harness/namespaces.ts"
import { freeUdpPort } from "../harness/nameServer.ts"
import { loopbackSeats } from "../harness/seats.ts"
import { pairs } from "../harness/stories.ts"
import { amount, times, unexpected } from "../report/rows.ts"
import { cameIn, meshes, newcomer, trio } from "./alone.ts"
import type { Scenario } from "./scenario.ts"

const runs = 20

/** The longest that libcluster took on the BEAM, 98 and 467 ms; the first one rounded, as it was promised. */
const meshWithin = { "one after the other": 100, "all at once": 467 }

/** Longer than a peer is remembered of which nothing is heard, 30 s. */
const blockedMillis = 40_000

/** The longest pause between two beacons is 5 s. */
const backWithin = 6_000

const port = 45_892

/** Loopback alone: nothing is sent to a network. */
export const loopbackGroup = "127.0.0.1"

/** Nodes in a group of this host. */
export const groupFleet = Effect.gen(function* () {
  const finding = { by: "gossip", port: yield* freeUdpPort, multicastIf: loopbackGroup } as const
  const fleet: Fleet = yield* makeFleet(yield* loopbackSeats(trio), finding)
  return { fleet, finding }
})

const bridged = Effect.fnUntraced(function* (nodes: number) {
  const network = yield* makeNetwork(nodes)
  const fleet: Fleet = yield* makeFleet(network.seats, { by: "gossip", port, multicastIf: "eth0" })
  return { network, fleet }
})

/** The nodes say that they are there. */
export const byGossip: Scenario = {
  name: "by-gossip",
  about: "three nodes of one host that find each other by gossip alone",
  play: ({ progress }) =>
    meshes(
      runs,
      Effect.map(groupFleet, ({ fleet }) => fleet),
      meshWithin,
      progress
    )
}

const blocked = Effect.fnUntraced(function* (progress: (text: string) => void) {
  const { fleet, network } = yield* bridged(trio + 1)
  yield* fleet.seat(fleet.seats.slice(0, trio))
  yield* fleet.mesh
  const { live } = fleet
  progress(`multicast blocked for ${blockedMillis / 1_000} s`)
  yield* Effect.forEach(fleet.seats, (seat) => network.deafen(seat, port), { discard: true })
  yield* fleet.seat(fleet.seats.slice(trio))
  yield* Effect.sleep(blockedMillis)
  yield* fleet.reported
  const { fourth, ways } = newcomer(fleet)
  const early = fourth.stories.size
  progress("multicast comes through again")
  yield* Effect.forEach(fleet.seats, network.heal, { discard: true })
  const joined = yield* cameIn(fleet, ways, now())
  return [
    unexpected("multicast blocked and back: events among the three", pairs(live, live), /^Up$/),
    amount("multicast blocked: whom a fourth node finds that starts meanwhile", early, "", 0),
    times("multicast back: the fourth and the others see each other", joined, ways.length, { max: backWithin })
  ]
})

/** The nodes say that they are there, in a network where that can be lost. */
export const gossipNet: Scenario = {
  name: "gossip-net",
  about: "the same, a namespace for each on one bridge; multicast blocked for 40 s and back",
  namespaces: true,
  play: Effect.fnUntraced(function* ({ progress }) {
    const formed = yield* meshes(
      runs,
      Effect.map(bridged(trio), ({ fleet }) => fleet),
      meshWithin,
      progress
    )
    return [...formed, ...(yield* blocked(progress))]
  })
}
