import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Server, Socket } from "node:net"
import { Backlog, type Pending } from "./backlog.ts"
import { failure, openReason, transportName } from "./errors.ts"
import { Notices } from "./notices.ts"
import { modeOf, streamsOf } from "./security.ts"
import { advertised, bindHost, type Settings } from "./settings.ts"
import { socketOptions } from "./sockets.ts"
import type { Streams } from "./streams.ts"
import { remoteOf, Wire } from "./wire.ts"

/** @internal */
export const listen = Effect.fnUntraced(function* (
  settings: Settings,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Listener, Transport.TransportError, Scope.Scope> {
  const mode = modeOf(settings, security)
  const host = bindHost(settings, mode, security)
  const wanted = Address.make(mode === "plain" ? "tcp" : "tls", host, settings.port)
  const fail = (reason: Transport.TransportReason) => failure(Address.format(wanted), reason)
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, wanted, security)
  const streams = streamsOf(mode, settings, security)
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const server = streams.success.serve(socketOptions(settings))
      const notices = new Notices(Address.format(wanted), yield* Effect.context<never>())
      const backlog = new Backlog(settings.maxPending, (reason) => notices.dropped(reason))
      const close = Effect.sync(() => {
        server.close()
        backlog.close()
      })
      fill({ server, backlog, notices, streams: streams.success, settings })
      const port = yield* restore(bind(server, host, settings.port)).pipe(
        Effect.onError(() => close),
        Effect.mapError(fail)
      )
      server.on("error", (error) => notices.acceptError(error))
      yield* Effect.addFinalizer(() => close)
      const address = advertised(settings, streams.success.protocol, host, port)
      notices.address = Address.format(address)
      return { addresses: [address], accept: accept(backlog, address, notices) }
    })
  )
})

/** Listens, and answers the real port. */
const bind = (server: Server, host: string, port: number): Effect.Effect<number, Transport.TransportReason> =>
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

interface Listening {
  readonly server: Server
  readonly backlog: Backlog
  readonly notices: Notices
  readonly streams: Streams
  readonly settings: Settings
}

/** Puts what comes in into the backlog, and makes it ready once it is whole. */
const fill = (listening: Listening): void => {
  const { server, backlog, notices, streams, settings } = listening
  const handshaking = new Map<string, Pending>()
  server.on("connection", (socket) => {
    const pending = backlog.add(socket)
    // The listener closed while this one was on its way.
    if (backlog.closed) return backlog.drop(pending, "closing")
    if (streams.protocol === "tcp") return admit(listening, pending, socket)
    socket.on("error", ignore)
    const key = endpoints(socket)
    handshaking.set(key, pending)
    const deadline = setTimeout(() => backlog.drop(pending, "handshake"), settings.handshakeTimeout)
    socket.once("close", () => {
      clearTimeout(deadline)
      if (handshaking.get(key) === pending) handshaking.delete(key)
      if (pending.wire === undefined) backlog.drop(pending, "handshake")
    })
  })
  server.on("tlsClientError", (error: Error) => notices.handshakeError(error))
  server.on("secureConnection", (socket: Socket) => {
    socket.on("error", ignore)
    const key = endpoints(socket)
    const pending = handshaking.get(key)
    handshaking.delete(key)
    if (pending === undefined || socket.remoteAddress === undefined) socket.destroy()
    else admit(listening, pending, socket)
  })
}

/** An error that nobody listens for ends the process; the close that follows says enough. */
const ignore = (): void => {}

/** Node does not say which connection a TLS socket is made of; its two ends do. */
const endpoints = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`

const admit = ({ backlog, notices, streams, settings }: Listening, pending: Pending, socket: Socket): void => {
  const proof = streams.proveAccepted(socket)
  if (Result.isFailure(proof)) {
    if (backlog.remove(pending)) notices.unproven(proof.failure)
    return
  }
  const wire = new Wire(socket, remoteOf(streams.protocol, socket), proof.success, settings.highWaterMark)
  socket.once("data", () => backlog.heard(pending))
  socket.once("close", () => {
    if (wire.cut) backlog.drop(pending, "cut")
  })
  backlog.ready(pending, socket, wire)
}

const accept = (backlog: Backlog, address: Address.Address, notices: Notices): Transport.Listener["accept"] =>
  Effect.uninterruptibleMask((restore) => {
    const next: Transport.Listener["accept"] = Effect.suspend(() => {
      const wire = backlog.take()
      if (wire !== undefined) {
        notices.accepted()
        wire.open()
        return Effect.as(
          Effect.addFinalizer(() => wire.close),
          wire.connection
        )
      }
      if (backlog.closed) return Effect.fail(failure(Address.format(address), new Transport.Closed({})))
      return Effect.flatMap(restore(backlog.changed), () => next)
    })
    return next
  })
