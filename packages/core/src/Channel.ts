/**
 * Messages between members, typed by a schema.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { Cluster } from "./Cluster.ts"
import { makeChannel } from "./internal/typedChannel.ts"
import type { NodeName } from "./NodeName.ts"

/** No live member of this name, or no link to it now. @category errors @since 0.1.0 */
export class NotConnected extends Schema.TaggedError<NotConnected>("@gc/core/NotConnected")("NotConnected", {}) {
  override get message(): string {
    return "there is no link to this node now: it is down, has left, or was never a member"
  }
}

/** The link was lost before the message was on its way; it was not delivered. @category errors @since 0.1.0 */
export class LinkLost extends Schema.TaggedError<LinkLost>("@gc/core/LinkLost")("LinkLost", {}) {
  override get message(): string {
    return "the link was lost while the message waited: it was not delivered"
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

/** The message does not fit the channel's schema. @category errors @since 0.1.0 */
export class EncodeFailed extends Schema.TaggedError<EncodeFailed>("@gc/core/EncodeFailed")("EncodeFailed", {
  detail: Schema.String
}) {
  override get message(): string {
    return `the message does not fit the channel's schema: ${this.detail}`
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

/** A message and the member that sent it. @category models @since 0.1.0 */
export interface Message<A> {
  readonly from: NodeName
  readonly message: A
}

/**
 * Messages between members.
 *
 * **Details**
 *
 * - At most once, in order per sender while a link lives. `send` comes back when there is room for more on the way to the node,
 *   not when the message has arrived; it waits while the other side does not read.
 * - A message to self is delivered here.
 * - `broadcast` sends to every other live member and gives the names of those it was handed to; one that has just gone is
 *   left out. It waits for the slowest of them.
 * - `messages` gives each message to one consumer. A message that does not decode is counted, logged and skipped. When the first
 *   message of a node comes, the node is in `members` and its `Up` has been published.
 *
 * @category models
 * @since 0.1.0
 */
export interface Channel<A> {
  readonly name: string
  readonly send: (node: NodeName, message: A) => Effect.Effect<void, ChannelError>
  readonly broadcast: (message: A) => Effect.Effect<ReadonlyArray<NodeName>, ChannelError>
  readonly messages: Stream.Stream<Message<A>>
}

/**
 * A channel of bytes: what a typed one stands on. The bytes that come in are views that nobody changes.
 *
 * @category models
 * @since 0.1.0
 */
export interface ByteChannel {
  readonly name: string
  readonly send: (node: NodeName, bytes: Uint8Array) => Effect.Effect<void, ChannelError>
  /** Several messages at once, in order: cheaper than one by one. */
  readonly sendAll: (node: NodeName, batch: ReadonlyArray<Uint8Array>) => Effect.Effect<void, ChannelError>
  readonly broadcast: (bytes: Uint8Array) => Effect.Effect<ReadonlyArray<NodeName>, ChannelError>
  /** All messages that wait, at least one. */
  readonly receive: Effect.Effect<NonEmptyReadonlyArray<Message<Uint8Array>>>
}

/**
 * Opens a channel of messages. Members talk on it when they open one of the same name with a schema that fits.
 *
 * **Details**
 *
 * Messages travel as JSON of the schema's encoded side. The name is 1–255 bytes. Messages that come before the channel is open
 * here wait for up to 5 seconds.
 *
 * **Example** (A chat)
 *
 * ```ts
 * const chat = yield* Channel.make("chat", Schema.Struct({ text: Schema.String }))
 * yield* chat.broadcast({ text: "hello" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A, I>(
  name: string,
  schema: Schema.Codec<A, I>
): Effect.Effect<Channel<A>, ChannelError, Cluster | Scope.Scope> => makeChannel(name, schema)

/**
 * Opens a channel of bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bytes = (name: string): Effect.Effect<ByteChannel, ChannelError, Cluster | Scope.Scope> =>
  Cluster.use((cluster) => cluster.openChannel(name))
