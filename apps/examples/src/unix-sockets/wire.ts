/** A Unix socket that carries frames: what a transport over any stream of bytes needs. */
import { FrameDecoder } from "@gc/core/FrameDecoder"
import * as Transport from "@gc/core/Transport"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Socket } from "node:net"

type Batch = NonEmptyReadonlyArray<Uint8Array>
type Sent = NonEmptyReadonlyArray<Transport.OutboundFrame>

export const host = "127.0.0.1"
/** Bytes that wait to be written, and bytes that wait for `receive`. */
const maxUnsent = 262_144
const maxUnread = 262_144
const lingerMillis = 1_000

export const failure = (address: string, reason: Transport.TransportReason) =>
  new Transport.TransportError({ transport: "unix", address, reason })

export const reasonOf = (error: NodeJS.ErrnoException): Transport.TransportReason => {
  if (error.code === "ECONNREFUSED" || error.code === "ENOENT") return new Transport.Refused({})
  if (error.code === "EADDRINUSE") return new Transport.AddressInUse({})
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return new Transport.Reset({ code: error.code })
  return new Transport.TransportFailed({ detail: error.message, cause: error })
}

/** A socket that carries frames, each behind its length. It is read from the start, so that its end is seen. */
export class Wire {
  readonly #socket: Socket
  readonly #address: string
  readonly #decoder = new FrameDecoder()
  readonly #senders = new Set<() => void>()
  #limit = 4_096
  #received = 0
  #end: Transport.TransportReason | undefined
  /** Cut and not taken yet: an interruption in between finds them here. */
  #frames: Batch | undefined
  #broken: Transport.TransportReason | undefined
  #receiver: (() => void) | undefined

  constructor(socket: Socket, address: string) {
    this.#socket = socket
    this.#address = address
    socket.on("data", (chunk: Uint8Array) => this.#push(chunk))
    socket.on("drain", () => this.#wakeSenders())
    socket.on("end", () => this.#finish(new Transport.Closed({})))
    socket.on("error", (error) => this.#finish(reasonOf(error)))
    socket.on("close", () => this.#finish(new Transport.Closed({})))
  }

  readonly receive: Effect.Effect<Batch, Transport.TransportError> = Effect.suspend(() => {
    if (this.#receiver !== undefined) return Effect.fail(this.#failure(new Transport.ConcurrentReceive({})))
    return Effect.andThen(this.#ready, this.#taken)
  })

  /** Suspends until something can be said. */
  readonly #ready: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.#isDecided()) return resume(Effect.void)
    this.#receiver = () => resume(Effect.void)
    this.#socket.resume()
    return Effect.sync(() => (this.#receiver = undefined))
  })

  readonly #taken: Effect.Effect<Batch, Transport.TransportError> = Effect.suspend(() => {
    const frames = this.#frames
    if (frames === undefined) {
      return Effect.fail(this.#failure(this.#broken ?? this.#end ?? new Transport.Closed({})))
    }
    return Effect.sync(() => {
      this.#frames = undefined
      this.#socket.resume()
      return frames
    })
  })

  /** Whether there are frames, or an end, or a frame that is none. The limit counts as it is now. */
  #isDecided(): boolean {
    if (this.#frames !== undefined) return true
    this.#broken = undefined
    const frames: Array<Uint8Array> = []
    for (;;) {
      const next = this.#decoder.next(this.#limit)
      if (next === undefined) break
      if (next instanceof Uint8Array) {
        frames.push(next)
        continue
      }
      // What stands in front of it is given first; the decoder says the same again.
      this.#broken =
        next._tag === "TooLarge"
          ? new Transport.FrameTooLarge({ declared: next.length, limit: next.max })
          : new Transport.FrameMalformed({ detail: "empty" })
      break
    }
    const [first, ...rest] = frames
    if (first !== undefined) this.#frames = [first, ...rest]
    return first !== undefined || this.#broken !== undefined || this.#end !== undefined
  }

  #push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return
    this.#received += chunk.length
    this.#decoder.push(chunk)
    this.#wakeReceiver()
    // Nobody reads: the kernel's buffers fill, and the other end's `send` waits.
    if (this.#receiver === undefined && this.#decoder.buffered > maxUnread) this.#socket.pause()
  }

  #wakeReceiver(): void {
    const wake = this.#receiver
    if (wake === undefined || !this.#isDecided()) return
    this.#receiver = undefined
    wake()
  }

  /** Takes the batch when there is room, and else waits: an interrupted `send` took all of it or nothing. */
  readonly send = (batch: Sent): Effect.Effect<void, Transport.TransportError> =>
    Effect.callback((resume) => {
      const go = () => {
        if (this.#end !== undefined) return resume(Effect.fail(this.#failure(new Transport.Closed({}))))
        this.#write(batch)
        resume(Effect.void)
      }
      if (this.#end !== undefined || (this.#senders.size === 0 && this.#hasRoom())) return go()
      this.#senders.add(go)
      return Effect.sync(() => void this.#senders.delete(go))
    })

  #write(batch: Sent): void {
    this.#socket.cork()
    for (const pieces of batch.flatMap(Transport.piecesOf)) {
      const prefix = new Uint8Array(4)
      new DataView(prefix.buffer).setUint32(
        0,
        pieces.reduce((total, piece) => total + piece.length, 0)
      )
      for (const piece of [prefix, ...pieces]) this.#socket.write(piece)
    }
    this.#socket.uncork()
  }

  #hasRoom(): boolean {
    return this.#socket.writableLength <= maxUnsent
  }

  #wakeSenders(): void {
    for (;;) {
      const [first] = this.#senders
      if (first === undefined || (this.#end === undefined && !this.#hasRoom())) return
      this.#senders.delete(first)
      first()
    }
  }

  #finish(reason: Transport.TransportReason): void {
    this.#end ??= reason
    this.#wakeReceiver()
    this.#wakeSenders()
  }

  #failure(reason: Transport.TransportReason) {
    return failure(this.#address, reason)
  }

  /** Flushes what `send` took, reads what still comes, and ends within a second. */
  readonly close: Effect.Effect<void> = Effect.callback((resume) => {
    this.#frames = undefined
    this.#finish(new Transport.Closed({}))
    if (this.#socket.closed) return resume(Effect.void)
    this.#socket.end()
    this.#socket.resume()
    const timer = setTimeout(() => this.#socket.destroy(), lingerMillis)
    this.#socket.once("close", () => {
      clearTimeout(timer)
      resume(Effect.void)
    })
  })

  get connection(): Transport.Connection {
    return {
      remote: this.#address,
      remoteHost: Option.some(host),
      proof: { _tag: "Plain" },
      receive: this.receive,
      send: this.send,
      bytesReceived: () => this.#received,
      limitFrames: (bytes) => (this.#limit = bytes)
    }
  }
}
