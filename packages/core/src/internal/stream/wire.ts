import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Transport from "../../Transport.ts"
import { Closed } from "../../TransportError.ts"
import type { ByteStream, Remote } from "./byteStream.ts"
import { setOffer } from "./direct.ts"
import { failure, streamReason } from "./errors.ts"
import { Inbox } from "./inbox.ts"
import { Outbox, type Waiter } from "./outbox.ts"

/** How long a closed connection may flush before it is cut. */
const lingerMillis = 1000

/**
 * A connected socket that carries frames. It reads from the start, so that its end is seen; `open` lets it read ahead.
 */
export class Wire {
  readonly #socket: ByteStream
  readonly #remote: Remote
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly connection: Transport.Connection
  #cut = false

  /** `exclusive`: each chunk that the socket emits has memory of its own, which nobody else reads. */
  constructor(
    socket: ByteStream,
    remote: Remote,
    proof: Transport.LinkProof,
    highWaterMark: number,
    exclusive: boolean
  ) {
    this.#socket = socket
    this.#remote = remote
    this.#inbox = new Inbox(socket, remote, exclusive)
    this.#outbox = new Outbox(socket, highWaterMark)
    socket.on("error", (error) => this.#end(streamReason(error)))
    socket.on("end", () => {
      // Node ends this side too: whoever said that no more will come does not read either.
      this.#outbox.abort()
      this.#inbox.end(new Closed({}))
    })
    socket.on("close", () => this.#end(new Closed({})))
    const send: Transport.Connection["send"] = (batch) => this.#send(batch)
    setOffer(send, (batch) => !this.#outbox.closed && this.#outbox.offer(batch))
    this.connection = {
      remote: remote.text,
      remoteHost: remote.host,
      proof,
      receive: this.#inbox.receive,
      send,
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
    return Effect.fail(failure(this.#remote, new Closed({})))
  }

  #end(reason: Transport.TransportReason): void {
    if (reason._tag !== "Closed") this.#cut = true
    this.#outbox.abort()
    this.#inbox.end(reason)
  }
}
