/**
 * Messages between members, typed by a schema.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ChannelError } from "./ChannelError.ts"
import { Cluster } from "./Cluster.ts"
import { makeChannel } from "./internal/typedChannel.ts"
import type { NodeName } from "./NodeName.ts"

export * from "./ChannelError.ts"

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
 * A channel of bytes: what a typed one stands on.
 *
 * **Details**
 *
 * - The bytes that come in are nobody else's to change; those that were given to `send` must never change afterwards, for they
 *   may wait, and a message to self is the very same bytes.
 * - Bytes that come in may be a part of larger memory (`byteOffset`), which other messages of the channel share; a program that
 *   keeps few of many small messages for long copies them (`slice`).
 * - A send that is interrupted while it waits is not sent.
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
