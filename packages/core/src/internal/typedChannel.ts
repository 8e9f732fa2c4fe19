import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
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

const skipped = "a message does not fit the channel's schema and is skipped: do both ends use the same one?"

/**
 * A channel of messages over one of bytes: JSON of the schema's encoded side. What a schema does at once, as most do, costs no
 * effect of its own.
 */
export const makeChannel = <A, I>(
  name: string,
  schema: Schema.Codec<A, I>
): Effect.Effect<Channel<A>, ChannelError, Cluster | Scope.Scope> =>
  Effect.gen(function* () {
    const cluster = yield* Cluster
    const channel = yield* cluster.openChannel(name)
    const encodeValue = Schema.encodeEffect(schema)
    const decodeValue = Schema.decodeUnknownEffect(schema)
    const count = Metric.withAttributes(undecodable, { channel: name })
    let failures = 0
    const misfit = (node: string, why: string): ChannelError => {
      const detail = `it does not fit the channel's schema (${why})`
      return new ChannelError({ channel: name, node, reason: new EncodeFailed({ detail }) })
    }
    const encoded = <B>(
      node: string,
      message: A,
      use: (bytes: Uint8Array) => Effect.Effect<B, ChannelError>
    ): Effect.Effect<B, ChannelError> =>
      Effect.suspend(() => {
        const useJson = (value: unknown): Effect.Effect<B, ChannelError> => {
          const bytes = toJson(value)
          return bytes === undefined ? Effect.fail(misfit(node, "it cannot be told in JSON")) : use(bytes)
        }
        const value = encodeValue(message)
        if (isDone(value)) return useJson(value.value)
        return Effect.flatMap(
          Effect.mapError(value, (error) => misfit(node, error.message)),
          useJson
        )
      })
    const skip = (from: string, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
      const detail = String(Cause.squash(cause)).slice(0, 500)
      const warning = Effect.annotateLogs(Effect.logWarning(skipped), { channel: name, from, detail })
      return Effect.andThen(Metric.update(count, 1), failures++ % warnEvery === 0 ? warning : Effect.void)
    }
    const decode = (bytes: Uint8Array): Effect.Effect<A, unknown> => {
      const value = fromJson(bytes)
      if (value === undefined) return notJson
      try {
        return decodeValue(value)
      } catch (defect) {
        return Exit.die(defect)
      }
    }
    let waiting: ReadonlyArray<Message<Uint8Array>> = []
    let taken = 0
    /** One message at a time: a consumer that ends leaves the others to the next one. */
    const next: Effect.Effect<readonly [Message<A>]> = Effect.suspend(() => {
      const message = waiting[taken]
      if (message === undefined) return more
      if (++taken === waiting.length) {
        waiting = []
        taken = 0
      }
      const { from } = message
      const decoded = decode(message.message)
      if (isDone(decoded)) return Effect.succeed([{ from, message: decoded.value }] as const)
      return Effect.matchCauseEffect(decoded, {
        onFailure: (cause) => Effect.andThen(skip(from, cause), next),
        onSuccess: (value) => Effect.succeed([{ from, message: value }] as const)
      })
    })
    const more = Effect.flatMap(channel.receive, (messages) => {
      waiting = taken === waiting.length ? messages : [...waiting.slice(taken), ...messages]
      taken = 0
      return next
    })
    return {
      name,
      send: (node, message) => encoded(node, message, (bytes) => channel.send(node, bytes)),
      broadcast: (message) => encoded("", message, channel.broadcast),
      messages: Stream.fromPull(Effect.succeed(next))
    }
  })

/** Whether the effect is its own result. */
const isDone = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Success<A, E> =>
  Exit.isExit(effect) && Exit.isSuccess(effect)

const notJson = Exit.fail("it is no JSON in UTF-8")

/** `undefined`: there is none. */
const fromJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8Decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/** `undefined`: there is none. */
const toJson = (value: unknown): Uint8Array | undefined => {
  try {
    const text: string | undefined = JSON.stringify(value)
    // Small ones share memory, as those of Node do: the memory of a `TextEncoder` takes longer than all the rest.
    return text === undefined ? undefined : Buffer.from(text)
  } catch {
    return undefined
  }
}
