/**
 * Raw sockets: `node:net` in three ways, and `node:tls`, by a pre-shared key, in the best of them.
 */
import { connect, createServer, type Server, type Socket } from "node:net"
import { connect as connectTls, createServer as createTlsServer } from "node:tls"
import type { Client, Desk, Pair } from "./desk.ts"
import { FrameClient, makeCutter, serving, type Writer } from "./frames.ts"
import { corked, oneWriteEach, slabbed } from "./rawWriters.ts"

const ways: Record<string, (socket: Socket) => Writer> = {
  write: oneWriteEach,
  cork: corked,
  slab: slabbed,
  "slab-tls": slabbed
}

/** The ways of writing, each made once for a socket. */
const writersOf = (socket: Socket) => {
  const made = new Map<string, Writer>()
  return (variant: string): Writer => {
    const known = made.get(variant)
    if (known !== undefined) return known
    const way = ways[variant]
    if (way === undefined) throw new Error(`there is no way of writing "${variant}"`)
    const writer = way(socket)
    made.set(variant, writer)
    return writer
  }
}

const serve = (desk: Desk) => (socket: Socket) => {
  socket.setNoDelay(true)
  const cut = makeCutter(serving(desk, writersOf(socket)))
  socket.on("data", (chunk: Buffer) => {
    cut(chunk)
    if (desk.mode !== "unread") return
    socket.pause()
    void desk.read().then(() => socket.resume())
  })
}

const listening = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(address !== null && typeof address === "object" ? String(address.port) : "")
    })
  })

const client = (socket: Socket): ((variant: string) => Client) => {
  socket.setNoDelay(true)
  const writers = writersOf(socket)
  const clients = new Map<string, FrameClient>()
  let current: FrameClient | undefined
  const cut = makeCutter((bytes, start, end) => current?.reply(bytes, start, end))
  socket.on("data", (chunk: Buffer) => cut(chunk))
  return (variant) => {
    current = clients.get(variant) ?? new FrameClient(writers(variant))
    clients.set(variant, current)
    return current
  }
}

const connected = (socket: Socket, event: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    socket.once("error", reject)
    socket.once(event, () => resolve(socket))
  })

/** As much as gc's transports have by default: with Node's own, 64 KiB, all are slower. */
const wide = { highWaterMark: 262_144 }

/** Over `node:net`. */
export const plain: Pair = {
  listen: (desk) => listening(createServer({ ...wide }, serve(desk))),
  connect: async (address) =>
    client(await connected(connect({ host: "127.0.0.1", port: Number(address), ...wide }), "connect"))
}

// What gc's own streams use in the mode psk.
const tls = { minVersion: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256", ecdhCurve: "X25519:P-256" } as const

/** Over TLS 1.3. */
export const secured: Pair = {
  listen: (desk, secret) =>
    listening(createTlsServer({ ...tls, pskCallback: () => Buffer.from(secret, "hex") }, serve(desk))),
  connect: async (address, secret) => {
    const socket = connectTls({
      ...tls,
      host: "127.0.0.1",
      port: Number(address),
      ...wide,
      pskCallback: () => ({ psk: Buffer.from(secret, "hex"), identity: "bench" }),
      checkServerIdentity: () => undefined
    })
    return client(await connected(socket, "secureConnect"))
  }
}
