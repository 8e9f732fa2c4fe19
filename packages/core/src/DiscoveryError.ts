/**
 * What can go wrong in a discovery source. Re-exported by `Discovery`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Why a source failed, in one word for programs; the set is open, and a source of somebody else may have words of its own.
 *
 * **Details**
 *
 * - Of any source: `no_answer` (in time; every `LookTimeout`), `unreachable` (refused, no route, or an unknown host),
 *   `entry_invalid` (every `EntryInvalid`), `option_wrong`, `cannot_listen`.
 * - Of what a server answers: `servfail` (it could not find out), `dns_refused` (it does not serve that name, or this client).
 * - Of epmd: `epmd_not_running` (nobody listens there), `epmd_unreachable` (no connection, no answer, or not that of an epmd).
 * - Of beacons: `nobody_heard` (nobody there, or the network drops them, which a node that only listens cannot tell),
 *   `no_multicast` (not even its own come back, or there is no way out), and for what came instead: `wrong_cookie`,
 *   `other_cluster`, `wrong_clock`, `wrong_name`. `no_cookie`: nothing could tell them from forged ones.
 *
 * @category models
 * @since 0.1.0
 */
export type DiscoveryCode =
  | "no_answer"
  | "unreachable"
  | "entry_invalid"
  | "option_wrong"
  | "cannot_listen"
  | "servfail"
  | "dns_refused"
  | "epmd_not_running"
  | "epmd_unreachable"
  | "nobody_heard"
  | "no_multicast"
  | "wrong_cookie"
  | "other_cluster"
  | "wrong_clock"
  | "wrong_name"
  | "no_cookie"
  | (string & Record<never, never>)

/**
 * The look failed: the thing that was asked answered with an error, or not at all. `code` is a `DiscoveryCode`.
 *
 * @category errors
 * @since 0.1.0
 */
export class LookFailed extends Schema.TaggedError<LookFailed>("@gc/core/LookFailed")("LookFailed", {
  detail: Schema.String,
  code: Schema.optionalKey(Schema.String),
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return this.detail
  }
}

/** The look took longer than it may. @category errors @since 0.1.0 */
export class LookTimeout extends Schema.TaggedError<LookTimeout>("@gc/core/LookTimeout")("LookTimeout", {
  millis: Schema.Finite
}) {
  get code(): DiscoveryCode {
    return "no_answer"
  }

  override get message(): string {
    return `no answer within ${this.millis} ms`
  }
}

/**
 * An entry of the source is no peer: wrong from the start, or answered so. `expected` completes *expected …*; `others` are
 * the further wrong entries of the same list.
 *
 * @category errors
 * @since 0.1.0
 */
export class EntryInvalid extends Schema.TaggedError<EntryInvalid>("@gc/core/EntryInvalid")("EntryInvalid", {
  entry: Schema.String,
  expected: Schema.String,
  others: Schema.optionalKey(Schema.Array(Schema.Struct({ entry: Schema.String, expected: Schema.String })))
}) {
  get code(): DiscoveryCode {
    return "entry_invalid"
  }

  override get message(): string {
    return [this, ...(this.others ?? [])]
      .map(({ entry, expected }) => `${JSON.stringify(entry)} is no peer: expected ${expected}`)
      .join("; ")
  }
}

/**
 * The source itself broke: it is started again with backoff. `code` is a `DiscoveryCode`.
 *
 * @category errors
 * @since 0.1.0
 */
export class SourceBroken extends Schema.TaggedError<SourceBroken>("@gc/core/SourceBroken")("SourceBroken", {
  detail: Schema.String,
  code: Schema.optionalKey(Schema.String),
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return this.detail
  }
}

/** Every reason of a `DiscoveryError`. @category errors @since 0.1.0 */
export const DiscoveryReason = Schema.Union([LookFailed, LookTimeout, EntryInvalid, SourceBroken])

/** Every reason of a `DiscoveryError`. @category errors @since 0.1.0 */
export type DiscoveryReason = typeof DiscoveryReason.Type

/**
 * The one error of a discovery source: which source, and why. `message` is for people; `code`, where the reason has one, is for
 * programs.
 *
 * @category errors
 * @since 0.1.0
 */
export class DiscoveryError extends Schema.TaggedError<DiscoveryError>("@gc/core/DiscoveryError")("DiscoveryError", {
  source: Schema.String,
  reason: DiscoveryReason
}) {
  get code(): DiscoveryCode | undefined {
    return this.reason.code
  }

  override get message(): string {
    return `discovery ${this.source}: ${this.reason.message}`
  }
}
