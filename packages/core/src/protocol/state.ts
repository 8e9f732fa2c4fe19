import { limits, tickOf } from "./figures.ts"
import type { Identity } from "./identity.ts"
import type { PeerEntry } from "./linkFrames.ts"
import { type Metadata, noMetadata } from "./metadata.ts"
import type { DownReason, MemberState, NodeOptions, Output, Self } from "./node.ts"
import type { ObserverRecord } from "./observers.ts"
import { makeRandom, type Random } from "./random.ts"

/** A member, or one that was. One record a name: that of its latest known life. */
export interface MemberRecord {
  readonly name: string
  readonly instance: string
  generation: number
  addresses: ReadonlyArray<string>
  metadata: Metadata
  metaVersion: number
  readonly appVersion: string | undefined
  state: MemberState
  downReason: DownReason | undefined
  /** `Suspected` or `Unreachable` was said, and neither `Recovered` nor `Reachable` since. */
  doubted: boolean
  /** When the last byte of it came, over whichever current link. */
  heardAt: number
  /** Since when there is no current link. */
  lostAt: number | undefined
  /** The redial right after a lost link, on every known address. */
  probe: Probe | undefined
  probedAt: number
  /** When a witness last heard it, by this node's clock. */
  vouchedAt: number
  /** Until when `unreachable` lasts without another valid vouch. */
  vouchedUntil: number
  witnessedClosed: boolean
  askedAt: number
  endedAt: number
  /** HEARTBEATs in a row that said that nothing of ours arrives. */
  oneWayReports: number
  /** One direction between us is known to be lost: a witness's word is enough for `unreachable`. */
  oneWay: boolean
  disconnectAt: number | undefined
}

/** Addresses still to answer, and whether all that did said that nobody is there. */
export interface Probe {
  readonly pending: Set<string>
  /** Addresses that cut the stream once: a dying process lets go of its connections before its listener. */
  readonly retried: Set<string>
  conclusive: boolean
  done: boolean
}

/** An authenticated stream. It is `judged` until READY, `fresh` until it is current, and `retired` once replaced. */
export interface LinkRecord {
  readonly id: number
  readonly dial: number | undefined
  readonly initiator: "self" | "peer"
  readonly attempt: number
  readonly name: string
  readonly peer: Identity
  phase: "judged" | "fresh" | "current" | "retired"
  /** Since when it is in its phase. */
  since: number
  /** Since when it is or was in use. */
  upAt: number
  metaSeen: boolean
  /** The version of our metadata that went out last. */
  metaSent: number
  heardAt: number
  sentAt: number
  seq: number
  /** A question over the link itself whether it lives. */
  probe: { since: number; until: number } | undefined
  /** The instance that claims the same name and waits for the probe. */
  contender: string | undefined
  peersSentAt: number
  peersDirty: boolean
  /** What our PEERS said last. */
  told: ReadonlyArray<PeerEntry>
  /** What its PEERS said last. */
  reported: ReadonlyArray<PeerEntry>
}

/** A dial under way. */
export interface DialRecord {
  readonly id: number
  target: string
  readonly address: string | undefined
  readonly probe: boolean
  readonly attempt: number
  /** This node's own when it dialed. */
  readonly generation: number
  /** WELCOME came, and both sides agree so far. */
  linked: boolean
  /** When it began. */
  readonly since: number
}

/** Somebody to dial: known by its name, or by an address alone until a handshake tells the name. */
export interface TargetRecord {
  /** The name, or `@` and the address. */
  readonly key: string
  readonly name: string | undefined
  /** Addresses from discovery. */
  listed: ReadonlyArray<string>
  /** Addresses from its own handshake, or from neighbours. */
  told: ReadonlyArray<string>
  /** Addresses from `connect`. */
  asked: ReadonlyArray<string>
  /** Addresses where another node answered. */
  readonly wrong: Set<string>
  /** A source lists the name without an address. */
  nameless: boolean
  /** A discovery source lists it. */
  wanted: boolean
  /** It was listed and is no more. */
  removed: boolean
  /** Left alone until discovery says it anew, or somebody asks. */
  held: boolean
  dialed: boolean
  /** Dials under way. */
  inFlight: number
  failures: number
  nextAt: number
  kickedAt: number
  cursor: number
  /** `connect` calls that wait for it. */
  requests: Array<{ readonly id: number; tries: number }>
}

/** An entry of a discovery source. */
export interface SourceEntry {
  readonly address: string | undefined
  readonly name: string | undefined
  absentLooks: number
  absentSince: number | undefined
}

export interface SourceRecord {
  readonly entries: Map<string, SourceEntry>
  /** Looks in a row that would remove half or more. */
  shrinking: number
  shrinkingSince: number | undefined
}

/** A node that a neighbour is linked to. */
export interface CandidateRecord {
  readonly name: string
  instance: string
  generation: number
  addresses: ReadonlyArray<string>
  /** How many neighbours report it. */
  reports: number
  expiresAt: number | undefined
}

/** A question to a witness. */
export interface CheckRecord {
  readonly name: string
  readonly instance: string
}

/** The whole state of a node. `step` owns it: it is changed in place and must not be touched by anybody else. */
export interface NodeState {
  readonly options: NodeOptions
  readonly self: Self
  readonly random: Random
  phase: "running" | "leaving"
  /** Raised at every dial. */
  attempt: number
  nextDial: number
  nextNonce: number
  metadata: Metadata
  metaVersion: number
  /** How often the generation may still be raised in this life. */
  raises: number
  /** When somebody else was last said to carry this node's name. */
  conflictAt: number
  readonly members: Map<string, MemberRecord>
  /** Members that are neither down nor left. */
  live: number
  /** The name of each known instance. */
  readonly names: Map<string, string>
  readonly links: Map<number, LinkRecord>
  /** Who watches, by the number of the link. */
  readonly observers: Map<number, ObserverRecord>
  /** The link in use for each name. */
  readonly current: Map<string, LinkRecord>
  /** Handshakes that may still become a link, by name. */
  readonly pending: Map<string, number>
  readonly dials: Map<number, DialRecord>
  /** Probes that wait for a free place among the dials. */
  readonly probes: Array<{ readonly target: string; readonly address: string }>
  /** Members whose probe has just been answered. */
  readonly answered: Array<MemberRecord>
  /** Targets that something changed about: they may be due now. */
  readonly touched: Array<TargetRecord>
  /** Of the targets that are due and found no place: how few dials must be under way for the first of them. 0: none waits. */
  waiting: number
  nextDialAt: number
  /** What dials that became links took of late, in milliseconds, and when the last of them did. */
  readonly dialPace: { took: number; at: number }
  readonly targets: Map<string, TargetRecord>
  /** Which name answered at an address. */
  readonly bindings: Map<string, string>
  /** Addresses to leave alone, and until when. */
  readonly avoided: Map<string, number>
  readonly sources: Map<string, SourceRecord>
  readonly candidates: Map<string, CandidateRecord>
  readonly checks: Map<number, CheckRecord>
  readonly logged: Map<string, number>
  readonly counters: Map<string, number>
  readonly tick: number
  nextTick: number
  wakeAt: number
  /** Nothing is judged until `Breathed`. */
  breathing: boolean
  /** No `Down` before this time: the node itself was stalled. */
  noDownBefore: number
  outputs: Array<Output>
}

/** A node at its start. `seed` decides every jitter of its life. */
export const initial = (options: {
  readonly self: Self
  readonly options: NodeOptions
  readonly metadata?: Metadata
  readonly seed: number
  readonly now: number
}): NodeState => {
  const tick = tickOf(options.options.figures)
  return {
    options: options.options,
    self: options.self,
    random: makeRandom(options.seed),
    phase: "running",
    attempt: 0,
    nextDial: 1,
    nextNonce: 1,
    metadata: options.metadata ?? noMetadata,
    metaVersion: 1,
    raises: limits.raises,
    conflictAt: -Infinity,
    members: new Map(),
    live: 0,
    names: new Map(),
    links: new Map(),
    observers: new Map(),
    current: new Map(),
    pending: new Map(),
    dials: new Map(),
    probes: [],
    answered: [],
    touched: [],
    waiting: 0,
    nextDialAt: Infinity,
    dialPace: { took: 0, at: -Infinity },
    targets: new Map(),
    bindings: new Map(),
    avoided: new Map(),
    sources: new Map(),
    candidates: new Map(),
    checks: new Map(),
    logged: new Map(),
    counters: new Map(),
    tick,
    nextTick: options.now + tick,
    wakeAt: options.now + tick,
    breathing: false,
    noDownBefore: 0,
    outputs: []
  }
}

/** Something changed about a target that may make it due. */
export const touch = (state: NodeState, target: TargetRecord | undefined): void => {
  if (target !== undefined) state.touched.push(target)
}

/** Live: a member that is neither down nor left. */
export const isLive = (member: MemberRecord): boolean => member.state !== "down" && member.state !== "left"
