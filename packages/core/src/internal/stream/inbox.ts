import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import { FrameDecoder } from "../../protocol/streamDecoder.ts"
import * as Transport from "../../TransportError.ts"
import type { ByteStream, Remote } from "./byteStream.ts"
import { failure } from "./errors.ts"
import { setPour, type Sink } from "./direct.ts"

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
  /** Memory of chunks that came since frames were last cut to their end. */
  #unspent: Array<ArrayBuffer> = []
  #maxFrame = handshakeFrame
  #maxUndelivered = unopenedBytes
  #received = 0
  /** Bytes that had come when frames were shown last. */
  #shown = 0
  /** Chunks that came since frames were last cut. */
  #chunks = 0
  #discarding = false
  /** Whoever receives is told of frames that are whole, and of the end. */
  #waiting: (() => void) | undefined
  #ended: Transport.TransportReason | undefined

  constructor(socket: ByteStream, remote: Remote, exclusive: boolean) {
    this.#socket = socket
    this.#exclusive = exclusive
    this.#remote = remote
    socket.on("data", (chunk: Uint8Array) => this.#push(chunk))
    setPour(this.receive, (sink) => this.#pour(sink))
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
    this.#ended = new Transport.Closed({})
    this.#wake()
    this.#socket.resume()
  }

  readonly receive: Receive = Effect.suspend(() => {
    if (this.#waiting !== undefined) return Effect.fail(this.#failure(new Transport.ConcurrentReceive({})))
    // The frames leave in the last step, which hands them to the caller: an interruption loses none.
    if (this.#peek() === true) return this.#cut
    const end = this.#over()
    if (end !== undefined) return Effect.fail(this.#failure(end))
    this.#socket.resume()
    return Effect.flatMap(this.#arrival, () => this.receive)
  })

  readonly #arrival = Effect.callback<void>((resume) => {
    const wake = (): void => {
      this.#waiting = undefined
      resume(Effect.void)
    }
    this.#waiting = wake
    return Effect.sync(() => {
      if (this.#waiting === wake) this.#waiting = undefined
    })
  })

  readonly #cut: Effect.Effect<Batch> = Effect.sync(() => {
    const frames: Array<Uint8Array> = []
    for (let next = this.#next(); next instanceof Uint8Array; next = this.#next()) frames.push(next)
    this.#unspent = []
    if (this.#maxUndelivered > 0 && this.#socket.isPaused()) this.#socket.resume()
    return frames as unknown as Batch
  })

  #pour(sink: Sink): Effect.Effect<never, Transport.TransportError> {
    return Effect.callback<never, Transport.TransportError>((resume) => {
      if (this.#waiting !== undefined) return resume(Effect.fail(this.#failure(new Transport.ConcurrentReceive({}))))
      const drain = (): void => {
        if (this.#waiting !== drain) return
        try {
          this.#show(sink)
        } catch (defect) {
          this.#waiting = undefined
          return resume(Effect.die(defect))
        }
        const end = this.#over()
        if (end === undefined || this.#waiting !== drain) return
        this.#waiting = undefined
        resume(Effect.fail(this.#failure(end)))
      }
      this.#waiting = drain
      this.#socket.resume()
      drain()
      return Effect.sync(() => {
        if (this.#waiting === drain) this.#waiting = undefined
      })
    })
  }

  #show(sink: Sink): void {
    if (this.#discarding) return
    const next = this.#peek()
    const chunks = this.#unspent
    this.#unspent = []
    if (next !== true) return this.#free(chunks)
    let kept = false
    this.#decoder.each(this.#maxFrame, (bytes, start, end) => {
      if (sink.frame(bytes, start, end)) kept = true
    })
    sink.taken(this.#received - this.#shown)
    this.#shown = this.#received
    if (!kept) this.#free(chunks)
  }

  /** Nothing refers to these any more. Garbage outside of V8's heap makes it collect all of the heap again and again. */
  #free(chunks: ReadonlyArray<ArrayBuffer>): void {
    if (this.#peek() === undefined) for (const chunk of chunks) chunk.transfer(0)
  }

  /** Why nothing more comes: a frame that is none, or the end. */
  #over(): Transport.TransportReason | undefined {
    const next = this.#peek()
    if (next === undefined || next === true) return this.#ended
    this.#socket.pause()
    return next._tag === "TooLarge"
      ? new Transport.FrameTooLarge({ declared: next.length, limit: next.max })
      : new Transport.FrameMalformed({ detail: "a frame of length 0, which has no type" })
  }

  #next(): ReturnType<FrameDecoder["next"]> {
    return this.#decoder.next(this.#maxFrame)
  }

  #peek(): ReturnType<FrameDecoder["peek"]> {
    if (this.#discarding) return undefined
    this.#chunks = 0
    return this.#decoder.peek(this.#maxFrame)
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
    if (waiting !== undefined && (this.#ended !== undefined || this.#peek() !== undefined)) waiting()
  }
}
