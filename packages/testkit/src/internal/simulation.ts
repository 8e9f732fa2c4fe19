import type * as Transport from "@gc/core/Transport"
import type { Endpoint } from "./endpoint.ts"
import type { MemoryListener } from "./memoryListener.ts"
import type { Paths } from "./paths.ts"
import type { Timeline } from "./timeline.ts"

/** One thing that happened in a simulated network. */
export interface NetworkEvent {
  /** Milliseconds of the network's clock. */
  readonly at: number
  readonly event:
    | "listening"
    | "dialing"
    | "refused"
    | "connected"
    | "sent"
    | "arrived"
    | "lost"
    | "closed"
    | "reset"
    | "partition"
    | "heal"
    | "blackhole"
    | "loss"
    | "latency"
    | "cut"
    | "pause"
    | "resume"
    | "kill"
    | "restart"
  /** An address where there is one, else a host; empty when the event is about neither. */
  readonly from: string
  readonly to: string
  /** Bytes on the wire, length prefixes included; 0 where there are none. */
  readonly bytes: number
}

/** A host: what SIGSTOP, SIGKILL and a start do to one. */
export interface Machine {
  readonly name: string
  readonly listeners: Map<number, MemoryListener>
  readonly dials: Set<{ readonly fail: (reason: Transport.TransportReason) => void; readonly wake: () => void }>
  /** Timers of its clock that were due while it was stopped. */
  readonly sleepers: Set<() => void>
  paused: boolean
  up: boolean
  portsTaken: number
}

/** What the parts of a simulated network share. */
export interface Simulation {
  readonly timeline: Timeline
  readonly paths: Paths
  /** Bytes in flight and unread that a sender may have before it waits. */
  readonly window: number
  /** The ends of connections that nobody has closed. */
  readonly endpoints: Set<Endpoint>
  readonly machine: (name: string) => Machine
  readonly isKnown: (name: string) => boolean
  readonly note: (event: Omit<NetworkEvent, "at">) => void
}
