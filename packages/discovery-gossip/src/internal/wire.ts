import * as Effect from "effect/Effect"
import { createSocket, type Socket } from "node:dgram"
import { networkInterfaces } from "node:os"
import { type Egress, egresses } from "./egresses.ts"
import type { RunSettings } from "./settings.ts"

/** What the sockets tell; called from their callbacks. @internal */
export interface WireEvents {
  readonly packet: (bytes: Uint8Array, host: string) => void
  /** A way out can be used: for the first time, or again. */
  readonly ready: (egress: string) => void
  readonly sent: (egress: string) => void
  /** Sending failed, or a way out could not be opened. */
  readonly failed: (egress: string, code: string) => void
  /** The receiving socket broke. */
  readonly broken: (code: string) => void
}

/** What one look at the interfaces came to. @internal */
export interface Scan {
  /** Ways out that are joined. */
  readonly joined: number
  /** Why others, or all, are not: `no interface eth7`, `eth0: ENODEV`. */
  readonly problems: ReadonlyArray<string>
}

/** The sockets of one run. @internal */
export interface Wire {
  /** Binds the receiving socket; fails with what went wrong. */
  readonly open: Effect.Effect<void, string>
  /** Joins what can be joined now, opens what is sent from when this node announces itself, and lets go of what is no more. */
  readonly scan: () => Scan
  /** Sends one packet each on the ways out that are open, or on the one that is named. */
  readonly send: (encode: () => Uint8Array, only?: string) => void
  readonly close: () => void
}

/** @internal */
export type MakeWire = (settings: RunSettings, events: WireEvents) => Wire

/** Enough for a burst of a large cluster; what junk there is beyond that, the kernel drops. */
const receiveBuffer = 256 * 1024

/** Errors that pass by themselves. */
const passing: ReadonlySet<string> = new Set(["EAGAIN", "ENOBUFS", "EMSGSIZE", "ECONNREFUSED"])

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "an unknown error"
  return "code" in error && typeof error.code === "string" ? error.code : error.message
}

/** `undefined` when it worked. */
const attempt = (action: () => void): string | undefined => {
  try {
    action()
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

interface Sender {
  readonly egress: Egress
  readonly socket: Socket
  ready: boolean
}

class Sockets implements Wire {
  readonly #settings: RunSettings
  readonly #events: WireEvents
  #receiver: Socket | undefined
  readonly #joined = new Map<string, Egress>()
  readonly #senders = new Map<string, Sender>()

  constructor(settings: RunSettings, events: WireEvents) {
    this.#settings = settings
    this.#events = events
  }

  readonly open = Effect.callback<void, string>((resume) => {
    const { bindTo, port } = this.#settings
    const socket = this.#create(true)
    this.#receiver = socket
    socket.once("error", (error) =>
      resume(Effect.fail(`could not bind ${bindTo} port ${port} (UDP): ${codeOf(error)}`))
    )
    socket.bind({ address: bindTo, port }, () => {
      socket.removeAllListeners("error")
      socket.on("error", (error) => this.#events.broken(codeOf(error)))
      attempt(() => socket.setRecvBufferSize(receiveBuffer))
      socket.on("message", (bytes, { address }) => this.#events.packet(bytes, address))
      resume(Effect.void)
    })
  })

  readonly scan = (): Scan => {
    const receiver = this.#receiver
    if (receiver === undefined) return { joined: 0, problems: [] }
    const { found, missing } = egresses(this.#settings, networkInterfaces())
    const problems = missing.map((name) => `no interface ${name}`)
    const wanted = new Set<string>()
    for (const egress of found) {
      const problem = this.#join(receiver, egress)
      if (problem !== undefined) problems.push(`${egress.key}: ${problem}`)
      if (problem !== undefined && !this.#joined.has(egress.key)) continue
      wanted.add(egress.key)
      this.#joined.set(egress.key, egress)
      if (this.#settings.announce && !this.#senders.has(egress.key)) this.#openSender(egress)
    }
    for (const [key, egress] of this.#joined) if (!wanted.has(key)) this.#leave(receiver, egress)
    return { joined: wanted.size, problems }
  }

  readonly send = (encode: () => Uint8Array, only?: string): void => {
    for (const sender of this.#senders.values()) {
      if (sender.ready && (only === undefined || sender.egress.key === only)) this.#sendFrom(sender, encode())
    }
  }

  readonly close = (): void => {
    for (const { socket } of this.#senders.values()) close(socket)
    this.#senders.clear()
    this.#joined.clear()
    if (this.#receiver !== undefined) close(this.#receiver)
    this.#receiver = undefined
  }

  #create(shared: boolean): Socket {
    return this.#settings.family === "IPv6"
      ? createSocket({ type: "udp6", reuseAddr: shared, ipv6Only: true })
      : createSocket({ type: "udp4", reuseAddr: shared })
  }

  /** Joins again what is joined, for the interface may be another one of the same name. */
  #join(receiver: Socket, { via }: Egress): string | undefined {
    const { broadcast, target } = this.#settings
    if (broadcast || target === undefined) return undefined
    const problem = attempt(() =>
      via === undefined ? receiver.addMembership(target) : receiver.addMembership(target, via)
    )
    return problem === "EADDRINUSE" ? undefined : problem
  }

  #leave(receiver: Socket, { key, via }: Egress): void {
    const { broadcast, target } = this.#settings
    this.#joined.delete(key)
    this.#drop(key)
    if (!broadcast && target !== undefined && via !== undefined) attempt(() => receiver.dropMembership(target, via))
  }

  #openSender(egress: Egress): void {
    const socket = this.#create(false)
    const sender: Sender = { egress, socket, ready: false }
    this.#senders.set(egress.key, sender)
    const failed = (code: string): void => {
      if (this.#senders.get(egress.key) !== sender) return
      this.#drop(egress.key)
      this.#events.failed(egress.key, code)
    }
    socket.on("error", (error) => failed(codeOf(error)))
    // Nobody reads here: what somebody sends to this port is dropped by the kernel, but for so much.
    socket.bind({ address: egress.bindTo, port: 0 }, () => {
      const problem = attempt(() => this.#prepare(socket, egress))
      if (problem !== undefined) return failed(problem)
      sender.ready = true
      this.#events.ready(egress.key)
    })
  }

  #prepare(socket: Socket, { via }: Egress): void {
    if (this.#settings.broadcast) return socket.setBroadcast(true)
    if (via !== undefined) socket.setMulticastInterface(via)
    socket.setMulticastTTL(this.#settings.ttl)
    socket.setMulticastLoopback(true)
  }

  #drop(key: string): void {
    const sender = this.#senders.get(key)
    if (sender === undefined) return
    this.#senders.delete(key)
    close(sender.socket)
  }

  #sendFrom({ egress, socket }: Sender, bytes: Uint8Array): void {
    socket.send(bytes, this.#settings.port, egress.target, (error) => {
      if (error === null) return this.#events.sent(egress.key)
      const code = codeOf(error)
      if (this.#senders.get(egress.key)?.socket !== socket) return
      if (!passing.has(code)) this.#drop(egress.key)
      this.#events.failed(egress.key, code)
    })
  }
}

/** A socket that never got to be bound cannot be closed twice, and errors after the end are nobody's. */
const close = (socket: Socket): void => {
  socket.removeAllListeners()
  socket.on("error", () => {})
  attempt(() => socket.close())
}

/** @internal */
export const makeWire: MakeWire = (settings, events) => new Sockets(settings, events)
