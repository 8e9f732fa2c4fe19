/**
 * What a scenario is.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Fleet, makeFleet } from "../harness/fleet.ts"
import type { NodeProcess } from "../harness/nodeProcess.ts"
import { type HarnessError, loopbackSeats, type Seat } from "../harness/seats.ts"
import type { Row } from "../report/rows.ts"

/** What a scenario is played with. */
export interface Stage {
  readonly nodes: number
  /** Tells whoever waits how far it is. */
  readonly progress: (text: string) => void
}

/** One fault, or its absence, and what it is measured by. */
export interface Scenario {
  readonly name: string
  readonly about: string
  /** Whether it needs namespaces of its own to lose packets in. */
  readonly namespaces?: true
  readonly play: (stage: Stage) => Effect.Effect<ReadonlyArray<Row>, HarnessError, Scope.Scope>
}

/** A fleet on loopback. */
export const loopbackFleet = (nodes: number) => Effect.flatMap(loopbackSeats(nodes), makeFleet)

/** Where a node lives. */
export const seatOf = (fleet: Fleet, life: NodeProcess): Seat =>
  fleet.seats.find(({ name }) => name === life.name) as Seat
