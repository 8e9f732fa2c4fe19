import * as StreamTls from "@gc/core/StreamTls"
import type { StreamSettings } from "@gc/core/StreamOptions"
import * as Transport from "@gc/core/Transport"
import * as Result from "effect/Result"
import * as net from "node:net"
import type { Proof, Streams } from "./streams.ts"

// An import of it as a module of ECMAScript reads every export, and one of them makes the texts of all roots that Node ships.
const tls = process.getBuiltinModule("node:tls")

const provePlain = (): Proof => Result.succeed({ _tag: "Plain" })

const plainStreams: Streams = {
  protocol: "tcp",
  serve: (options) => net.createServer(options),
  proveAccepted: provePlain,
  connect: (options) => net.connect(options),
  proveDialed: provePlain,
  explain: () => undefined
}

const alpn = "gc/1"

const encrypted =
  (prove: (stream: StreamTls.TlsStream) => Proof) =>
  (socket: net.Socket): Proof =>
    socket instanceof tls.TLSSocket ? prove(socket) : Result.fail("the stream is not encrypted")

const tlsStreams = (mode: StreamTls.TlsMode): Result.Result<Streams, string> =>
  Result.try({
    try: () => {
      const secureContext = tls.createSecureContext(mode.context)
      return {
        protocol: "tls",
        serve: (options) =>
          // Node leaves the socket open when a handshake takes too long.
          tls.createServer({ ...options, ...mode.server }).on("tlsClientError", (_error, socket) => socket.destroy()),
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
const once = (key: object, mode: () => Result.Result<StreamTls.TlsMode, string>): Result.Result<Streams, string> => {
  const streams = made.get(key) ?? Result.flatMap(mode(), tlsStreams)
  made.set(key, streams)
  return streams
}

/** @internal */
export const modeOf = (settings: StreamSettings, security: Transport.LinkSecurity): Transport.SecurityMode =>
  settings.security ?? security.mode

/** The streams of a mode, or why there are none. @internal */
export const streamsOf = (
  mode: Transport.SecurityMode,
  settings: StreamSettings,
  security: Transport.LinkSecurity
): Result.Result<Streams, Transport.TransportReason> => {
  if (mode === "plain") return Result.succeed(plainStreams)
  const streams =
    mode === "psk"
      ? once(security.psks, () => StreamTls.pskMode(security.psks, alpn))
      : once(settings.tls ?? settings, () => StreamTls.mtlsMode(settings.tls, alpn))
  return Result.mapError(streams, (detail) => new Transport.SecurityFailed({ detail }))
}
