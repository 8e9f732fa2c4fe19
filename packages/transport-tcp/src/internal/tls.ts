import * as Result from "effect/Result"
import { constants } from "node:crypto"
import type { Socket } from "node:net"
import * as tls from "node:tls"

const alpn = "gc/1"

/** What both ends of every encrypted stream insist on. @internal */
export const tlsOptions = {
  minVersion: "TLSv1.3",
  ALPNProtocols: [alpn],
  // Milliseconds of silence; the listener's own deadline holds for a peer that sends a byte now and then.
  handshakeTimeout: 5000
} as const

/**
 * `SSL_OP_NO_TICKET`: Node takes no session back then, so that each stream is proved by a key or a certificate of its own.
 */
const noTickets = constants.SSL_OP_NO_TICKET

/** Node leaves the socket open when a handshake takes too long. @internal */
export const createServer = (options: tls.TlsOptions): tls.Server =>
  tls
    .createServer({ ...tlsOptions, secureOptions: noTickets, ...options })
    .on("tlsClientError", (_error, socket) => socket.destroy())

/** The socket as TLS knows it, once its handshake is done and both ends have agreed on gc. @internal */
export const secured = (socket: Socket): Result.Result<tls.TLSSocket, string> => {
  if (!(socket instanceof tls.TLSSocket)) return Result.fail("the stream is not encrypted")
  if (socket.getProtocol() !== "TLSv1.3") return Result.fail(`the stream is ${socket.getProtocol()} and not TLSv1.3`)
  if (socket.alpnProtocol !== alpn) return Result.fail(`the other end speaks TLS but not ${alpn}`)
  return Result.succeed(socket)
}

/** A TLS exporter with an empty context, 32 bytes (RFC 8446 section 7.5). @internal */
export const exported = (socket: tls.TLSSocket, label: string): Uint8Array =>
  socket.exportKeyingMaterial(32, label, Buffer.alloc(0))

/** The channel binding of RFC 9266. @internal */
export const channelBinding = (socket: tls.TLSSocket): Uint8Array => exported(socket, "EXPORTER-Channel-Binding")
