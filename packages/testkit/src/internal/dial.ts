import * as Effect from "effect/Effect"
import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import { Endpoint } from "./endpoint.ts"
import type { MemoryListener } from "./memoryListener.ts"
import { freePort } from "./ports.ts"
import type { Machine, Simulation } from "./simulation.ts"

/** Linux: a SYN is repeated after 1 s, then 2, 4, …, six times (`tcp_syn_retries`), and given up after 127 s. */
const firstRetry = 1000
const mostRetries = 6
const gaveUpAfter = firstRetry * (2 ** (mostRetries + 1) - 1)

type Outcome = Effect.Effect<Transport.Connection, Transport.TransportReason>

/** One attempt to connect, with TCP's three-way handshake: lost packets are sent again, and a closed port answers. */
export class Dial {
  readonly #simulation: Simulation
  readonly #machine: Machine
  readonly #address: Address.Address
  #endpoint: Endpoint | undefined
  #outcome: Outcome | undefined
  #resume: ((outcome: Outcome) => void) | undefined
  #closed = false

  constructor(simulation: Simulation, machine: Machine, address: Address.Address) {
    this.#simulation = simulation
    this.#machine = machine
    this.#address = address
  }

  readonly connected: Outcome = Effect.callback((resume) => {
    this.#resume = resume
    this.#machine.dials.add(this)
    this.#note("dialing")
    if (!this.#machine.up) return this.fail(new Transport.Unreachable({ code: "ENETDOWN" }))
    if (!this.#simulation.isKnown(this.#address.host)) {
      return this.fail(new Transport.HostUnknown({ code: "ENOTFOUND" }))
    }
    this.#try(0)
  })

  fail(reason: Transport.TransportReason): void {
    if (reason._tag === "Refused") this.#note("refused")
    this.#settle(Effect.fail(reason))
  }

  /** The machine goes on. */
  wake(): void {
    const outcome = this.#outcome
    if (outcome === undefined || this.#machine.paused || this.#closed) return
    this.#machine.dials.delete(this)
    this.#simulation.timeline.soon(() => this.#resume?.(outcome))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#machine.dials.delete(this)
    this.#endpoint?.close()
  }

  get #isPending(): boolean {
    return !this.#closed && this.#outcome === undefined
  }

  #settle(outcome: Outcome): void {
    if (!this.#isPending) return
    this.#outcome = outcome
    this.wake()
  }

  #try(retries: number): void {
    if (!this.#isPending) return
    if (retries > mostRetries) return this.fail(new Transport.ConnectTimeout({ millis: gaveUpAfter }))
    const { timeline } = this.#simulation
    timeline.plan(timeline.now() + firstRetry * 2 ** retries, () => this.#try(retries + 1))
    this.#travel(this.#machine.name, this.#address.host, () => this.#knock())
  }

  /** One packet, which may be lost. */
  #travel(from: string, to: string, arrived: () => void): boolean {
    const { paths, timeline } = this.#simulation
    const path = paths.get(from, to)
    if (!path.isOpen() || path.lost(1) > 0) return false
    timeline.plan(timeline.now() + path.delay(), arrived)
    return true
  }

  /** The SYN is there. */
  #knock(): void {
    const { host, port } = this.#address
    const listener = this.#simulation.machine(host).listeners.get(port)
    const answer = listener === undefined ? () => this.fail(new Transport.Refused({})) : () => this.#establish(listener)
    if (listener?.isFull !== true) this.#travel(host, this.#machine.name, answer)
  }

  /** The SYN's answer is back: this side is connected, the other when it hears so. */
  #establish(listener: MemoryListener): void {
    if (!this.#isPending) return
    if (listener.isEnded) return this.fail(new Transport.Refused({}))
    const { host } = this.#address
    const here = Address.format(Address.make("memory", this.#machine.name, freePort(this.#machine)))
    const there = Address.format(this.#address)
    const endpoint = new Endpoint(this.#simulation, this.#machine, host, here, there)
    const accepted = new Endpoint(this.#simulation, listener.machine, this.#machine.name, there, here)
    endpoint.join(accepted)
    this.#endpoint = endpoint
    this.#note("connected")
    this.#confirm(listener, accepted, 0)
    this.#settle(Effect.succeed(endpoint.connection))
  }

  #confirm(listener: MemoryListener, accepted: Endpoint, retries: number): void {
    if (this.#travel(this.#machine.name, this.#address.host, () => listener.offer(accepted))) return
    if (retries >= mostRetries) return accepted.abandon()
    const { timeline } = this.#simulation
    timeline.plan(timeline.now() + firstRetry * 2 ** retries, () => this.#confirm(listener, accepted, retries + 1))
  }

  #note(event: "dialing" | "refused" | "connected"): void {
    this.#simulation.note({ event, from: this.#machine.name, to: Address.format(this.#address), bytes: 0 })
  }
}
