/**
 * What can go wrong at an epmd. Re-exported by `Client` and `Daemon`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const refused =
  "nobody listens there: start a node or epmd on that host, with the option daemon.host if other hosts are to ask it, or check the port"

/** No connection: `code` is Node's, such as `ECONNREFUSED`. @category errors @since 0.1.0 */
export class Unreachable extends Schema.TaggedError<Unreachable>("@gc/discovery-epmd/Unreachable")("Unreachable", {
  code: Schema.String
}) {
  override get message(): string {
    if (this.code === "ECONNREFUSED") return refused
    if (this.code === "ENOTFOUND") return "the host is unknown: check its spelling, and the resolver of this machine"
    return `no connection (${this.code}): check the host, its firewall, and that its epmd listens beyond 127.0.0.1`
  }
}

/** Connected or not, it took too long. @category errors @since 0.1.0 */
export class NoAnswer extends Schema.TaggedError<NoAnswer>("@gc/discovery-epmd/NoAnswer")("NoAnswer", {
  millis: Schema.Finite
}) {
  override get message(): string {
    return `no answer within ${this.millis} ms: its process is stopped, or a firewall drops packets`
  }
}

/** The connection ended before the answer did. @category errors @since 0.1.0 */
export class Dropped extends Schema.TaggedError<Dropped>("@gc/discovery-epmd/Dropped")("Dropped", {}) {
  override get message(): string {
    return "it closed the connection before its answer: it refuses the request, is full, or ended"
  }
}

/** What answers is no epmd, or says more than is believed. @category errors @since 0.1.0 */
export class Malformed extends Schema.TaggedError<Malformed>("@gc/discovery-epmd/Malformed")("Malformed", {
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.detail}: is the port that of an epmd?`
  }
}

/** Somebody alive has this name there, or the epmd is full. @category errors @since 0.1.0 */
export class NameTaken extends Schema.TaggedError<NameTaken>("@gc/discovery-epmd/NameTaken")("NameTaken", {
  name: Schema.String
}) {
  override get message(): string {
    return `the name "${this.name}" is taken on this epmd: give this node another name, or end the other program`
  }
}

/** The daemon cannot listen: `code` is Node's, such as `EADDRINUSE`. @category errors @since 0.1.0 */
export class BindFailed extends Schema.TaggedError<BindFailed>("@gc/discovery-epmd/BindFailed")("BindFailed", {
  code: Schema.String
}) {
  override get message(): string {
    return `cannot listen there (${this.code}): check the daemon's host and port`
  }
}

/** An option, or what is to be registered, is wrong; `detail` names it. @category errors @since 0.1.0 */
export class OptionInvalid extends Schema.TaggedError<OptionInvalid>("@gc/discovery-epmd/OptionInvalid")(
  "OptionInvalid",
  { detail: Schema.String }
) {
  override get message(): string {
    return this.detail
  }
}

/** Every reason of an `EpmdError`. @category errors @since 0.1.0 */
export const EpmdReason = Schema.Union([
  Unreachable,
  NoAnswer,
  Dropped,
  Malformed,
  NameTaken,
  BindFailed,
  OptionInvalid
])

/** Every reason of an `EpmdError`. @category errors @since 0.1.0 */
export type EpmdReason = typeof EpmdReason.Type

/**
 * The one error of this package's clients and daemons: which epmd, and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class EpmdError extends Schema.TaggedError<EpmdError>("@gc/discovery-epmd/EpmdError")("EpmdError", {
  host: Schema.String,
  port: Schema.Finite,
  reason: EpmdReason
}) {
  override get message(): string {
    return `epmd at ${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}: ${this.reason.message}`
  }
}
