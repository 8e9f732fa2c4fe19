import { type Answer, decode, type DecodedPacket, encode, type Packet } from "dns-packet"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createSocket, type RemoteInfo } from "node:dgram"
import { createServer, type Socket } from "node:net"

/** A question as a server gets it. */
export interface Query {
  readonly packet: DecodedPacket
  readonly name: string
  readonly type: string
  readonly transport: "udp" | "tcp"
  readonly edns: boolean
}

/** What a server sends back: messages, or nothing at all. */
export type Handler = (query: Query) => ReadonlyArray<Sent>

/** A message, and how it is sent. */
interface Sent {
  readonly bytes: Buffer
  readonly afterMillis?: number
  /** From another port than the one that was asked. */
  readonly astray?: boolean
  /** Over TCP: in pieces of so many bytes. */
  readonly pieces?: number
  /** Over TCP: only so many bytes, and then the end. */
  readonly cutAt?: number
}

/** A server of names that does what a test tells it. */
export interface NameServer {
  readonly address: string
  readonly asked: Array<Query>
  /** From which ports, and with which ids, questions came over UDP. */
  readonly ports: Array<number>
  handle: Handler
  /** Stops to listen, and listens again at the same port. */
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}

export const message = (query: Query, packet: Packet & { readonly rcode?: number }): Buffer => {
  const { rcode = 0, ...rest } = packet
  const id = query.packet.id ?? 0
  return encode({
    type: "response",
    id,
    questions: query.packet.questions ?? [],
    ...rest,
    flags: (rest.flags ?? 0) | rcode
  })
}

export const answer = (query: Query, answers: ReadonlyArray<Answer>, rest: Packet & { rcode?: number } = {}) => [
  { bytes: message(query, { ...rest, answers: [...answers] }) }
]

export const a = (name: string, data: string, ttl = 30): Answer => ({ type: "A", name, data, ttl })
export const aaaa = (name: string, data: string, ttl = 30): Answer => ({ type: "AAAA", name, data, ttl })
export const cname = (name: string, data: string, ttl = 30): Answer => ({ type: "CNAME", name, data, ttl })
export const ptr = (name: string, data: string, ttl = 30): Answer => ({ type: "PTR", name, data, ttl })
export const srv = (name: string, target: string, port: number, ttl = 30): Answer => ({
  type: "SRV",
  name,
  ttl,
  data: { target, port, priority: 0, weight: 0 }
})

/** Answers from records: what is not there is NXDOMAIN, or NODATA when the name has other records. */
export const zone =
  (records: ReadonlyArray<Answer>): Handler =>
  (query) => {
    const named = records.filter(({ name }) => name.toLowerCase() === query.name.toLowerCase())
    const found = named.filter(({ type }) => type === query.type || type === "CNAME")
    return answer(query, found, { rcode: named.length === 0 ? 3 : 0 })
  }

/** Always the same error. */
export const failing =
  (rcode: number): Handler =>
  (query) =>
    answer(query, [], { rcode })

/** Never a word. */
export const silent: Handler = () => []

const query = (bytes: Buffer, transport: "udp" | "tcp"): Query => {
  const packet = decode(bytes)
  const { name = "", type = "" } = packet.questions?.[0] ?? {}
  return { packet, name, type, transport, edns: packet.additionals?.some((each) => each.type === "OPT") === true }
}

const framed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Starts a server on loopback, over UDP and TCP at one port. It ends with the scope. */
export const nameServer = (handle: Handler, host = "127.0.0.1"): Effect.Effect<NameServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    let close: () => Promise<void> = () => Promise.resolve()
    let port = 0
    const server: NameServer = {
      get address() {
        return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
      },
      asked: [],
      ports: [],
      handle,
      stop: Effect.promise(() => {
        const closing = close
        close = () => Promise.resolve()
        return closing()
      }),
      start: Effect.promise(async () => {
        ;({ close, port } = await listen(server, host, port))
      })
    }
    yield* Effect.acquireRelease(server.start, () => server.stop)
    return server
  })

const listen = async (server: NameServer, host: string, wanted: number, tries = 20) => {
  const family = host.includes(":") ? "udp6" : "udp4"
  const udp = createSocket(family)
  const stray = createSocket(family)
  const tcp = createServer()
  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()

  const later = (millis: number | undefined, f: () => void): void => {
    if (millis === undefined) return f()
    timers.add(setTimeout(f, millis))
  }
  udp.on("message", (bytes: Buffer, from: RemoteInfo) => {
    const asked = query(bytes, "udp")
    server.asked.push(asked)
    server.ports.push(from.port)
    for (const { afterMillis, astray = false, bytes: sent } of server.handle(asked)) {
      later(afterMillis, () => (astray ? stray : udp).send(sent, from.port, from.address))
    }
  })
  tcp.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("data", (bytes: Buffer) => {
      const asked = query(bytes.subarray(2), "tcp")
      server.asked.push(asked)
      for (const sent of server.handle(asked)) later(sent.afterMillis, () => sendPieces(socket, sent))
    })
  })
  await new Promise<void>((resolve) => udp.bind(wanted, host, () => resolve()))
  const { port } = udp.address()
  const taken = await new Promise<boolean>((resolve) => {
    tcp.once("error", () => resolve(true))
    tcp.listen(port, host, () => resolve(false))
  })
  const close = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer)
    for (const socket of sockets) socket.destroy()
    stray.close()
    await new Promise<void>((resolve) => udp.close(() => resolve()))
    if (!taken) await new Promise<void>((resolve) => tcp.close(() => resolve()))
  }
  if (!taken) return { port, close }
  await close()
  if (tries === 0) throw new Error("no port is free for UDP and TCP")
  return listen(server, host, wanted, tries - 1)
}

const sendPieces = (socket: Socket, { bytes, cutAt, pieces }: Sent): void => {
  const whole = framed(bytes)
  const sent = whole.subarray(0, cutAt ?? whole.length)
  socket.setNoDelay(true)
  const size = pieces ?? sent.length
  const next = (from: number): void => {
    if (from >= sent.length) return void (cutAt !== undefined && socket.end())
    socket.write(sent.subarray(from, from + size), () => setImmediate(next, from + size))
  }
  next(0)
}
