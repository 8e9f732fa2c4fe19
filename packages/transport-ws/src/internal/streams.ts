import * as StreamTls from "@gc/core/StreamTls"
import { isCertificateError } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Result from "effect/Result"
import * as net from "node:net"
import * as tls from "node:tls"
import { alpn } from "./names.ts"
import type { Settings } from "./settings.ts"

/** @internal */
export interface SocketOptions {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
}

/** How one security mode makes the streams under WebSockets, and what they prove. @internal */
export interface Streams {
  readonly protocol: "ws" | "wss"
  readonly serve: (options: SocketOptions) => net.Server
  readonly proveAccepted: (socket: net.Socket) => StreamTls.Proof
  readonly connect: (options: SocketOptions & { readonly host: string; readonly port: number }) => net.Socket
  readonly proveDialed: (socket: net.Socket) => StreamTls.Proof
  /** Why a handshake failed, where the mode knows it better than the error. */
  readonly explain: (error: Error) => string | undefined
}

const notExplained = () => undefined

const provePlain = (): StreamTls.Proof => Result.succeed({ _tag: "Plain" })

const bare: Streams = {
  protocol: "ws",
  serve: (options) => net.createServer(options),
  proveAccepted: provePlain,
  connect: (options) => net.connect(options),
  proveDialed: provePlain,
  explain: notExplained
}

/** Node leaves the socket open when a handshake takes too long. */
const serveTls = (options: tls.TlsOptions): tls.Server =>
  tls.createServer(options).on("tlsClientError", (_error, socket) => socket.destroy())

/** Why a server's certificate is not taken. */
const explainWeb = (error: Error): string | undefined => {
  if (!isCertificateError(error) || !("code" in error)) return undefined
  if (error.code === "CERT_HAS_EXPIRED") return "the server's certificate has expired (CERT_HAS_EXPIRED)"
  if (error.code === "ERR_TLS_CERT_ALTNAME_INVALID") return `${error.message} (ERR_TLS_CERT_ALTNAME_INVALID)`
  return `no authority that is trusted here vouches for the server's certificate (${String(error.code)}): give its root as ca, in a file caFile`
}

/**
 * TLS as the web has it: the server shows a certificate for its name, and may be a proxy. So what runs in it is plain for the
 * handshake of gc, whatever this end sees.
 */
const webStreams = ({ ca, tls: own }: Settings): Streams => {
  const roots = ca ?? own?.ca
  const trusted = roots === undefined ? {} : { ca: StreamTls.pemsOf(roots) }
  const material = Result.getOrUndefined(StreamTls.mtlsMode(own, alpn))
  return {
    protocol: "wss",
    serve: (options) => serveTls({ ...options, ...material?.server, requestCert: false }),
    proveAccepted: provePlain,
    connect: (options) =>
      tls.connect({
        ...options,
        ...trusted,
        ALPNProtocols: [alpn],
        ...(net.isIP(options.host) === 0 && { servername: options.host })
      }),
    proveDialed: provePlain,
    explain: explainWeb
  }
}

const encrypted =
  (prove: (stream: StreamTls.TlsStream) => StreamTls.Proof) =>
  (socket: net.Socket): StreamTls.Proof =>
    socket instanceof tls.TLSSocket ? prove(socket) : Result.fail("the stream is not encrypted")

const provenStreams = (mode: StreamTls.TlsMode): Result.Result<Streams, string> =>
  Result.try({
    try: () => {
      const secureContext = tls.createSecureContext(mode.context)
      return {
        protocol: "wss",
        serve: (options) => serveTls({ ...options, ...mode.server }),
        proveAccepted: encrypted(mode.proveAccepted),
        connect: (options) => tls.connect({ ...mode.client, ...options, secureContext }),
        proveDialed: encrypted(mode.proveDialed),
        explain: mode.explain
      } satisfies Streams
    },
    catch: StreamTls.unusable
  })

const made = new WeakMap<object, Result.Result<Streams, string>>()

/** Sets TLS up once for a cluster's keys or a node's certificates, however often is dialed. */
const once = (key: object, make: () => Result.Result<Streams, string>): Result.Result<Streams, string> => {
  const streams = made.get(key) ?? make()
  made.set(key, streams)
  return streams
}

/** @internal */
export const modeOf = (settings: Settings, security: Transport.LinkSecurity): Transport.SecurityMode =>
  settings.security ?? security.mode

/** The streams of a mode, in plain mode with or without TLS of the web; or why there are none. @internal */
export const streamsOf = (
  mode: Transport.SecurityMode,
  settings: Settings,
  security: Transport.LinkSecurity,
  web: boolean
): Result.Result<Streams, Transport.TransportReason> => {
  if (mode === "plain") return Result.succeed(web ? webStreams(settings) : bare)
  const streams =
    mode === "psk"
      ? once(security.psks, () => Result.flatMap(StreamTls.pskMode(security.psks, alpn), provenStreams))
      : once(settings.tls ?? settings, () => Result.flatMap(StreamTls.mtlsMode(settings.tls, alpn), provenStreams))
  return Result.mapError(streams, (detail) => new Transport.SecurityFailed({ detail }))
}

/** @internal */
export const socketOptions = (settings: Settings): SocketOptions => ({
  noDelay: true,
  keepAlive: settings.keepAlive !== undefined,
  keepAliveInitialDelay: settings.keepAlive ?? 0
})
