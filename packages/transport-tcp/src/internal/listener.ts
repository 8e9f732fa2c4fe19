import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Server, Socket } from "node:net"
import { watchAcceptErrors } from "./acceptErrors.ts"
import { Backlog, type Pending } from "./backlog.ts"
import { failure, openReason, transportName } from "./errors.ts"
import { countAccepted, countDropped } from "./metrics.ts"
import { modeOf, type Streams, streams } from "./security.ts"
import { advertised, bindHost, type Settings } from "./settings.ts"
import { socketOptions } from "./sockets.ts"
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
  const secured = streams(mode)
  if (Result.isFailure(secured)) return yield* fail(secured.failure)
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const server = secured.success.serve(socketOptions(settings))
      const port = yield* restore(bind(server, host, settings.port)).pipe(
        Effect.onError(() => Effect.sync(() => server.close())),
        Effect.mapError(fail)
      )
      const context = yield* Effect.context<never>()
      const backlog = new Backlog(settings.maxPending, (reason) => countDropped(context, reason))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          server.close()
          backlog.close()
        })
      )
      watchAcceptErrors(server, Address.format(wanted), context)
      fill(server, backlog, secured.success, settings)
      const address = advertised(settings, secured.success.protocol, host, port)
      return { addresses: [address], accept: accept(backlog, address, context) }
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

const fill = (server: Server, backlog: Backlog, secured: Streams, settings: Settings): void => {
  server.on("connection", (socket) => {
    const pending = backlog.add(socket)
    // The listener closed while this one was on its way.
    if (backlog.closed) return backlog.drop(pending, "closing")
    admit(backlog, pending, secured, socket, settings)
  })
}

const admit = (backlog: Backlog, pending: Pending, secured: Streams, socket: Socket, settings: Settings): void => {
  const proof = secured.proveAccepted(socket)
  if (Result.isFailure(proof)) return backlog.drop(pending, "unproven")
  const wire = new Wire(socket, remoteOf(secured.protocol, socket), proof.success, settings.highWaterMark)
  socket.once("data", () => backlog.heard(pending))
  socket.once("close", () => {
    if (wire.cut) backlog.drop(pending, "cut")
  })
  backlog.ready(pending, wire)
}

const accept = (
  backlog: Backlog,
  address: Address.Address,
  context: Context.Context<never>
): Transport.Listener["accept"] =>
  Effect.uninterruptibleMask((restore) => {
    const next: Transport.Listener["accept"] = Effect.suspend(() => {
      const wire = backlog.take()
      if (wire !== undefined) {
        countAccepted(context)
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
