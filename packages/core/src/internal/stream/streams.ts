import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { LinkProof, LinkSecurity, SecurityMode, TransportReason } from "../../Transport.ts"
import { Reset, SecurityFailed } from "../../TransportError.ts"
import { openReason } from "./errors.ts"
import type { StreamSettings } from "./options.ts"
import { mtlsMode, type Proof, pskMode, type TlsMode, type TlsStream, unusable } from "./tlsModes.ts"

/** What every socket of a transport is made with. @category models @since 0.1.0 */
export interface SocketOptions {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
}

/** What a dialed socket is made with. @category models @since 0.1.0 */
export interface DialOptions extends SocketOptions {
  readonly host: string
  readonly port: number
}

/** What Node makes streams of, as the transport imports it. @category models @since 0.1.0 */
export interface StreamMakers<Server, Socket, Context> {
  readonly serve: (options: SocketOptions) => Server
  readonly connect: (options: DialOptions) => Socket
  readonly createContext: (options: TlsMode["context"]) => Context
  readonly serveTls: (options: SocketOptions & TlsMode["server"]) => Server
  readonly connectTls: (options: DialOptions & TlsMode["client"] & { readonly secureContext: Context }) => Socket
  /** The socket, if it is one of TLS. */
  readonly tlsOf: (socket: Socket) => TlsStream | undefined
}

/** How one security mode makes its streams and what they prove. @category models @since 0.1.0 */
export interface Streams<Protocol extends string, Server, Socket> {
  readonly protocol: Protocol
  /** Whether they are whole at `secureConnect`, and not at `connect`. */
  readonly encrypted: boolean
  readonly serve: (options: SocketOptions) => Server
  readonly proveAccepted: (socket: Socket) => Proof
  readonly connect: (options: DialOptions) => Socket
  readonly proveDialed: (socket: Socket) => Proof
  /** Why a handshake failed, where the mode knows it better than the error. */
  readonly explain: (error: Error) => string | undefined
}

/** @category conversions @since 0.1.0 */
export const socketOptions = ({ keepAlive }: StreamSettings): SocketOptions => ({
  noDelay: true,
  keepAlive: keepAlive !== undefined,
  keepAliveInitialDelay: keepAlive ?? 0
})

/** The mode that a transport was told, or else its cluster's. @category options @since 0.1.0 */
export const modeOf = (settings: StreamSettings, security: LinkSecurity): SecurityMode =>
  settings.security ?? security.mode

/** What a plain stream proves. @category constructors @since 0.1.0 */
export const provePlain = (): Proof => Result.succeed({ _tag: "Plain" })

/** The names of a transport's streams. @category models @since 0.1.0 */
export interface StreamNames<Protocol extends string> {
  readonly plain: Protocol
  readonly encrypted: Protocol
  /** What runs in TLS. */
  readonly alpn: string
}

const tlsStreams = <Protocol extends string, Server, Socket, Context>(
  protocol: Protocol,
  mode: TlsMode,
  { connectTls, createContext, serveTls, tlsOf }: StreamMakers<Server, Socket, Context>
): Result.Result<Streams<Protocol, Server, Socket>, string> => {
  const onlyTls = (prove: (stream: TlsStream) => Proof) => (socket: Socket) => {
    const stream = tlsOf(socket)
    return stream === undefined ? Result.fail("the stream is not encrypted") : prove(stream)
  }
  return Result.try({
    try: () => {
      const secureContext = createContext(mode.context)
      return {
        protocol,
        encrypted: true,
        serve: (options) => serveTls({ ...options, ...mode.server }),
        proveAccepted: onlyTls(mode.proveAccepted),
        connect: (options) => connectTls({ ...mode.client, ...options, secureContext }),
        proveDialed: onlyTls(mode.proveDialed),
        explain: mode.explain
      } satisfies Streams<Protocol, Server, Socket>
    },
    catch: unusable
  })
}

/**
 * The streams of a mode, or why there are none. TLS is set up once for a cluster's keys or a node's certificates, however often is dialed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeStreams = <Protocol extends string, Server, Socket, Context>(
  { alpn, encrypted, plain }: StreamNames<Protocol>,
  makers: StreamMakers<Server, Socket, Context>
) => {
  type Made = Streams<Protocol, Server, Socket>
  const { connect, serve } = makers
  const bare: Made = {
    protocol: plain,
    encrypted: false,
    serve,
    proveAccepted: provePlain,
    connect,
    proveDialed: provePlain,
    explain: () => undefined
  }
  const made = new WeakMap<object, Result.Result<Made, string>>()
  const once = (key: object, mode: () => Result.Result<TlsMode, string>): Result.Result<Made, string> => {
    const streams = made.get(key) ?? Result.flatMap(mode(), (one) => tlsStreams(encrypted, one, makers))
    made.set(key, streams)
    return streams
  }
  return (
    mode: SecurityMode,
    settings: StreamSettings,
    security: LinkSecurity
  ): Result.Result<Made, TransportReason> => {
    if (mode === "plain") return Result.succeed(bare)
    const streams =
      mode === "psk"
        ? once(security.psks, () => pskMode(security.psks, alpn))
        : once(settings.tls ?? settings, () => mtlsMode(settings.tls, alpn))
    return Result.mapError(streams, (detail) => new SecurityFailed({ detail }))
  }
}

/** What is waited for at a dialed socket. @category models @since 0.1.0 */
export interface OpeningSocket {
  on(event: "error", listener: (error: Error) => void): unknown
  once(event: "close" | "connect" | "secureConnect", listener: () => void): unknown
}

/**
 * Waits until a dialed socket is as secure as it gets, and calls back with what it proves in the very event that says so: no byte and no
 * error comes in between.
 *
 * @category utils
 * @since 0.1.0
 */
export const proven = <A, Protocol extends string, Server, Socket extends OpeningSocket>(
  streams: Streams<Protocol, Server, Socket>,
  socket: Socket,
  then: (proof: LinkProof) => A
): Effect.Effect<A, TransportReason> =>
  Effect.callback((resume) => {
    const fail = (reason: TransportReason) => resume(Effect.fail(reason))
    socket.on("error", (error) => {
      const detail = streams.explain(error)
      fail(detail === undefined ? openReason(error) : new SecurityFailed({ detail }))
    })
    socket.once("close", () => fail(new Reset({ code: "ECONNRESET" })))
    socket.once(streams.encrypted ? "secureConnect" : "connect", () => {
      const proof = streams.proveDialed(socket)
      if (Result.isFailure(proof)) fail(new SecurityFailed({ detail: proof.failure }))
      else resume(Effect.succeed(then(proof.success)))
    })
  })
