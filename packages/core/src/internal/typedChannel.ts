import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ByteChannel, Channel, Message } from "../Channel.ts"
import { ChannelError, EncodeFailed } from "../ChannelError.ts"
import { Cluster } from "../Cluster.ts"

const undecodable = Metric.counter("gc_channel_undecodable_total", {
  description: "Messages that did not fit the channel's schema, by channel",
  incremental: true
})

const utf8Decoder = new TextDecoder("utf-8", { fatal: true })

/** One warning for this many messages of a channel that do not decode. */
const warnEvery = 1_000

const skipped = "a message does not fit the channel's schema and is skipped: do both ends use the same one?"

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
    const count = Metric.withAttributes(undecodable, { channel: name })
    let failures = 0
    const encode = (node: string, message: A) =>
      Effect.mapBoth(encodeJson(message), {
        onFailure: ({ message }) => {
          const detail = `it does not fit the channel's schema (${message})`
          return new ChannelError({ channel: name, node, reason: new EncodeFailed({ detail }) })
        },
        onSuccess: (text) => encoder.encode(text)
      })
    const skip = (from: string, cause: Cause.Cause<unknown>): Effect.Effect<Option.Option<Message<A>>> => {
      const detail = String(Cause.squash(cause)).slice(0, 500)
      const warning = Effect.annotateLogs(Effect.logWarning(skipped), { channel: name, from, detail })
      return Metric.update(count, 1).pipe(
        Effect.andThen(failures++ % warnEvery === 0 ? warning : Effect.void),
        Effect.as(Option.none())
      )
    }
    const decode = ({ from, message }: Message<Uint8Array>): Effect.Effect<Option.Option<Message<A>>> =>
      Effect.matchCauseEffect(Effect.flatMap(decodeText(message), decodeJson), {
        onFailure: (cause) => skip(from, cause),
        onSuccess: (decoded) => Effect.succeedSome({ from, message: decoded })
      })
    const receive = oneByOne(channel)
    const next: Effect.Effect<Message<A>> = Effect.flatMap(Effect.flatMap(receive, decode), (decoded) =>
      Option.isSome(decoded) ? Effect.succeed(decoded.value) : next
    )
    return {
      name,
      send: (node, message) => Effect.flatMap(encode(node, message), (bytes) => channel.send(node, bytes)),
      broadcast: (message) => Effect.flatMap(encode("", message), channel.broadcast),
      messages: Stream.fromEffectRepeat(next)
    }
  })

/** Takes messages one at a time: a consumer that ends leaves the others to the next one. */
const oneByOne = (channel: ByteChannel): Effect.Effect<Message<Uint8Array>> => {
  let batch: ReadonlyArray<Message<Uint8Array>> = []
  let taken = 0
  const next: Effect.Effect<Message<Uint8Array>> = Effect.suspend(() => {
    const message = batch[taken]
    if (message !== undefined) {
      taken++
      if (taken === batch.length) {
        batch = []
        taken = 0
      }
      return Effect.succeed(message)
    }
    return Effect.flatMap(channel.receive, (messages) => {
      batch = [...batch.slice(taken), ...messages]
      taken = 0
      return next
    })
  })
  return next
}

const decodeText = (bytes: Uint8Array): Effect.Effect<string, "not UTF-8"> =>
  Effect.try({ try: () => utf8Decoder.decode(bytes), catch: () => "not UTF-8" as const })
