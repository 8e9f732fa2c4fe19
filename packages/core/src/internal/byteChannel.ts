import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ByteChannel, Message } from "../Channel.ts"
import { ChannelError, ChannelUnavailable, LinkLost, MessageTooLarge, NotConnected } from "../ChannelError.ts"
import type { NodeName } from "../NodeName.ts"
import { utf8 } from "../protocol/bytes.ts"
import { maxChannelNameBytes } from "../protocol/linkFrames.ts"
import type { Engine } from "./engine.ts"
import type { Inbound, Outbound } from "./link.ts"
import type { Mailbox } from "./mailboxes.ts"

const failure = (channel: string, node: string, reason: ChannelError["reason"]): ChannelError =>
  new ChannelError({ channel, node, reason })

/** Hands messages to the link of a member; waits while there is no room. */
const handOver = (engine: Engine, channel: string, node: string, batch: ReadonlyArray<Uint8Array>) =>
  Effect.suspend((): Effect.Effect<void, ChannelError> => {
    const limit = engine.parts.maxMessageSize
    const large = batch.find((bytes) => bytes.length > limit)
    if (large !== undefined) {
      return Effect.fail(failure(channel, node, new MessageTooLarge({ bytes: large.length, limit })))
    }
    const link = engine.linkTo(node)
    if (link === undefined) return Effect.fail(failure(channel, node, new NotConnected()))
    const last = batch.length - 1
    for (let index = 0; index < last; index++) {
      link.send(channel, { bytes: batch[index] as Uint8Array, cancelled: false, settle: undefined })
    }
    const bytes = batch[last]
    if (bytes === undefined) return Effect.void
    const outbound: Outbound = { bytes, cancelled: false, settle: undefined }
    let settled: boolean | undefined
    outbound.settle = (delivered) => {
      settled = delivered
    }
    if (!link.send(channel, outbound)) return Effect.fail(failure(channel, node, new NotConnected()))
    return settled === true ? Effect.void : waitFor(outbound, channel, node)
  })

const waitFor = (outbound: Outbound, channel: string, node: string): Effect.Effect<void, ChannelError> =>
  Effect.callback<void, ChannelError>((resume) => {
    if (outbound.settle === undefined) {
      resume(Effect.void)
      return
    }
    outbound.settle = (delivered) =>
      resume(delivered ? Effect.void : Effect.fail(failure(channel, node, new LinkLost())))
    return Effect.sync(() => {
      outbound.cancelled = true
    })
  })

const opened = (inbound: NonEmptyReadonlyArray<Inbound>): NonEmptyReadonlyArray<Message<Uint8Array>> =>
  inbound.map(({ bytes, from, release }) => {
    release()
    return { from: from as NodeName, message: bytes }
  }) as unknown as NonEmptyReadonlyArray<Message<Uint8Array>>

const nothing = (): void => {}

/** Opens a channel of bytes for as long as the scope is open. */
export const openChannel = (engine: Engine, channel: string): Effect.Effect<ByteChannel, ChannelError, Scope.Scope> =>
  Effect.gen(function* () {
    const length = utf8(channel).length
    if (length === 0 || length > maxChannelNameBytes) {
      const detail = `a channel's name has 1-${maxChannelNameBytes} bytes, not ${length}`
      return yield* failure(channel, "", new ChannelUnavailable({ detail }))
    }
    const mailbox = yield* Effect.acquireRelease(
      Effect.suspend((): Effect.Effect<Mailbox, ChannelError> => {
        const mailbox = engine.mailboxes.open(channel)
        const detail = "the channel is open already in this cluster: share it, or close the other first"
        return mailbox === undefined
          ? Effect.fail(failure(channel, "", new ChannelUnavailable({ detail })))
          : Effect.succeed(mailbox)
      }),
      () => Effect.sync(() => engine.mailboxes.close(channel))
    )
    const self = engine.state.self.name
    const sendAll = (node: NodeName, batch: ReadonlyArray<Uint8Array>): Effect.Effect<void, ChannelError> => {
      if (node !== self) return handOver(engine, channel, node, batch)
      return Effect.sync(() => {
        for (const bytes of batch) mailbox.push({ from: self, bytes, release: nothing })
      })
    }
    const broadcast = (bytes: Uint8Array): Effect.Effect<ReadonlyArray<NodeName>, ChannelError> =>
      Effect.suspend(() =>
        Effect.map(
          Effect.forEach(
            engine.linkedNames(),
            (node) =>
              handOver(engine, channel, node, [bytes]).pipe(
                Effect.as([node as NodeName]),
                Effect.catchReasons("ChannelError", {
                  NotConnected: () => Effect.succeed([]),
                  LinkLost: () => Effect.succeed([])
                })
              ),
            { concurrency: "unbounded" }
          ),
          (handed) => handed.flat()
        )
      )
    return {
      name: channel,
      send: (node, bytes) => sendAll(node, [bytes]),
      sendAll,
      broadcast,
      receive: Effect.map(mailbox.take, opened)
    }
  })
