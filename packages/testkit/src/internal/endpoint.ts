import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Transport from "@gc/core/Transport"
import type { Machine, Simulation } from "./simulation.ts"
import { type Segment, Wire } from "./wire.ts"

interface PendingSend {
  readonly batch: NonEmptyReadonlyArray<Transport.OutboundFrame>
  readonly resume: (effect: Effect.Effect<void, Transport.TransportError>) => void
}

const prefixBytes = 4
const firstLimit = 4096

/** Each frame in one piece that nobody else has. */
const copiesOf = (frame: Transport.OutboundFrame): ReadonlyArray<Uint8Array> =>
  Transport.piecesOf(frame).map((pieces) => new Uint8Array(Buffer.concat(pieces)))

/** One end of a connection between two machines. */
export class Endpoint {
  readonly machine: Machine
  readonly local: string
  readonly remote: string
  readonly connection: Transport.Connection
  readonly #simulation: Simulation
  readonly #wire: Wire
  #peer: Endpoint | undefined
  #inbox: Array<Uint8Array> = []
  #bytesReceived = 0
  #limit = firstLimit
  #wakeReader: (() => void) | undefined
  #sends: Array<PendingSend> = []
  #end: Transport.TransportReason | undefined
  /** This side is done: nobody reads here any more. */
  #closed = false
  #wasReset = false

  /** `local` and `remote` are addresses. */
  constructor(simulation: Simulation, machine: Machine, remoteHost: string, local: string, remote: string) {
    this.#simulation = simulation
    this.machine = machine
    this.local = local
    this.remote = remote
    const there = simulation.paths.get(machine.name, remoteHost)
    const back = simulation.paths.get(remoteHost, machine.name)
    this.#wire = new Wire(simulation.timeline, there, back, {
      onArrival: (segment) => this.#peer?.arrive(segment),
      onRoom: () => this.pump(),
      onTimeout: () => this.reset("ETIMEDOUT"),
      onLost: (segment) => this.#note("lost", segment.bytes)
    })
    this.connection = {
      remote,
      remoteHost: Option.some(remoteHost),
      proof: { _tag: "Plain" },
      receive: Effect.suspend(() => this.#receive()),
      send: (batch) => this.#send(batch),
      bytesReceived: () => this.#bytesReceived,
      limitFrames: (bytes) => {
        this.#limit = bytes
      }
    }
  }

  join(peer: Endpoint): void {
    this.#peer = peer
    peer.#peer = this
    this.#simulation.endpoints.add(this)
    this.#simulation.endpoints.add(peer)
  }

  /** What arrived from the other end. */
  arrive(segment: Segment): void {
    if (this.#closed) {
      if (!segment.end && this.#wasReset) this.#sendReset()
      return
    }
    if (this.#end !== undefined) return
    if (segment.end) {
      this.#note("closed", 0)
      this.#finish(new Transport.Closed({}))
      return
    }
    this.#note("arrived", segment.bytes)
    this.#bytesReceived += segment.bytes
    for (const frame of segment.frames) this.#inbox.push(frame)
    this.wake()
  }

  /** This side's scope is closed: what was accepted is still delivered, then the end. */
  close(): void {
    if (this.#closed) return
    if (this.#end === undefined) this.#wire.send({ frames: [], bytes: 0, end: true })
    this.#leave()
    this.#finish(new Transport.Closed({}))
  }

  /** This side's machine was killed: its kernel closes the stream, or resets it when something was left unread. */
  kill(): void {
    return this.#inbox.length === 0 ? this.close() : this.abandon()
  }

  /** This side goes without delivering what it accepted, and resets the other. */
  abandon(): void {
    if (this.#closed) return
    this.#wasReset = true
    this.#leave()
    this.#wire.cut()
    this.#finish(new Transport.Closed({}))
    this.#sendReset()
  }

  /** The stream is cut on this side; frames that arrived before can still be received. */
  reset(code: string): void {
    if (this.#closed || this.#end !== undefined) return
    this.#note("reset", 0)
    this.#wire.cut()
    this.#finish(new Transport.Reset({ code }))
  }

  /** Both sides are cut at once, if this is a connection between these two. */
  cutFrom(a: Machine, b: Machine): void {
    const peer = this.#peer
    if (
      peer === undefined ||
      !((this.machine === a && peer.machine === b) || (this.machine === b && peer.machine === a))
    ) {
      return
    }
    this.reset("ECONNRESET")
    peer.reset("ECONNRESET")
  }

  /** The machine goes on, or there is room, or the way back is open again. */
  pump(): void {
    while (this.#sends.length > 0 && this.#hasRoom()) {
      const { batch, resume } = this.#sends.shift()!
      this.#accept(batch)
      this.#simulation.timeline.soon(() => resume(Effect.void))
    }
  }

  acknowledge(): void {
    this.#wire.acknowledge()
  }

  wake(): void {
    const waiting = this.#wakeReader
    if (waiting !== undefined && this.#isReadable()) {
      this.#simulation.timeline.soon(() => {
        if (this.#wakeReader === waiting) waiting()
      })
    }
  }

  #leave(): void {
    this.#closed = true
    this.#inbox = []
    this.#simulation.endpoints.delete(this)
  }

  #finish(reason: Transport.TransportReason): void {
    this.#end ??= reason
    const failure = this.#fail(this.#end)
    for (const { resume } of this.#sends.splice(0)) this.#simulation.timeline.soon(() => resume(failure))
    this.wake()
  }

  #sendReset(): void {
    const { paths, timeline } = this.#simulation
    const peer = this.#peer
    if (peer === undefined) return
    const path = paths.get(this.machine.name, peer.machine.name)
    if (path.isOpen()) timeline.plan(timeline.now() + path.delay(), () => peer.reset("ECONNRESET"))
  }

  #isReadable(): boolean {
    return this.#closed || (!this.machine.paused && (this.#inbox.length > 0 || this.#end !== undefined))
  }

  #hasRoom(): boolean {
    return !this.machine.paused && this.#wire.unread < this.#simulation.window
  }

  #accept(batch: NonEmptyReadonlyArray<Transport.OutboundFrame>): void {
    const frames = batch.flatMap(copiesOf)
    const bytes = frames.reduce((sum, frame) => sum + prefixBytes + frame.length, 0)
    this.#note("sent", bytes)
    this.#wire.send({ frames, bytes, end: false })
  }

  #send(batch: NonEmptyReadonlyArray<Transport.OutboundFrame>): Effect.Effect<void, Transport.TransportError> {
    return Effect.callback((resume) => {
      if (this.#end !== undefined) return resume(this.#fail(new Transport.Closed({})))
      if (this.#sends.length === 0 && this.#hasRoom()) {
        this.#accept(batch)
        return resume(Effect.void)
      }
      const pending: PendingSend = { batch, resume }
      this.#sends.push(pending)
      return Effect.sync(() => {
        const index = this.#sends.indexOf(pending)
        if (index >= 0) this.#sends.splice(index, 1)
      })
    })
  }

  #receive(): Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, Transport.TransportError> {
    if (this.#wakeReader !== undefined) return this.#fail(new Transport.ConcurrentReceive({}))
    if (!this.#isReadable()) return Effect.andThen(this.#readable, this.connection.receive)
    const obstacle = this.#obstacle()
    // The frames leave the inbox in the last step, which hands them to the caller: an interruption loses none.
    return obstacle === undefined ? Effect.sync(() => this.#take()) : this.#fail(obstacle)
  }

  readonly #readable: Effect.Effect<void, Transport.TransportError> = Effect.callback((resume) => {
    if (this.#wakeReader !== undefined) return resume(this.#fail(new Transport.ConcurrentReceive({})))
    if (this.#isReadable()) return resume(Effect.void)
    const waiting = () => {
      this.#wakeReader = undefined
      resume(Effect.void)
    }
    this.#wakeReader = waiting
    return Effect.sync(() => {
      if (this.#wakeReader === waiting) this.#wakeReader = undefined
    })
  })

  /** Why the next `receive` gives no frame. */
  #obstacle(): Transport.TransportReason | undefined {
    const next = this.#inbox[0]
    if (next === undefined) return this.#end
    if (next.length === 0) return new Transport.FrameMalformed({ detail: "its declared length is 0" })
    if (next.length <= this.#limit) return undefined
    return new Transport.FrameTooLarge({ declared: next.length, limit: this.#limit })
  }

  #take(): NonEmptyReadonlyArray<Uint8Array> {
    const limit = this.#limit
    const stop = this.#inbox.findIndex((frame) => frame.length === 0 || frame.length > limit)
    const frames = this.#inbox.splice(0, stop < 0 ? this.#inbox.length : stop)
    if (frames.length === 0) throw new Error("two receives ran at once")
    const bytes = frames.reduce((sum, frame) => sum + prefixBytes + frame.length, 0)
    this.#peer?.wasRead(bytes)
    return frames as [Uint8Array, ...Array<Uint8Array>]
  }

  wasRead(bytes: number): void {
    this.#wire.read(bytes)
  }

  #fail(reason: Transport.TransportReason): Effect.Effect<never, Transport.TransportError> {
    return Effect.fail(new Transport.TransportError({ transport: "memory", address: this.remote, reason }))
  }

  #note(event: "sent" | "arrived" | "lost" | "closed" | "reset", bytes: number): void {
    this.#simulation.note({ event, from: this.local, to: this.remote, bytes })
  }
}
