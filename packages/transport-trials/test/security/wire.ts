/**
 * Streams of an attacker: bare sockets, frame by frame.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as net from "node:net"
import type { Duplex } from "node:stream"
import * as tls from "node:tls"
import type { Kit } from "../kit.ts"
import { bareDial, serving } from "../peers.ts"

/** A stream that gives whole frames as they are on the wire. */
export class Wire {
  readonly stream: Duplex
  /** The socket under it. */
  readonly socket: net.Socket
  readonly closed: Promise<void>
  readonly #frames: Array<Buffer> = []
  #bytes = Buffer.alloc(0)
  #ended = false
  #stir: (() => void) | undefined

  constructor(stream: Duplex, socket: net.Socket) {
    this.stream = stream
    this.socket = socket
    stream.on("error", () => {})
    stream.on("data", (chunk: Buffer) => {
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
    stream.once("end", over)
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        over()
        resolve()
      })
    })
  }

  send(...frames: ReadonlyArray<Uint8Array>): void {
    if (this.stream.writable) this.stream.write(Buffer.concat(frames))
  }

  /** Nothing more comes from here. */
  end(): void {
    this.stream.end()
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

/** A plain stream to a port on loopback; it fails where nobody is let in. */
export const plainTo = (kit: Kit, port: number): Promise<Wire> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port, noDelay: true }, () => {
      kit.client(socket).then((stream) => resolve(new Wire(stream, socket)), reject)
    })
    socket.on("error", () => {})
  })

/** A stream over TLS with these options; what was refused on the way gives an error. */
export const secureTo = async (kit: Kit, port: number, options: tls.ConnectionOptions): Promise<Wire | Error> => {
  const socket = await bareDial(kit, port, options)
  if (socket instanceof Error) return socket
  return kit.client(socket.setNoDelay(true)).then(
    (stream) => new Wire(stream, socket),
    (error: Error) => error
  )
}

/** TLS options with the key of a cluster. */
export const withKey = (identity: string, psk: Buffer): tls.ConnectionOptions => ({
  pskCallback: () => ({ psk, identity })
})

/** Takes plain connections. */
export const plainServer = (kit: Kit, act: (wire: Wire) => void): Effect.Effect<number, never, Scope.Scope> =>
  serving(
    net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      kit.server(socket, (stream) => act(new Wire(stream, socket)))
    )
  )

/** Takes connections over TLS 1.3 that get through the handshake. */
export const secureServer = (
  kit: Kit,
  options: tls.TlsOptions,
  act: (wire: Wire) => void
): Effect.Effect<number, never, Scope.Scope> => {
  const server = tls.createServer({ minVersion: "TLSv1.3", ALPNProtocols: [kit.alpn], ...options })
  server.on("tlsClientError", (_error, socket) => socket.destroy())
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {})
    kit.server(socket, (stream) => act(new Wire(stream, socket)))
  })
  return serving(server)
}

/** TLS options of a server with the key of a cluster. */
export const servingKey = (psk: Buffer): tls.TlsOptions => ({
  ciphers: "TLS_AES_128_GCM_SHA256",
  pskCallback: () => psk
})
