/**
 * Why a cluster does not start, and why a node cannot be connected to. Re-exported by `Cluster`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { TransportError } from "./TransportError.ts"

/** An option is wrong: which, what it was, and what is expected. @category errors @since 0.1.0 */
export class OptionInvalid extends Schema.TaggedError<OptionInvalid>("@gc/core/OptionInvalid")("OptionInvalid", {
  key: Schema.String,
  value: Schema.String,
  expected: Schema.String
}) {
  override get message(): string {
    return `option "${this.key}" is ${this.value}: expected ${this.expected}`
  }
}

/** The cookie's file cannot be read or made. @category errors @since 0.1.0 */
export class CookieUnreadable extends Schema.TaggedError<CookieUnreadable>("@gc/core/CookieUnreadable")(
  "CookieUnreadable",
  { path: Schema.String, detail: Schema.String }
) {
  override get message(): string {
    return `the cookie file ${this.path} cannot be read (${this.detail}): make it with "hex:" and 64 hexadecimal digits, mode 0600, or give the option "cookie"`
  }
}

/** Others on the machine can read the cookie's file. @category errors @since 0.1.0 */
export class CookieExposed extends Schema.TaggedError<CookieExposed>("@gc/core/CookieExposed")("CookieExposed", {
  path: Schema.String,
  mode: Schema.String
}) {
  override get message(): string {
    return `others can read the cookie file ${this.path} (mode ${this.mode}): run chmod 600 ${this.path}, and change the cookie if somebody may have seen it`
  }
}

/** The node cannot listen. @category errors @since 0.1.0 */
export class ListenFailed extends Schema.TaggedError<ListenFailed>("@gc/core/ListenFailed")("ListenFailed", {
  error: TransportError
}) {
  override get message(): string {
    return `the node cannot listen: ${this.error.message}`
  }
}

/** Every reason of a `ClusterError`. @category errors @since 0.1.0 */
export const ClusterReason = Schema.Union([OptionInvalid, CookieUnreadable, CookieExposed, ListenFailed])

/** Every reason of a `ClusterError`. @category errors @since 0.1.0 */
export type ClusterReason = typeof ClusterReason.Type

/**
 * Why a cluster does not start.
 *
 * @category errors
 * @since 0.1.0
 */
export class ClusterError extends Schema.TaggedError<ClusterError>("@gc/core/ClusterError")("ClusterError", {
  reason: ClusterReason
}) {
  override get message(): string {
    return this.reason.message
  }
}

/**
 * Why `connect` came to nothing: `reason` is one word, `message` says what to do.
 *
 * **Details**
 *
 * `refused`: nothing listens there · `failed`: no connection, or it broke in the handshake · `auth_failed`: another cookie ·
 * `cluster_mismatch`: another cluster · `self`: the peer is this node · `name_conflict`: another live node has this node's
 * name · `leaving`: this node is on its way out. The others are the decisions of GC/1 section 2 by their names.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectError extends Schema.TaggedError<ConnectError>("@gc/core/ConnectError")("ConnectError", {
  peer: Schema.String,
  reason: Schema.Literals([
    "refused",
    "failed",
    "self",
    "leaving",
    "unknown",
    "version_unsupported",
    "busy",
    "malformed",
    "auth_failed",
    "cluster_mismatch",
    "name_mismatch",
    "name_conflict",
    "stale_incarnation",
    "already_connected",
    "self_connect",
    "not_admitted",
    "shutting_down",
    "capability_missing",
    "too_many_peers"
  ]),
  detail: Schema.String
}) {
  override get message(): string {
    return `cannot connect to ${this.peer}: ${this.detail}`
  }
}

/**
 * The members that were waited for did not come in time, or this node left meanwhile.
 *
 * @category errors
 * @since 0.1.0
 */
export class AwaitTimeout extends Schema.TaggedError<AwaitTimeout>("@gc/core/AwaitTimeout")("AwaitTimeout", {
  millis: Schema.Finite,
  wanted: Schema.String,
  present: Schema.Array(Schema.String),
  /** This node left the cluster before they came. */
  left: Schema.Boolean
}) {
  override get message(): string {
    return this.left
      ? `this node left the cluster while it waited for ${this.wanted}: wait before it leaves, or join again`
      : `after ${this.millis} ms ${this.wanted} were not in; present: ${this.present.join(", ")}; are they started, and listed by discovery? diagnose tells which step to one of them fails; where they start slowly, give a longer timeout`
  }
}
