import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import { FrameDecoder } from "../../protocol/streamDecoder.ts"
import * as Transport from "../../TransportError.ts"
import type { ByteStream, Remote } from "./byteStream.ts"
import { failure } from "./errors.ts"

type Batch = NonEmptyReadonlyArray<Uint8Array>
type Receive = Effect.Effect<Batch, Transport.TransportError>

/** Before a listener's connection is pulled, one chunk of it is read and no more. */
const unopenedBytes = 0
const maxUndelivered = 262_144
/** A chunk of one byte takes as much memory as a hundred bytes, and over WebSocket the other end says how long chunks are. */
const maxChunks = 2048
const handshakeFrame = 4096

/**
 * The way in from a socket: bytes are kept as they come and cut into frames only when somebody receives. The socket is
 * paused while more than 256 KiB wait, or thousands of pieces.
 */
export class Inbox {
  readonly #socket: ByteStream
  readonly #remote: Remote
  readonly #decoder = new FrameDecoder()
  /** Whether nobody else reads the memory of chunks. */
  readonly #exclusive: boolean
  /** Memory of chunks that are not read to their end yet, and of those that are. */
  #unspent: Array<ArrayBuffer> = []
  #spent: Array<ArrayBuffer> = []
  #maxFrame = handshakeFrame
  #maxUndelivered = unopenedBytes
  #received = 0
  /** Chunks that came since frames were last cut. */
  #chunks = 0
  #discarding = false
  #waiting: ((receive: Receive) => void) | undefined
  /** Frames that are cut and not taken yet: an interruption between the two finds them here. */
  #frames: Batch | undefined
  #broken: Transport.TransportReason | undefined
  #ended: Transport.TransportReason | undefined

  constructor(socket: ByteStream, remote: Remote, exclusive: boolean) {
    this.#socket = socket
    this.#exclusive = exclusive
    this.#remote = remote
    socket.on("data", (chunk: Uint8Array) => this.#push(chunk))
  }

  get received(): number {
    return this.#received
  }

  limitFrames(bytes: number): void {
    this.#maxFrame = bytes
  }

  /** From now on as much is read ahead as a connection may. */
  open(): void {
    this.#maxUndelivered = maxUndelivered
    if (!this.#isFull()) this.#socket.resume()
  }

  /** The stream ended: what came before it is still received. */
  end(reason: Transport.TransportReason): void {
    this.#ended ??= reason
    this.#wake()
  }

  /** This end wants no more: whatever still comes is read and dropped, so that the other end's close is seen. */
  discard(): void {
    this.#discarding = true
    this.#frames = undefined
    this.#ended = new Transport.Closed({})
    this.#wake()
    this.#socket.resume()
  }

  /** Frees the chunks that were cut into the frames of the last `receive`. */
  recycle(): void {
    for (const chunk of this.#spent) chunk.transfer(0)
    this.#spent = []
  }

  readonly receive: Receive = Effect.suspend(() => {
    this.#spent = []
    if (this.#waiting !== undefined) return Effect.fail(this.#failure(new Transport.ConcurrentReceive({})))
    if (this.#isDecided()) return this.#answer()
    this.#socket.resume()
    return Effect.callback<Batch, Transport.TransportError>((resume) => {
      this.#waiting = resume
      return Effect.sync(() => {
        if (this.#waiting === resume) this.#waiting = undefined
      })
    })
  })

  readonly #taken: Effect.Effect<Batch> = Effect.sync(() => {
    const frames = this.#frames
    if (frames === undefined) throw new Error("two receives ran at once on one connection")
    this.#frames = undefined
    if (this.#maxUndelivered > 0 && this.#socket.isPaused()) this.#socket.resume()
    return frames
  })

  #answer(): Receive {
    if (this.#frames !== undefined) return this.#taken
    return Effect.fail(this.#failure(this.#broken ?? this.#ended ?? new Transport.Closed({})))
  }

  #failure(reason: Transport.TransportReason): Transport.TransportError {
    return failure(this.#remote, reason)
  }

  #push(chunk: Uint8Array): void {
    this.#received += chunk.length
    if (this.#discarding) return
    // A plain Uint8Array: a view of a Buffer costs twice as much, and there is one for each frame.
    this.#decoder.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#chunks++
    if (this.#exclusive && chunk.length === chunk.buffer.byteLength && chunk.buffer instanceof ArrayBuffer) {
      this.#unspent.push(chunk.buffer)
    }
    this.#wake()
    if (this.#waiting === undefined && this.#isFull()) this.#socket.pause()
  }

  #isFull(): boolean {
    return this.#decoder.buffered > this.#maxUndelivered || this.#chunks > maxChunks
  }

  #wake(): void {
    const waiting = this.#waiting
    if (waiting === undefined || !this.#isDecided()) return
    this.#waiting = undefined
    waiting(Effect.suspend(() => this.#answer()))
  }

  /** Whether `receive` has an answer: frames, a frame that is none, or the end. */
  #isDecided(): boolean {
    if (this.#frames !== undefined) return true
    if (!this.#discarding) this.#decode()
    return this.#frames !== undefined || this.#broken !== undefined || this.#ended !== undefined
  }

  #decode(): void {
    this.#broken = undefined
    this.#chunks = 0
    const frames: Array<Uint8Array> = []
    while (true) {
      const next = this.#decoder.next(this.#maxFrame)
      if (next instanceof Uint8Array) {
        frames.push(next)
        continue
      }
      if (next === undefined) {
        this.#spent.push(...this.#unspent)
        this.#unspent = []
      }
      if (frames.length > 0) this.#frames = frames as unknown as Batch
      else if (next !== undefined) {
        this.#broken =
          next._tag === "TooLarge"
            ? new Transport.FrameTooLarge({ declared: next.length, limit: next.max })
            : new Transport.FrameMalformed({ detail: "a frame of length 0, which has no type" })
        this.#socket.pause()
      }
      return
    }
  }
}
