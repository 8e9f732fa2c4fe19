/**
 * What the harness and its processes tell each other, line by line in JSON: a configuration and then orders on a process's
 * stdin, reports on its stdout. Every `at` is on the clock of `clock.ts`.
 */
import * as Schema from "effect/Schema"

/** How nodes find each other; beyond what is said here, by the defaults of the source. */
export const Finding = Schema.Union([
  Schema.Struct({ by: Schema.tag("static"), peers: Schema.Array(Schema.String) }),
  /** The services of a domain, as this server has them. */
  Schema.Struct({ by: Schema.tag("dns"), domain: Schema.String, server: Schema.String }),
  /** The default group at this port, by the interface of this name or address. */
  Schema.Struct({ by: Schema.tag("gossip"), port: Schema.Finite, multicastIf: Schema.String }),
  /** The epmd of this host at this port, or whichever node serves as one there. */
  Schema.Struct({ by: Schema.tag("epmd"), port: Schema.Finite })
])

/** How nodes find each other. */
export type Finding = typeof Finding.Type

/** What a process is told first: the nodes that it shall be, one as a rule, and how they find others. */
export const Configuration = Schema.Struct({
  cluster: Schema.String,
  cookie: Schema.String,
  nodes: Schema.Array(Schema.Struct({ name: Schema.String, host: Schema.String, port: Schema.Finite })),
  finding: Finding,
  peerExchange: Schema.Boolean,
  /** Whether each event is reported. */
  events: Schema.Boolean
})

/** What a process is told first. */
export type Configuration = typeof Configuration.Type

/**
 * What a process is told to do: answer, when everything before has been reported; tell what it has used so far; stand still
 * with its event loop blocked.
 */
export const Order = Schema.Union([
  Schema.Struct({ order: Schema.tag("answer"), id: Schema.Finite }),
  Schema.Struct({ order: Schema.tag("usage"), id: Schema.Finite }),
  Schema.Struct({ order: Schema.tag("block"), millis: Schema.Finite })
])

/** What a process is told to do. */
export type Order = typeof Order.Type

/** What a process has used and done since its start. */
export const Usage = Schema.Struct({
  cpuMillis: Schema.Finite,
  rssBytes: Schema.Finite,
  /** Frames and their bytes, length prefixes included, that went to the transport, in so many writes. */
  frames: Schema.Finite,
  frameBytes: Schema.Finite,
  writes: Schema.Finite,
  /** AUTH frames: handshakes that this process began and that came so far. */
  handshakes: Schema.Finite,
  /** META frames that went to the transport, one for each link that came up here, and when the last one did. */
  links: Schema.Finite,
  linkAt: Schema.Finite,
  /** Packets that gossip read and that changed nothing. */
  junk: Schema.Finite,
  /** The counter `gc_events_total` by event. */
  counters: Schema.Record(Schema.String, Schema.Finite)
})

/** What a process has used and done since its start. */
export type Usage = typeof Usage.Type

/** The kinds of events of a cluster. */
const Tag = Schema.Literals([
  "Up",
  "Updated",
  "Suspected",
  "Recovered",
  "Unreachable",
  "Reachable",
  "Down",
  "Left",
  "Removed",
  "NameConflict"
])

/** An event about a life of a peer, when a subscriber of the node got it. */
export const Sighting = Schema.Struct({
  report: Schema.tag("event"),
  at: Schema.Finite,
  tag: Tag,
  peer: Schema.String,
  peerInstance: Schema.String,
  reason: Schema.optionalKey(Schema.String)
})

/** An event about a life of a peer, when a subscriber of the node got it. */
export type Sighting = typeof Sighting.Type

const at = Schema.Finite

/** One thing that a process did or saw. */
export const Report = Schema.Union([
  Schema.Struct({ report: Schema.tag("ready"), at }),
  Schema.Struct({ report: Schema.tag("listening"), at, node: Schema.String, instance: Schema.String }),
  Sighting,
  Schema.Struct({ report: Schema.tag("answer"), at, id: Schema.Finite }),
  Schema.Struct({ report: Schema.tag("usage"), at, id: Schema.Finite, usage: Usage }),
  Schema.Struct({ report: Schema.Literals(["blocked", "unblocked"]), at }),
  Schema.Struct({ report: Schema.tag("log"), at, level: Schema.String, message: Schema.String }),
  Schema.Struct({ report: Schema.tag("failed"), at, message: Schema.String })
])

/** One thing that a process did or saw. */
export type Report = typeof Report.Type
