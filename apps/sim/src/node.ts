import type { Identity, Input, NodeState, Output } from "@gc/core/protocol"
import { Dialer } from "./dialer.ts"
import { Handshakes } from "./handshakes.ts"
import type { Network } from "./network.ts"
import type { EventQueue } from "./queue.ts"
import type { End, Message, Owner, Streams } from "./stream.ts"
import type { Directory, Protocol, Watched, Watcher } from "./types.ts"

/** What nodes share. */
export interface Surroundings {
  readonly queue: EventQueue
  readonly network: Network
  readonly streams: Streams
  readonly protocol: Protocol
  readonly directory: Directory
  readonly watcher: Watcher
  /** Who listens at an address, and on which host it is; a host without a listener refuses. */
  readonly route: (
    address: string
  ) => { readonly host: number; readonly node: SimNode | undefined; readonly closingAt: number } | undefined
  readonly addressOf: (name: string) => string | undefined
}

/** Virtual time 0, in milliseconds since 1970. */
export const epoch = 1_000_000_000

const nothing: ReadonlyArray<never> = []

/** One life of a node: drives `step` as the shell does, on simulated streams. */
export class SimNode implements Owner, Watched {
  readonly host: number
  readonly address: string
  readonly state: NodeState
  readonly surroundings: Surroundings
  readonly #clockOffset: number
  /** Ends of streams by the number of their link. */
  readonly ends = new Map<number, End>()
  readonly dialer: Dialer
  readonly #handshakes: Handshakes
  #wakeAt = Infinity
  #missedWake = false
  #lateTimers: Array<() => void> = []
  #lateBytes: Array<() => void> = []
  /** Links in use that the other side gave up for a better one that this node does not have. */
  forsaken = 0
  unaudited = 0
  alive = true
  listening = true
  paused = false

  constructor(
    surroundings: Surroundings,
    host: number,
    address: string,
    state: NodeState,
    options: { readonly clockOffset: number; readonly firstLook: number; readonly refresh: number }
  ) {
    this.surroundings = surroundings
    this.host = host
    this.address = address
    this.state = state
    this.#clockOffset = options.clockOffset
    this.dialer = new Dialer(this)
    this.#handshakes = new Handshakes(this)
    this.#wake(state.wakeAt)
    surroundings.queue.push(surroundings.queue.now + options.firstLook, this.#look, options.refresh, 0)
  }

  /** This node's clock. */
  get clock(): number {
    return epoch + this.surroundings.queue.now + this.#clockOffset
  }

  readonly isOpen = (link: number): boolean => this.ends.get(link)?.open === true

  /** Ends of links that the node was told of and that are open. */
  openEnds(): ReadonlyArray<End> {
    return [...this.ends.values()].filter((end) => end.known && end.open)
  }

  /** Gives the node an input; what a program asks for waits while its process is stopped. */
  ask(input: Input): void {
    this.#run(() => this.feed(input))
  }

  feed(input: Input): void {
    if (!this.alive) return
    const { protocol, watcher } = this.surroundings
    const { outputs, wakeAt } = protocol.step(this.state, input, this.clock)
    for (const output of outputs) this.#perform(output)
    watcher.stepped(this, outputs)
    this.#wake(wakeAt)
  }

  #perform(output: Output): void {
    switch (output._tag) {
      case "Send": {
        const end = this.ends.get(output.link)
        if (end?.open === true) this.surroundings.streams.send(end, output.frame)
        return
      }
      case "Verdict":
        return this.#handshakes.verdict(output)
      case "Dial":
        return this.dialer.dial(output)
      case "CancelDial":
        return this.dialer.cancel(output.dial)
      case "Close":
        return this.#closeSoon(output.link)
      case "Retire": {
        const { queue } = this.surroundings
        queue.push(queue.now + 1_000, this.#retired, output.link, 0)
        return
      }
      case "Breathe":
        this.later(0.01, () => this.feed({ _tag: "Breathed", activity: nothing }))
        return
      default:
        return
    }
  }

  /** Runs in this node's event loop: not while it is paused, and not after its death. */
  later(delay: number, run: () => void): void {
    const { queue } = this.surroundings
    queue.push(queue.now + delay, this.#run, run, 0)
  }

  readonly #run = (run: () => void): void => {
    if (!this.alive) return
    if (this.paused) this.#lateTimers.push(run)
    else run()
  }

  #wake(at: number): void {
    const time = at - epoch - this.#clockOffset
    if (time === this.#wakeAt) return
    this.#wakeAt = time
    this.surroundings.queue.push(time, this.#woken, time, 0)
  }

  readonly #woken = (time: number): void => {
    if (!this.alive || time !== this.#wakeAt) return
    if (this.paused) this.#missedWake = true
    else {
      this.#wakeAt = Infinity
      this.feed({ _tag: "Wake", activity: nothing })
    }
  }

  readonly #look = (refresh: number): void => {
    this.#run(() => {
      const { directory, queue } = this.surroundings
      if (directory.mode === "failing") this.feed({ _tag: "LookFailed", source: "static" })
      else this.feed({ _tag: "Look", source: "static", peers: directory.look(this.host) })
      queue.push(queue.now + refresh, this.#look, refresh, 0)
    })
  }

  // Streams.

  receive(end: End, message: Message): void {
    if (this.paused) this.#lateBytes.push(() => this.take(end, message))
    else this.take(end, message)
  }

  /** A message has come and is read. */
  take(end: End, message: Message): void {
    if (!end.open) return
    if (end.waiting !== undefined) {
      end.waiting.push(message)
      return
    }
    switch (message._tag) {
      case "Fin":
      case "Rst":
        return this.#ended(end)
      case "Hello":
        return this.#handshakes.hello(end)
      case "Challenge":
        this.surroundings.streams.send(end, { _tag: "Auth", identity: this.dialer.identity(end.dial) })
        return
      case "Auth":
        return this.#handshakes.auth(end, message.identity)
      case "Welcome":
        return this.#handshakes.welcome(end, message)
      case "Ready":
        return this.#handshakes.ready(end, message)
      case "Goaway": {
        const name = this.state.links.get(end.link)?.name ?? ""
        const used = this.state.current.get(name)?.id === end.link
        this.feed({ _tag: "Frame", link: end.link, frame: message })
        if (!used || message.reason !== "replaced") return
        if (!this.state.current.has(name) && !this.state.pending.has(name)) this.forsaken++
        return
      }
      default:
        this.feed({ _tag: "Frame", link: end.link, frame: message })
    }
  }

  /** The kernel has accepted a connection. */
  accept(end: End): void {
    this.#handshakes.accept(end)
  }

  /** This node as it introduces itself. */
  identity(attempt: number): Identity {
    return { ...this.state.self, attempt }
  }

  /** The other side ended a stream. */
  #ended(end: End): void {
    end.open = false
    this.ends.delete(end.link)
    if (end.known) this.feed({ _tag: "LinkClosed", link: end.link })
    else if (end.initiator) this.dialer.failed(end.dial, "reset")
  }

  readonly #retired = (link: number): void => {
    const end = this.ends.get(link)
    if (end !== undefined && this.alive) this.drop(end)
  }

  #closeSoon(link: number): void {
    const end = this.ends.get(link)
    if (end === undefined || !end.open) return
    end.open = false
    this.surroundings.streams.send(end, { _tag: "Fin" })
    this.later(end.stuck ? 1_000 : 0.1, () => {
      this.ends.delete(link)
      this.feed({ _tag: "LinkClosed", link })
    })
  }

  /** Ends a stream from this side at once. */
  drop(end: End): void {
    if (!end.open) return
    end.open = false
    this.ends.delete(end.link)
    this.surroundings.streams.send(end, { _tag: "Fin" })
    if (end.known) this.feed({ _tag: "LinkClosed", link: end.link })
  }

  // Faults.

  /** Cuts the stream under a link as a middlebox does: both sides see its end. */
  cut(end: End): void {
    const { queue } = this.surroundings
    for (const each of [end, end.other]) {
      queue.push(
        queue.now,
        (one: End) => one.owner.alive && one.open && one.owner.receive(one, { _tag: "Rst" }),
        each,
        0
      )
    }
  }

  /** SIGKILL: the kernel ends every stream. */
  kill(): void {
    this.alive = false
    for (const end of this.ends.values()) {
      if (end.open) this.surroundings.streams.send(end, { _tag: "Fin" })
      end.open = false
    }
    this.dialer.abandon()
  }

  /** SIGSTOP, or a blocked event loop. The kernel goes on accepting and acknowledging. */
  pause(): void {
    this.paused = true
  }

  /** The timer comes first, then everything that waited, as in Node. */
  resume(): void {
    this.paused = false
    const late = [...this.#lateTimers, ...this.#lateBytes]
    this.#lateTimers = []
    this.#lateBytes = []
    if (this.#missedWake) {
      this.#missedWake = false
      this.#wakeAt = Infinity
      this.feed({ _tag: "Wake", activity: nothing })
    }
    for (const run of late) run()
  }
}
