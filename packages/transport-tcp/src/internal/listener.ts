import * as Address from "@gc/core/Address"
import { advertised, bindHost, type StreamSettings } from "@gc/core/StreamOptions"
import {
  acceptFrom,
  Backlog,
  bind,
  gather,
  modeOf,
  Notices,
  type Pending,
  socketOptions
} from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import { failure, transportName } from "./names.ts"
import { wireOver } from "./sockets.ts"
import { type Streams, streamsOf } from "./streams.ts"

/** @internal */
export const listen = Effect.fnUntraced(function* (
  settings: StreamSettings,
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
      const notices = new Notices(transportName, Address.format(wanted), yield* Effect.context<never>())
      const backlog = new Backlog(settings.maxPending, (reason) => notices.dropped(reason))
      const close = Effect.sync(() => {
        server.close()
        backlog.close()
      })
      const secure = streams.success.encrypted
      gather<Socket>({
        server,
        backlog,
        notices,
        secure,
        deadline: secure ? settings.handshakeTimeout : undefined,
        admit: (pending, socket) => admit({ backlog, notices, streams: streams.success, settings }, pending, socket)
      })
      const port = yield* restore(bind(server, host, settings.port)).pipe(
        Effect.onError(() => close),
        Effect.mapError(fail)
      )
      server.on("error", (error) => notices.acceptError(error))
      yield* Effect.addFinalizer(() => close)
      const address = advertised(settings, streams.success.protocol, host, port)
      notices.address = Address.format(address)
      const remote = { transport: transportName, text: notices.address, host: Option.none() }
      return { addresses: [address], accept: acceptFrom(backlog, remote, notices) }
    })
  )
})

interface Listening {
  readonly backlog: Backlog
  readonly notices: Notices
  readonly streams: Streams
  readonly settings: StreamSettings
}

const admit = ({ backlog, notices, streams, settings }: Listening, pending: Pending, socket: Socket): void => {
  const proof = streams.proveAccepted(socket)
  if (Result.isFailure(proof)) {
    if (backlog.remove(pending)) notices.unproven(proof.failure)
    return
  }
  const wire = wireOver(socket, streams.protocol, proof.success, settings)
  socket.once("data", () => backlog.heard(pending))
  socket.once("close", () => {
    if (wire.cut) backlog.drop(pending, "cut")
  })
  backlog.ready(pending, socket, wire)
}
