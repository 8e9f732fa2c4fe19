/**
 * Streams of an attacker: bare sockets, frame by frame.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as net from "node:net"
import * as tls from "node:tls"
import { bare, bareDial } from "../secureModes.ts"

/** A stream that gives whole frames as they are on the wire. */
export class Wire {
  readonly socket: net.Socket
  readonly closed: Promise<void>
  readonly #frames: Array<Buffer> = []
  #bytes = Buffer.alloc(0)
  #ended = false
  #stir: (() => void) | undefined

  constructor(socket: net.Socket) {
    this.socket = socket
    socket.on("error", () => {})
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32BE()) {
        const length = 4 + this.#bytes.readUInt32BE()
        this.#frames.push(this.#bytes.subarray(0, length))
        this.#bytes = this.#bytes.subarray(length)
      }
      this.#stir?.()
    })
    const over = () => {
      this.#ended = true
      this.#stir?.()
    }
    socket.once("end", over)
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        over()
        resolve()
      })
    })
  }

  send(...frames: ReadonlyArray<Uint8Array>): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames))
  }

  /** Nothing more comes from here. */
  end(): void {
    this.socket.end()
  }

  /** The next frame, or nothing when the other end has said its last one. */
  async next(): Promise<Buffer | undefined> {
    while (this.#frames.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#stir = resolve))
    }
    return this.#frames.shift()
  }

  /** Every frame that still comes until the other end is done, and then the end of this one. */
  async rest(): Promise<ReadonlyArray<Buffer>> {
    const frames: Array<Buffer> = []
    for (let next = await this.next(); next !== undefined; next = await this.next()) frames.push(next)
    this.socket.destroy()
    await this.closed
    return frames
  }
}

/** The channel binding of a stream, zeros on a plain one. */
export const bindingOf = ({ socket }: Wire): Buffer =>
  socket instanceof tls.TLSSocket
    ? socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0))
    : Buffer.alloc(32)

/** A plain stream to a port on loopback. */
export const plainTo = (port: number): Promise<Wire> =>
  new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port, noDelay: true }, () => resolve(new Wire(socket)))
    socket.on("error", () => {})
  })

/** A stream over TLS with these options; what was refused on the way gives an error. */
export const secureTo = async (port: number, options: tls.ConnectionOptions): Promise<Wire | Error> => {
  const socket = await bareDial(port, options)
  if (socket instanceof Error) return socket
  return new Wire(socket.setNoDelay(true))
}

/** TLS options with the key of a cluster. */
export const withKey = (identity: string, psk: Buffer): tls.ConnectionOptions => ({
  pskCallback: () => ({ psk, identity })
})

/** A server of an attacker, its port on loopback. */
const serving = (server: net.Server, sockets: Set<net.Socket>) =>
  Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as net.AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
  )

/** Takes plain connections. */
export const plainServer = (act: (wire: Wire) => void): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    act(new Wire(socket))
  })
  return serving(server, sockets)
}

/** Takes connections over TLS 1.3 that get through the handshake. */
export const secureServer = (
  options: tls.TlsOptions,
  act: (wire: Wire) => void
): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<net.Socket>()
  const server = tls.createServer({ minVersion: "TLSv1.3", ALPNProtocols: ["gc/1"], ...options })
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
  })
  server.on("tlsClientError", (_error, socket) => socket.destroy())
  server.on("secureConnection", (socket) => act(new Wire(socket)))
  return serving(server, sockets)
}

/** TLS options of a server with the key of a cluster. */
export const servingKey = (psk: Buffer): tls.TlsOptions => ({ ciphers: bare.ciphers!, pskCallback: () => psk })
