import * as Transport from "@gc/core/Transport"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Socket } from "node:net"
import { failure, streamReason } from "./errors.ts"
import { Inbox } from "./inbox.ts"
import { Outbox, type Waiter } from "./outbox.ts"

/** How long a closed connection may flush before it is cut. */
const lingerMillis = 1000

/** Who is at the other end, as far as the socket knows. @internal */
export interface Remote {
  /** Printable: `tcp://127.0.0.1:52114`. */
  readonly text: string
  readonly host: Option.Option<string>
}

const unmapped = (host: string): string => host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")

/** @internal */
export const remoteOf = (protocol: string, socket: Socket): Remote => {
  if (socket.remoteAddress === undefined) return { text: `${protocol}://?`, host: Option.none() }
  const host = unmapped(socket.remoteAddress)
  const bracketed = host.includes(":") ? `[${host}]` : host
  return { text: `${protocol}://${bracketed}:${socket.remotePort}`, host: Option.some(host) }
}

/**
 * A connected socket that carries frames. It reads from the start, so that its end is seen; `open` lets it read ahead.
 *
 * @internal
 */
export class Wire {
  readonly #socket: Socket
  readonly #remote: Remote
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly connection: Transport.Connection
  #cut = false

  constructor(socket: Socket, remote: Remote, proof: Transport.LinkProof, highWaterMark: number) {
    this.#socket = socket
    this.#remote = remote
    this.#inbox = new Inbox(socket, remote.text)
    this.#outbox = new Outbox(socket, highWaterMark)
    socket.on("error", (error) => this.#end(streamReason(error)))
    socket.on("end", () => {
      // Node ends this side too: whoever said that no more will come does not read either.
      this.#outbox.abort()
      this.#inbox.end(new Transport.Closed({}))
    })
    socket.on("close", () => this.#end(new Transport.Closed({})))
    this.connection = {
      remote: remote.text,
      remoteHost: remote.host,
      proof,
      receive: this.#inbox.receive,
      send: (batch) => this.#send(batch),
      bytesReceived: () => this.#inbox.received,
      limitFrames: (bytes) => this.#inbox.limitFrames(bytes)
    }
  }

  /** Whether the stream broke, other than by the peer's close. */
  get cut(): boolean {
    return this.#cut
  }

  open(): void {
    this.#inbox.open()
  }

  /** Flushes, says so to the peer, drops what still comes, and ends within a second. */
  readonly close: Effect.Effect<void> = Effect.callback((resume) => {
    const socket = this.#socket
    this.#outbox.finish()
    this.#inbox.discard()
    if (socket.closed) return resume(Effect.void)
    const timer = setTimeout(() => socket.destroy(), lingerMillis)
    socket.once("close", () => {
      clearTimeout(timer)
      resume(Effect.void)
    })
  })

  #send(batch: NonEmptyReadonlyArray<Transport.OutboundFrame>): Effect.Effect<void, Transport.TransportError> {
    return Effect.suspend(() => {
      if (this.#outbox.closed) return this.#closed()
      return this.#outbox.offer(batch) ? Effect.void : this.#waitForRoom(batch)
    })
  }

  /** The outbox takes the whole batch or, when the waiting is interrupted, nothing of it. */
  #waitForRoom(batch: NonEmptyReadonlyArray<Transport.OutboundFrame>): Effect.Effect<void, Transport.TransportError> {
    return Effect.callback((resume) => {
      const waiter: Waiter = {
        batch,
        accepted: () => resume(Effect.void),
        refused: () => resume(this.#closed())
      }
      this.#outbox.wait(waiter)
      return Effect.sync(() => this.#outbox.forget(waiter))
    })
  }

  #closed(): Effect.Effect<never, Transport.TransportError> {
    return Effect.fail(failure(this.#remote.text, new Transport.Closed({})))
  }

  #end(reason: Transport.TransportReason): void {
    if (reason._tag !== "Closed") this.#cut = true
    this.#outbox.abort()
    this.#inbox.end(reason)
  }
}
