import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Channel, Message } from "../Channel.ts"
import { ChannelError, EncodeFailed } from "../ChannelError.ts"
import { Cluster } from "../Cluster.ts"

const undecodable = Metric.counter("gc_channel_undecodable_total", {
  description: "Messages that did not fit the channel's schema, by channel",
  incremental: true
})

const utf8Decoder = new TextDecoder("utf-8", { fatal: true })

/** One warning for this many messages of a channel that do not decode. */
const warnEvery = 1_000

/** A channel of messages over one of bytes: JSON of the schema's encoded side. */
export const makeChannel = <A, I>(
  name: string,
  schema: Schema.Codec<A, I>
): Effect.Effect<Channel<A>, ChannelError, Cluster | Scope.Scope> =>
  Effect.gen(function* () {
    const cluster = yield* Cluster
    const channel = yield* cluster.openChannel(name)
    const codec = Schema.fromJsonString(schema)
    const encodeJson = Schema.encodeEffect(codec)
    const decodeJson = Schema.decodeUnknownEffect(codec)
    const encoder = new TextEncoder()
    let failures = 0
    const encode = (message: A) =>
      Effect.mapBoth(encodeJson(message), {
        onFailure: (error) =>
          new ChannelError({ channel: name, node: "", reason: new EncodeFailed({ detail: error.message }) }),
        onSuccess: (text) => encoder.encode(text)
      })
    const skip = (from: string, cause: Cause.Cause<unknown>): Effect.Effect<ReadonlyArray<Message<A>>> => {
      const warning = Effect.annotateLogs(
        Effect.logWarning("a message does not fit the channel's schema and is skipped: do both ends use the same one?"),
        { channel: name, from, detail: String(Cause.squash(cause)).slice(0, 500) }
      )
      return Metric.update(Metric.withAttributes(undecodable, { channel: name }), 1).pipe(
        Effect.andThen(failures++ % warnEvery === 0 ? warning : Effect.void),
        Effect.as([])
      )
    }
    const decode = ({ from, message }: Message<Uint8Array>): Effect.Effect<ReadonlyArray<Message<A>>> =>
      Effect.matchCauseEffect(Effect.flatMap(decodeText(message), decodeJson), {
        onFailure: (cause) => skip(from, cause),
        onSuccess: (decoded) => Effect.succeed([{ from, message: decoded }])
      })
    return {
      name,
      send: (node, message) => Effect.flatMap(encode(message), (bytes) => channel.send(node, bytes)),
      broadcast: (message) => Effect.flatMap(encode(message), channel.broadcast),
      messages: Stream.fromEffectRepeat(channel.receive).pipe(
        Stream.flattenIterable,
        Stream.mapEffect(decode),
        Stream.flattenIterable
      )
    }
  })

const decodeText = (bytes: Uint8Array): Effect.Effect<string, unknown> =>
  Effect.try({ try: () => utf8Decoder.decode(bytes), catch: (error) => error })
