import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ByteChannel } from "../Channel.ts"
import {
  ChannelError,
  ChannelUnavailable,
  EncodeFailed,
  LinkLost,
  MessageTooLarge,
  NotConnected
} from "../ChannelError.ts"
import type { NodeName } from "../NodeName.ts"
import { isWellFormed, utf8 } from "../protocol/bytes.ts"
import { frameCost, maxChannelsPerLink } from "../protocol/flow.ts"
import { maxChannelNameBytes } from "../protocol/linkFrames.ts"
import type { Engine } from "./engine.ts"
import type { Mailbox } from "./mailboxes.ts"
import { show } from "./optionValues.ts"
import { makeSelfDelivery } from "./selfDelivery.ts"
import type { Outbound } from "./sendingHalf.ts"

type Batch = ReadonlyArray<Uint8Array>

const failure = (channel: string, node: string, reason: ChannelError["reason"]): ChannelError =>
  new ChannelError({ channel, node: typeof node === "string" ? node : show(node), reason })

/** Those of another realm count, too. */
const isBytes = (value: unknown): boolean =>
  value instanceof Uint8Array ||
  (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]")

const noBytes = (given: unknown): EncodeFailed => {
  const what = given === null || given === undefined ? show(given) : `a value of type ${typeof given}`
  const detail = `a channel of bytes takes Uint8Array, not ${what}: encode it first, or use Channel.make with a schema`
  return new EncodeFailed({ detail })
}

/** What the batch takes of credit, or why it is not sent: what is first in it that is no bytes, or larger than every node takes. */
const examine = (engine: Engine, batch: Batch): number | ChannelError["reason"] => {
  if (!Array.isArray(batch)) return noBytes(batch)
  const limit = engine.parts.maxMessageSize
  let large: Uint8Array | undefined
  let cost = 0
  for (const bytes of batch as Batch) {
    if (!isBytes(bytes)) return noBytes(bytes)
    if (bytes.length > limit) large ??= bytes
    cost += bytes.length + frameCost
  }
  return large === undefined ? cost : new MessageTooLarge({ bytes: large.length, limit })
}

/**
 * Hands messages to the link of a member; waits while there is no room. When it is interrupted what is not on its way yet goes
 * unsent. The batch is kept.
 */
const handOver = (engine: Engine, channel: string, node: string, batch: Batch): Effect.Effect<void, ChannelError> =>
  Effect.suspend(() => {
    const cost = examine(engine, batch)
    if (typeof cost !== "number") return Effect.fail(failure(channel, node, cost))
    const link = engine.links.to(node)
    if (link === undefined) return Effect.fail(failure(channel, node, new NotConnected()))
    if (cost === 0 || link.offer(channel, batch, cost)) return Effect.void
    return waitForRoom(engine, channel, node, batch)
  })

/** Queues what there is no room for yet, on the link that is the member's by then, and waits until there is. */
const waitForRoom = (engine: Engine, channel: string, node: string, batch: Batch): Effect.Effect<void, ChannelError> =>
  Effect.callback<void, ChannelError>((resume) => {
    const fail = (reason: ChannelError["reason"]): void => resume(Effect.fail(failure(channel, node, reason)))
    const link = engine.links.to(node)
    if (link === undefined) return fail(new NotConnected())
    const settle = (delivered: boolean): void => (delivered ? resume(Effect.void) : fail(new LinkLost()))
    const messages: Outbound = { messages: batch, settle, cancel: undefined }
    if (!link.send(channel, messages)) {
      const detail = `more than ${maxChannelsPerLink} channels were used to this node: use fewer`
      return fail(new ChannelUnavailable({ detail }))
    }
    return Effect.sync(() => messages.cancel?.())
  })

const checkName = (channel: string): Effect.Effect<void, ChannelError> => {
  if (typeof channel !== "string" || !isWellFormed(channel)) {
    const expected = `a channel's name is a well-formed text of 1-${maxChannelNameBytes} bytes, not ${show(channel)}`
    return Effect.fail(failure(show(channel), "", new ChannelUnavailable({ detail: expected })))
  }
  const { length } = utf8(channel)
  if (length > 0 && length <= maxChannelNameBytes) return Effect.void
  const detail = `a channel's name has 1-${maxChannelNameBytes} bytes, not ${length}`
  return Effect.fail(failure(channel, "", new ChannelUnavailable({ detail })))
}

const openMailbox = (engine: Engine, channel: string): Effect.Effect<Mailbox, ChannelError, Scope.Scope> => {
  const open = Effect.suspend(() => {
    const mailbox = engine.mailboxes.open(channel)
    const detail = "the channel is open already in this cluster: share it, or close the other first"
    return mailbox === undefined
      ? Effect.fail(failure(channel, "", new ChannelUnavailable({ detail })))
      : Effect.succeed(mailbox)
  })
  return Effect.acquireRelease(open, () => Effect.sync(() => engine.mailboxes.close(channel)))
}

/** A member that has just gone is left out of a broadcast. */
const unlessGone = (handed: Effect.Effect<void, ChannelError>, node: string) =>
  Effect.as(handed, [node as NodeName]).pipe(
    Effect.catchReasons("ChannelError", {
      NotConnected: () => Effect.succeed([]),
      LinkLost: () => Effect.succeed([])
    })
  )

/** Opens a channel of bytes for as long as the scope is open. */
export const openChannel = (engine: Engine, channel: string): Effect.Effect<ByteChannel, ChannelError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* checkName(channel)
    const mailbox = yield* openMailbox(engine, channel)
    const self = engine.state.self.name
    const deliver = makeSelfDelivery(mailbox, self)
    const deliverSelf = (batch: Batch): Effect.Effect<void, ChannelError> =>
      Effect.suspend(() => {
        const cost = examine(engine, batch)
        return typeof cost === "number" ? deliver(batch) : Effect.fail(failure(channel, self, cost))
      })
    const send = (node: NodeName, batch: Batch): Effect.Effect<void, ChannelError> =>
      node === self ? deliverSelf(batch) : handOver(engine, channel, node, batch)
    /** The caller may use the array again. */
    const sendAll = (node: NodeName, batch: Batch): Effect.Effect<void, ChannelError> =>
      Effect.suspend(() => send(node, Array.isArray(batch) ? batch.slice() : batch))
    const broadcast = (bytes: Uint8Array): Effect.Effect<ReadonlyArray<NodeName>, ChannelError> =>
      Effect.suspend(() => {
        const batch = [bytes]
        const cost = examine(engine, batch)
        if (typeof cost !== "number") return Effect.fail(failure(channel, "", cost))
        const handed: Array<NodeName> = []
        const full: Array<string> = []
        for (const node of engine.links.names) {
          if (engine.links.to(node)?.offer(channel, batch, cost) === true) handed.push(node as NodeName)
          else full.push(node)
        }
        if (full.length === 0) return Effect.succeed(handed)
        // Each of these waits by itself, for the slowest keeps none of the others waiting.
        const waiting = Effect.forEach(full, (node) => unlessGone(handOver(engine, channel, node, batch), node), {
          concurrency: "unbounded"
        })
        return Effect.map(waiting, (late) => [...handed, ...late.flat()])
      })
    return {
      name: channel,
      send: (node, bytes) => send(node, [bytes]),
      sendAll,
      broadcast,
      receive: mailbox.take
    }
  })
