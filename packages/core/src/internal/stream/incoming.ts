import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Connection, Listener } from "../../Transport.ts"
import { Closed, type TransportError, type TransportReason } from "../../TransportError.ts"
import type { Backlog, Incoming, Pending } from "./backlog.ts"
import type { Remote } from "./byteStream.ts"
import { failure, openReason } from "./errors.ts"
import type { Notices } from "./notices.ts"

/** A server of `node:net` or `node:tls` that does not listen yet. @category models @since 0.1.0 */
export interface StreamServer {
  once(event: "error", listener: (error: Error) => void): unknown
  once(event: "listening", listener: () => void): unknown
  off(event: "error", listener: (error: Error) => void): unknown
  listen(options: { host: string; port: number; exclusive: boolean }, listening: () => void): unknown
  address(): { readonly port: number } | string | null
  close(): unknown
}

/** Listens, and answers the real port. @category combinators @since 0.1.0 */
export const bind = (server: StreamServer, host: string, port: number): Effect.Effect<number, TransportReason> =>
  Effect.callback((resume) => {
    const refused = (error: Error) => resume(Effect.fail(openReason(error)))
    server.once("error", refused)
    // Exclusive: workers of node:cluster would otherwise share one port, and two nodes would be one address.
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", refused)
      const bound = server.address()
      resume(Effect.succeed(typeof bound === "object" && bound !== null ? bound.port : port))
    })
    // A host name that is still being looked up would be bound after the close.
    return Effect.sync(() => server.once("listening", () => server.close()))
  })

/** A socket that came in. @category models @since 0.1.0 */
export interface IncomingSocket extends Incoming {
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  on(event: "error", listener: (error: Error) => void): unknown
  once(event: "close", listener: () => void): unknown
}

/** How connections come in: the server, and what is done with one that is as secure as it gets. @category models @since 0.1.0 */
export interface Gathering<Socket extends IncomingSocket> {
  readonly server: {
    on(event: "connection" | "secureConnection", listener: (socket: Socket) => void): unknown
    on(event: "tlsClientError", listener: (error: Error) => void): unknown
  }
  readonly backlog: Backlog
  readonly notices: Notices
  /** Whether the server speaks TLS. */
  readonly secure: boolean
  /** Milliseconds until a connection that was not made ready is dropped; `undefined` where nothing has to happen first. */
  readonly deadline: number | undefined
  readonly admit: (pending: Pending, socket: Socket) => void
}

/** Puts what comes in into the backlog, and admits it once its TLS handshake is done. @category combinators @since 0.1.0 */
export const gather = <Socket extends IncomingSocket>(gathering: Gathering<Socket>): void => {
  const { server, backlog, notices, secure } = gathering
  const handshaking = new Map<string, Pending>()
  server.on("connection", (socket) => {
    const pending = backlog.add(socket)
    // The listener closed while this one was on its way.
    if (backlog.closed) return backlog.drop(pending, "closing")
    if (gathering.deadline !== undefined) {
      const deadline = setTimeout(() => {
        if (pending.wire === undefined) backlog.drop(pending, "handshake")
      }, gathering.deadline)
      socket.once("close", () => {
        clearTimeout(deadline)
        if (pending.wire === undefined) backlog.drop(pending, pending.reason)
      })
    }
    if (!secure) return gathering.admit(pending, socket)
    socket.on("error", ignore)
    const key = endpoints(socket)
    handshaking.set(key, pending)
    socket.once("close", () => {
      if (handshaking.get(key) === pending) handshaking.delete(key)
    })
  })
  server.on("tlsClientError", (error: Error) => notices.handshakeError(error))
  server.on("secureConnection", (socket) => {
    socket.on("error", ignore)
    const key = endpoints(socket)
    const pending = handshaking.get(key)
    handshaking.delete(key)
    if (pending === undefined || socket.remoteAddress === undefined) socket.destroy()
    else gathering.admit(pending, socket)
  })
}

/** An error that nobody listens for ends the process; the close that follows says enough. */
const ignore = (): void => {}

/** Node does not say which connection a TLS socket is made of; its two ends do. */
const endpoints = (socket: IncomingSocket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`

/** `Listener.accept` out of a backlog. @category constructors @since 0.1.0 */
export const acceptFrom = (backlog: Backlog, listener: Remote, notices: Notices): Listener["accept"] =>
  Effect.uninterruptibleMask((restore) => {
    const next: Effect.Effect<Connection, TransportError, Scope.Scope> = Effect.suspend(() => {
      const wire = backlog.take()
      if (wire !== undefined) {
        notices.accepted()
        wire.open()
        return Effect.as(
          Effect.addFinalizer(() => wire.close),
          wire.connection
        )
      }
      if (backlog.closed) return Effect.fail(failure(listener, new Closed({})))
      return Effect.flatMap(restore(backlog.changed), () => next)
    })
    return next
  })
