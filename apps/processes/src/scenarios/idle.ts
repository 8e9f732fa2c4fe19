import * as Effect from "effect/Effect"
import { type Fleet, makeFleet, peerOf } from "../harness/fleet.ts"
import { type Cell, makeCell, unavailable } from "../harness/namespaces.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { loopbackSeats } from "../harness/seats.ts"
import { amount, type Row } from "../report/rows.ts"
import type { Scenario, Stage } from "./scenario.ts"

/** After the start until it is measured: everybody has told everybody whom it knows. */
const restMillis = 12_000

/** How long is measured. */
const windowMillis = 20_000

/** What TLS 1.3 adds to each write: a head of 5 bytes, the type of the content, a tag of 16. */
const recordBytes = 22

/** Nodes beyond the measured one live in so many processes. */
const crowdProcesses = 4

/** Nobody is looked for. */
const none = { by: "static", peers: [] } as const

const mebibyte = 1_048_576

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, each) => sum + each, 0) / values.length

/** Where traffic is only the scenario's, if the machine allows that. */
const cell: Effect.Effect<
  Effect.Success<typeof makeCell> | undefined,
  Effect.Error<typeof makeCell>,
  Effect.Services<typeof makeCell>
> = Effect.flatMap(unavailable, (reason) => (reason === undefined ? makeCell : Effect.succeed(undefined)))

/** The memory of a process that only loaded Effect, from what an earlier one has compiled, as the nodes do. */
const bareMemory = Effect.fnUntraced(function* (fleet: Fleet) {
  const first = fleet.spawn(fleet.seats[0] as (typeof fleet.seats)[number], "bare")
  yield* fleet.expect("a bare process", () => first.ready)
  first.dismiss()
  yield* fleet.expect("the end of a bare process", () => first.hasEnded)
  const bare = fleet.spawn(fleet.seats[0] as (typeof fleet.seats)[number], "bare")
  yield* fleet.expect("a bare process", () => bare.ready)
  bare.configure({ cluster: "", cookie: "", nodes: [], finding: none, peerExchange: false, events: false })
  yield* fleet.expect("a bare process", () => bare.listeningAt !== undefined)
  yield* Effect.sleep(restMillis)
  yield* fleet.account([bare])
  const rss = bare.usage?.usage.rssBytes ?? 0
  bare.dismiss()
  return rss
})

/** Measures nodes that have nothing to do. */
const measure = Effect.fnUntraced(function* (
  label: string,
  peers: number,
  {
    fleet,
    members,
    place,
    bareRss
  }: {
    readonly fleet: Fleet
    readonly members: ReadonlyArray<NodeProcess>
    readonly place: Cell | undefined
    readonly bareRss: number
  }
) {
  yield* Effect.sleep(restMillis)
  const readBytes = place === undefined ? Effect.succeed(0) : place.bytes
  yield* fleet.account(members)
  const first = members.flatMap(({ usage }) => usage ?? [])
  const bytesBefore = yield* readBytes
  yield* Effect.sleep(windowMillis)
  yield* fleet.account(members)
  const wire = (yield* readBytes) - bytesBefore
  const last = members.flatMap(({ usage }) => usage ?? [])
  const each = (rate: (index: number) => number): ReadonlyArray<number> => members.map((_, index) => rate(index))
  const seconds = (index: number) => ((last[index]?.at ?? 0) - (first[index]?.at ?? 0)) / 1_000
  const grown = (index: number, key: "cpuMillis" | "frames" | "frameBytes" | "writes") =>
    (last[index]?.usage[key] ?? 0) - (first[index]?.usage[key] ?? 0)
  const cpu = each((index) => grown(index, "cpuMillis") / 10 / seconds(index))
  const memory = each((index) => (last[index]?.usage.rssBytes ?? 0) / mebibyte)
  const messages = each((index) => grown(index, "frames") / seconds(index))
  const bytes = each((index) => (grown(index, "frameBytes") + recordBytes * grown(index, "writes")) / seconds(index))
  const rows: Array<Row> = [
    amount(`${label}: CPU, mean`, mean(cpu), "%"),
    amount(`${label}: memory (RSS), mean`, mean(memory), "MiB"),
    amount(`${label}: of that beyond a process that only loaded Effect`, mean(memory) - bareRss / mebibyte, "MiB"),
    amount(`${label}: messages sent`, mean(messages), "/s", 1.2 * peers),
    amount(`${label}: bytes sent, TLS included`, mean(bytes), "B/s", 150 * peers)
  ]
  return { rows, wire: wire / (windowMillis / 1_000) }
})

const mesh = Effect.fnUntraced(function* (nodes: number, { progress }: Stage) {
  const place = yield* cell
  const fleet = yield* makeFleet(yield* loopbackSeats(nodes, place?.prefix))
  progress(`a mesh of ${nodes}`)
  const bareRss = yield* bareMemory(fleet)
  yield* fleet.form
  progress(`measuring ${nodes} nodes`)
  const { rows, wire } = yield* measure(`${nodes} nodes`, nodes - 1, { fleet, members: fleet.live, place, bareRss })
  const onWire =
    place === undefined
      ? []
      : [
          amount(
            `${nodes} nodes: bytes sent, TCP and IP and their ACKs included`,
            wire / nodes,
            "B/s",
            150 * (nodes - 1)
          )
        ]
  return [...rows, ...onWire]
}, Effect.scoped)

/**
 * One node with all others as its peers; those know only it. Its cost is that of a node in a mesh of so many, without what the
 * other pairs would cost the machine.
 */
const star = Effect.fnUntraced(function* (nodes: number, { progress }: Stage) {
  const place = yield* cell
  const seats = yield* loopbackSeats(nodes, place?.prefix)
  const fleet = yield* makeFleet(seats)
  progress(`one node with ${nodes - 1} peers`)
  const bareRss = yield* bareMemory(fleet)
  const [hub, ...rest] = seats as [(typeof seats)[number], ...typeof seats]
  const [center, ...crowds] = (yield* fleet.prepare(seats.slice(0, 1 + crowdProcesses))) as [
    NodeProcess,
    ...Array<NodeProcess>
  ]
  const used = Effect.map(fleet.account([center]), () => center.usage?.usage.cpuMillis ?? 0)
  fleet.join(center, hub, none)
  yield* fleet.expect("a node that listens", () => center.listening === 1)
  const before = yield* used
  for (const [index, crowd] of crowds.entries()) {
    fleet.joinCrowd(
      crowd,
      rest.filter((_, place) => place % crowdProcesses === index),
      [peerOf(hub)]
    )
  }
  yield* fleet.expect(`${nodes - 1} peers`, () => center.stories.size === nodes - 1)
  const accepting = amount(
    `1 of ${nodes}: CPU of a handshake, on the accepting side`,
    ((yield* used) - before) / (nodes - 1),
    "ms"
  )
  progress(`measuring one node with ${nodes - 1} peers`)
  const { rows } = yield* measure(`1 of ${nodes}`, nodes - 1, { fleet, members: [center], place, bareRss })
  return [...rows, accepting]
}, Effect.scoped)

/** What it costs to be a member and do nothing. */
export const idle: Scenario = {
  name: "idle",
  about: "what a node costs that has nothing to do: meshes of N and 50, and one node with 199 peers",
  play: Effect.fnUntraced(function* (stage) {
    const sizes = [...new Set([stage.nodes, 50])].toSorted((a, b) => a - b)
    const rows: Array<Row> = []
    for (const size of sizes) rows.push(...(yield* mesh(size, stage)))
    return [...rows, ...(yield* star(200, stage))]
  })
}
