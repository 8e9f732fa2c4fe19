/** Peers of a transport that are none of its own: bare sockets, and the bare stream in them. */
import type * as Address from "@gc/core/Address"
import type { StreamOptions } from "@gc/core/StreamOptions"
import type * as Transport from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as net from "node:net"
import type { Duplex } from "node:stream"
import * as tls from "node:tls"
import { Worker } from "node:worker_threads"
import { addressAt, type Kit } from "./kit.ts"
import { local, plain } from "./security.ts"
import { addressOf, turns } from "./support.ts"

/** A listener and a pair of connections through it; each connection closes with the scope. */
export const pair = Effect.fnUntraced(function* (
  kit: Kit,
  options: StreamOptions = local,
  security: Transport.LinkSecurity = plain,
  dialer: StreamOptions = options
) {
  const listener = yield* kit.make(options).listen(security)
  const client = yield* kit.make(dialer).dial(addressOf(listener), security)
  const server = yield* listener.accept
  return { listener, client, server, address: addressOf(listener) }
})

/** A bare socket to a port on loopback: it says nothing, and does not read until it is told to. */
export const bareSocket = (port: number): Effect.Effect<net.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<net.Socket>((resume) => {
      const socket = net.connect({ host: "127.0.0.1", port })
      socket.on("error", () => {})
      socket.once("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** A peer that says what it wants: the stream, and the socket under it. */
export interface Raw {
  readonly stream: Duplex
  readonly socket: net.Socket
}

/** A raw peer of a listener without TLS: it does not read until it is told to. */
export const rawClient = (kit: Kit, address: Address.Address): Effect.Effect<Raw, never, Scope.Scope> =>
  Effect.flatMap(bareSocket(address.port), (socket) =>
    Effect.promise(async () => {
      const stream = await kit.client(socket)
      stream.on("error", () => {})
      return { stream, socket }
    })
  )

/** A listener's connection whose peer is raw; that goes first when the test ends. */
export const rawPair = Effect.fnUntraced(function* (kit: Kit, options: StreamOptions = local) {
  const listener = yield* kit.make(options).listen(plain)
  const raw = yield* rawClient(kit, addressOf(listener))
  const server = yield* listener.accept
  yield* Effect.addFinalizer(() => Effect.sync(() => raw.socket.destroy()))
  return { raw, server, listener }
})

/** Lets a server listen on loopback; its connections are destroyed at the end. */
export const serving = (server: net.Server): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<net.Socket>()
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
  })
  return Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as net.AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
  )
}

/** A server of bare sockets. */
export const bareServer = (
  kit: Kit,
  onConnection: (socket: net.Socket) => void
): Effect.Effect<Address.Address, never, Scope.Scope> =>
  Effect.map(serving(net.createServer({ allowHalfOpen: true }, onConnection)), (port) => addressAt(kit, port))

/** A server that lets everybody in, and hands over the stream. */
export const rawServer = (kit: Kit, onStream: (raw: Raw) => void): Effect.Effect<Address.Address, never, Scope.Scope> =>
  bareServer(kit, (socket) =>
    kit.server(socket, (stream) => {
      stream.on("error", () => {})
      onStream({ stream, socket })
    })
  )

/** A bare TLS peer's options: what gc speaks, and a key or a certificate on top. */
export const bareTls = ({ alpn }: Kit): tls.ConnectionOptions => ({
  host: "127.0.0.1",
  minVersion: "TLSv1.3",
  ciphers: "TLS_AES_128_GCM_SHA256",
  ALPNProtocols: [alpn],
  ca: [],
  checkServerIdentity: () => undefined
})

export const bareKey = (byte: number, identity = "gc1:me"): tls.ConnectionOptions => ({
  pskCallback: () => ({ psk: Buffer.alloc(32, byte), identity })
})

/** Connects a bare TLS peer; answers how it ended, or the socket when the handshake went well. */
export const bareDial = (kit: Kit, port: number, options: tls.ConnectionOptions): Promise<tls.TLSSocket | Error> =>
  new Promise((resolve) => {
    const socket = tls.connect({ ...bareTls(kit), port, ...options })
    socket.on("error", (error) => {
      socket.destroy()
      resolve(error)
    })
    socket.once("secureConnect", () => resolve(socket))
    socket.once("close", () => resolve(new Error("closed")))
  })

/** A raw peer over TLS whose handshake goes well. */
export const rawTls = (
  kit: Kit,
  port: number,
  options: tls.ConnectionOptions
): Effect.Effect<Raw & { readonly socket: tls.TLSSocket }> =>
  Effect.promise(async () => {
    const socket = await bareDial(kit, port, options)
    if (socket instanceof Error) throw socket
    const stream = await kit.client(socket)
    stream.on("error", () => {})
    return { stream, socket }
  })

/**
 * An address on loopback that answers no connection attempt: a thread that never comes back to its event loop listens there,
 * and its accept queue is full.
 */
export const blackhole = (kit: Kit): Effect.Effect<Address.Address, never, Scope.Scope> =>
  Effect.gen(function* () {
    const worker = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Worker(
            `const { parentPort } = require("node:worker_threads")
           const server = require("node:net").createServer()
           server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
             parentPort.postMessage(server.address().port)
             setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
           })`,
            { eval: true }
          )
      ),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const port = yield* Effect.callback<number>((resume) => {
      worker.once("message", (message) => resume(Effect.succeed(message)))
    })
    let connected = true
    for (let number = 0; connected && number < 10; number++) {
      connected = false
      const socket = net.connect({ host: "127.0.0.1", port }, () => (connected = true))
      socket.on("error", () => {})
      yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
      yield* turns
    }
    assert.isFalse(connected, "the accept queue is not full")
    return addressAt(kit, port)
  })
