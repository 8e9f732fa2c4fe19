import * as StreamTls from "@gc/core/StreamTls"
import { isCertificateError, makeStreams, provePlain, type Streams as CommonStreams } from "@gc/core/StreamTransport"
import type { LinkSecurity, SecurityMode, TransportReason } from "@gc/core/Transport"
import * as Result from "effect/Result"
import * as net from "node:net"
import * as tls from "node:tls"
import { alpn } from "./names.ts"
import type { Settings } from "./settings.ts"

/** How one security mode makes the streams under WebSockets, and what they prove. @internal */
export type Streams = CommonStreams<"ws" | "wss", net.Server, net.Socket>

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
    encrypted: true,
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

const names = { plain: "ws", encrypted: "wss", alpn } as const

const streamsOfMode = makeStreams<"ws" | "wss", net.Server, net.Socket, tls.SecureContext>(names, {
  serve: (options) => net.createServer(options),
  connect: (options) => net.connect(options),
  createContext: tls.createSecureContext,
  serveTls,
  connectTls: (options) => tls.connect(options),
  tlsOf: (socket) => (socket instanceof tls.TLSSocket ? socket : undefined)
})

/** The streams of a mode, in plain mode with or without TLS of the web; or why there are none. @internal */
export const streamsOf = (
  mode: SecurityMode,
  settings: Settings,
  security: LinkSecurity,
  web: boolean
): Result.Result<Streams, TransportReason> =>
  mode === "plain" && web ? Result.succeed(webStreams(settings)) : streamsOfMode(mode, settings, security)
