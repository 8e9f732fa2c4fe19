/**
 * Why a message was not sent. Re-exported by `Channel`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** No live member of this name, or no link to it now. @category errors @since 0.1.0 */
export class NotConnected extends Schema.TaggedError<NotConnected>("@gc/core/NotConnected")("NotConnected", {}) {
  override get message(): string {
    return "there is no link to this node now: it is down, has left, or was never a member; wait for its Up, or connect to it"
  }
}

/** The link was lost before the message was on its way; it was not delivered. @category errors @since 0.1.0 */
export class LinkLost extends Schema.TaggedError<LinkLost>("@gc/core/LinkLost")("LinkLost", {}) {
  override get message(): string {
    return "the link was lost while the message waited: it was not delivered; send it again once the node is back"
  }
}

/** The encoded message is larger than `maxMessageSize`. @category errors @since 0.1.0 */
export class MessageTooLarge extends Schema.TaggedError<MessageTooLarge>("@gc/core/MessageTooLarge")(
  "MessageTooLarge",
  { bytes: Schema.Finite, limit: Schema.Finite }
) {
  override get message(): string {
    return `a message of ${this.bytes} bytes is larger than maxMessageSize, ${this.limit}: send it in parts, or raise the option on every node`
  }
}

/** The message does not fit the channel's schema, or is no bytes for a channel of bytes. @category errors @since 0.1.0 */
export class EncodeFailed extends Schema.TaggedError<EncodeFailed>("@gc/core/EncodeFailed")("EncodeFailed", {
  detail: Schema.String
}) {
  override get message(): string {
    return `the message cannot be sent: ${this.detail}`
  }
}

/** The channel's name is malformed, or the channel is open already in this cluster. @category errors @since 0.1.0 */
export class ChannelUnavailable extends Schema.TaggedError<ChannelUnavailable>("@gc/core/ChannelUnavailable")(
  "ChannelUnavailable",
  { detail: Schema.String }
) {
  override get message(): string {
    return this.detail
  }
}

/** Every reason of a `ChannelError`. @category errors @since 0.1.0 */
export const ChannelReason = Schema.Union([NotConnected, LinkLost, MessageTooLarge, EncodeFailed, ChannelUnavailable])

/** Every reason of a `ChannelError`. @category errors @since 0.1.0 */
export type ChannelReason = typeof ChannelReason.Type

/**
 * Why a message was not sent: on which channel, to whom (empty when it is about the channel itself), and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class ChannelError extends Schema.TaggedError<ChannelError>("@gc/core/ChannelError")("ChannelError", {
  channel: Schema.String,
  node: Schema.String,
  reason: ChannelReason
}) {
  override get message(): string {
    return `channel ${this.channel}${this.node === "" ? "" : ` to ${this.node}`}: ${this.reason.message}`
  }
}
