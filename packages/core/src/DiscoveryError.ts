/**
 * What can go wrong in a discovery source. Re-exported by `Discovery`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** The look failed: the thing that was asked answered with an error, or not at all. @category errors @since 0.1.0 */
export class LookFailed extends Schema.TaggedError<LookFailed>("@gc/core/LookFailed")("LookFailed", {
  detail: Schema.String,
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
  override get message(): string {
    return [this, ...(this.others ?? [])]
      .map(({ entry, expected }) => `${JSON.stringify(entry)} is no peer: expected ${expected}`)
      .join("; ")
  }
}

/** The source itself broke: it is started again with backoff. @category errors @since 0.1.0 */
export class SourceBroken extends Schema.TaggedError<SourceBroken>("@gc/core/SourceBroken")("SourceBroken", {
  detail: Schema.String,
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
 * The one error of a discovery source: which source, and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class DiscoveryError extends Schema.TaggedError<DiscoveryError>("@gc/core/DiscoveryError")("DiscoveryError", {
  source: Schema.String,
  reason: DiscoveryReason
}) {
  override get message(): string {
    return `discovery ${this.source}: ${this.reason.message}`
  }
}
