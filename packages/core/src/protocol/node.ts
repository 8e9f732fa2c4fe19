import type { CodeName, Decision } from "./decisions.ts"
import type { Backoff, DetectorFigures } from "./figures.ts"
import type { Identity } from "./identity.ts"
import type { LinkFrame } from "./linkFrames.ts"
import type { Metadata } from "./metadata.ts"

/** What becomes of a peer that discovery no longer lists: stay connected without redialing, or part, at once or later (ms). */
export type OnRemoved = "keep" | "disconnect" | { readonly disconnectAfter: number }

/** How a node behaves; times in milliseconds. */
export interface NodeOptions {
  readonly figures: DetectorFigures
  /** `never` dials each peer once. */
  readonly reconnect: Backoff | "never"
  /** Infinity when sources look once. */
  readonly refreshInterval: number
  readonly onRemoved: OnRemoved
  readonly peerExchange: boolean
  /** Members beyond self at the same time. */
  readonly maxMembers: number
  /** The protocols of addresses that can be dialed from here. Default: all. */
  readonly protocols?: ReadonlyArray<string> | undefined
}

/** What a node knows of a member, as events and snapshots show it. */
export interface MemberView {
  readonly name: string
  readonly instance: string
  readonly generation: number
  readonly addresses: ReadonlyArray<string>
  readonly metadata: Metadata
  readonly appVersion?: string | undefined
  readonly state: MemberState
}

/** GC/1 section 5. `removed` is no state here: the record is gone. */
export type MemberState = "alive" | "suspect" | "unreachable" | "down" | "left"

/** Why a member went down. */
export type DownReason = "closed" | "timeout" | "restarted" | "disconnected"

/** A membership event, with the member as it is after it. */
export type MemberEvent =
  | {
      readonly _tag: "Up" | "Updated" | "Suspected" | "Recovered" | "Unreachable" | "Reachable" | "Left" | "Removed"
      readonly member: MemberView
    }
  | { readonly _tag: "Down"; readonly member: MemberView; readonly reason: DownReason }
  | { readonly _tag: "NameConflict"; readonly member: MemberView; readonly instance: string }

/** A peer as a discovery source names it: an address, a name, or both; both canonical. */
export interface SeenPeer {
  readonly address?: string
  readonly name?: string
}

/** Why a dial came to nothing before a WELCOME: nothing listens there (ECONNREFUSED), the stream was cut, or anything else. */
export type DialFailure = "refused" | "reset" | "failed"

/** How long a link was silent in both directions, as the shell saw it last. Milliseconds since 1970. */
export interface LinkActivity {
  readonly link: number
  readonly heardAt: number
  readonly sentAt: number
}

/** Everything that can happen to a node. */
export type Input =
  /** The time asked for with `wakeAt` has come. */
  | { readonly _tag: "Wake"; readonly activity: ReadonlyArray<LinkActivity> }
  /** Everything that had arrived when `Breathe` was asked for has been given in. */
  | { readonly _tag: "Breathed"; readonly activity: ReadonlyArray<LinkActivity> }
  /** A source looked well: its whole set. */
  | { readonly _tag: "Look"; readonly source: string; readonly peers: ReadonlyArray<SeenPeer> }
  /** A source failed to look: what it said before stands, and no time passes for peers that were absent from it. */
  | { readonly _tag: "LookFailed"; readonly source: string }
  | { readonly _tag: "DialFailed"; readonly dial: number; readonly failure: DialFailure }
  /** An unauthenticated REJECT. */
  | { readonly _tag: "DialRejected"; readonly dial: number; readonly code: number; readonly retryAfterMs: number }
  /** The other side's identity and decision are authentic; the answer is a `Verdict` when the decision is 0. */
  | {
      readonly _tag: "Welcomed"
      readonly dial: number
      readonly link: number
      readonly peer: Identity
      readonly decision: number
      readonly retryAfterMs: number
    }
  /** Somebody dialed in and is authentic; the answer is a `Verdict`. */
  | { readonly _tag: "Authenticated"; readonly link: number; readonly peer: Identity }
  /** READY came on a link that this node accepted. */
  | { readonly _tag: "Ready"; readonly link: number; readonly decision: number; readonly knownGeneration: number }
  /** A control frame: anything but CHANNEL, CREDIT and DATA; from an observer those, too. */
  | { readonly _tag: "Frame"; readonly link: number; readonly frame: LinkFrame }
  /** The stream ended, in a handshake or after. */
  | { readonly _tag: "LinkClosed"; readonly link: number }
  | { readonly _tag: "Connect"; readonly request: number; readonly peer: SeenPeer }
  | { readonly _tag: "Disconnect"; readonly name: string }
  | { readonly _tag: "UpdateMetadata"; readonly metadata: Metadata }
  | { readonly _tag: "Leave" }

/** Why `connect` came to nothing. */
export type ConnectFailure = Exclude<DialFailure, "reset"> | CodeName | "leaving" | "self" | "unknown"

/** Everything that a node wants done. */
export type Output =
  /** Dial the address, or whatever the name resolves to, and run the handshake with this attempt number. */
  | {
      readonly _tag: "Dial"
      readonly dial: number
      readonly attempt: number
      readonly address: string | undefined
      readonly name: string | undefined
    }
  | { readonly _tag: "CancelDial"; readonly dial: number }
  /** The decision for WELCOME (after `Authenticated`) or READY (after `Welcomed`). */
  | {
      readonly _tag: "Verdict"
      readonly link: number
      readonly decision: Decision
      readonly retryAfterMs: number
      readonly knownGeneration: number
    }
  | { readonly _tag: "Send"; readonly link: number; readonly frame: LinkFrame }
  /** Write out what is waiting, then close. */
  | { readonly _tag: "Close"; readonly link: number }
  /** From now on data for this node goes over this link. */
  | { readonly _tag: "Current"; readonly link: number; readonly name: string; readonly instance: string }
  /** Write no more; read to the end, or for 1 s. */
  | { readonly _tag: "Retire"; readonly link: number }
  | { readonly _tag: "Event"; readonly event: MemberEvent }
  /** From now on the members are told over this link, those that are there first. */
  | { readonly _tag: "Observe"; readonly link: number }
  /** Give in everything that has arrived (two `setImmediate` passes), then `Breathed`. */
  | { readonly _tag: "Breathe" }
  | { readonly _tag: "Connected"; readonly request: number; readonly name: string }
  | { readonly _tag: "ConnectFailed"; readonly request: number; readonly reason: ConnectFailure }
  | {
      readonly _tag: "Log"
      readonly level: "debug" | "info" | "warning"
      readonly text: string
      readonly fields: Readonly<Record<string, string | number>>
    }

/**
 * What this node is. `generation` may rise when its clock went back (GC/1 section 1); `addresses` may be others after its
 * listener broke and was opened anew.
 */
export interface Self {
  readonly cluster: string
  readonly name: string
  readonly instance: string
  generation: number
  addresses: ReadonlyArray<string>
  readonly capabilities: bigint
  readonly appVersion?: string
}
