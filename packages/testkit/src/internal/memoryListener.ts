import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import type { Endpoint } from "./endpoint.ts"
import type { Machine, Simulation } from "./simulation.ts"

/** Connections that wait for `accept`; to a dialer beyond, nobody answers (Linux's `somaxconn`, before 5.4). */
const backlogLimit = 128

/** A port that listens: its backlog, and who waits for it. */
export class MemoryListener {
  readonly address: Address.Address
  readonly #simulation: Simulation
  readonly machine: Machine
  readonly #backlog: Array<Endpoint> = []
  readonly #waiting = new Set<() => void>()
  #end: Transport.TransportReason | undefined

  constructor(simulation: Simulation, machine: Machine, port: number) {
    this.#simulation = simulation
    this.machine = machine
    this.address = Address.make("memory", machine.name, port)
    machine.listeners.set(port, this)
  }

  get isFull(): boolean {
    return this.#backlog.length >= backlogLimit
  }

  get isEnded(): boolean {
    return this.#end !== undefined
  }

  offer(endpoint: Endpoint): void {
    if (this.isEnded) return endpoint.abandon()
    this.#backlog.push(endpoint)
    this.wake()
  }

  /** Nobody accepts any more: what waits in the backlog is cut, as a kernel does. */
  end(reason: Transport.TransportReason): void {
    if (this.#end !== undefined) return
    this.#end = reason
    this.machine.listeners.delete(this.address.port)
    for (const endpoint of this.#backlog.splice(0)) endpoint.abandon()
    this.wake()
  }

  wake(): void {
    if (!this.#isReady()) return
    for (const resume of this.#waiting) this.#simulation.timeline.soon(resume)
  }

  readonly accept: Effect.Effect<Transport.Connection, Transport.TransportError, Scope.Scope> =
    Effect.uninterruptibleMask((restore) =>
      Effect.gen({ self: this }, function* () {
        for (;;) {
          yield* restore(this.#ready)
          if (this.#end !== undefined) return yield* this.#fail(this.#end)
          const endpoint = this.#backlog.shift()
          if (endpoint === undefined) continue
          yield* Effect.addFinalizer(() => Effect.sync(() => endpoint.close()))
          return endpoint.connection
        }
      })
    )

  #isReady(): boolean {
    return this.#end !== undefined || (!this.machine.paused && this.#backlog.length > 0)
  }

  readonly #ready: Effect.Effect<void> = Effect.callback<void>((resume) => {
    if (this.#isReady()) return resume(Effect.void)
    const waiting = () => {
      this.#waiting.delete(waiting)
      resume(Effect.void)
    }
    this.#waiting.add(waiting)
    return Effect.sync(() => void this.#waiting.delete(waiting))
  })

  #fail(reason: Transport.TransportReason): Effect.Effect<never, Transport.TransportError> {
    return Effect.fail(
      new Transport.TransportError({ transport: "memory", address: Address.format(this.address), reason })
    )
  }
}
