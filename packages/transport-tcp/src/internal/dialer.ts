import * as Address from "@gc/core/Address"
import type { StreamSettings } from "@gc/core/StreamOptions"
import { openReason, type Wire } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import { failure, transportName } from "./names.ts"
import { modeOf, streamsOf } from "./security.ts"
import { destroy, socketOptions, wireOver } from "./sockets.ts"
import type { Streams } from "./streams.ts"

/** @internal */
export const dial = Effect.fnUntraced(function* (
  settings: StreamSettings,
  address: Address.Address,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Connection, Transport.TransportError, Scope.Scope> {
  const fail = (reason: Transport.TransportReason) => Effect.fail(failure(Address.format(address), reason))
  const mode = modeOf(settings, security)
  const dialed = mode === "plain" ? ["tcp"] : ["tls", "tcp"]
  if (!dialed.includes(address.protocol)) return yield* fail(new Transport.ProtocolUnsupported({ supported: dialed }))
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, address, security)
  const streams = streamsOf(mode, settings, security)
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  return yield* connect(settings, address, streams.success).pipe(Effect.catch(fail))
})

const connect = (
  settings: StreamSettings,
  address: Address.Address,
  streams: Streams
): Effect.Effect<Transport.Connection, Transport.TransportReason, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const socket = streams.connect({ ...socketOptions(settings), host: address.host, port: address.port })
      const wire = yield* restore(within(settings.connectTimeout, socket, connected(settings, streams, socket))).pipe(
        Effect.onError(() => destroy(socket))
      )
      yield* Effect.addFinalizer(() => wire.close)
      return wire.connection
    })
  )

const within = <A>(
  timeout: Duration.Duration,
  socket: Socket,
  effect: Effect.Effect<A, Transport.TransportReason>
): Effect.Effect<A, Transport.TransportReason> =>
  Effect.timeoutOrElse(effect, {
    duration: timeout,
    orElse: () =>
      Effect.fail(new Transport.ConnectTimeout({ millis: Duration.toMillis(timeout), taken: !socket.connecting }))
  })

const reasonOf = (streams: Streams, error: Error): Transport.TransportReason => {
  const detail = streams.explain(error)
  return detail === undefined ? openReason(error) : new Transport.SecurityFailed({ detail })
}

/** The wire is made in the very event that says the socket is whole: no byte and no error comes in between. */
const connected = (
  settings: StreamSettings,
  streams: Streams,
  socket: Socket
): Effect.Effect<Wire, Transport.TransportReason> =>
  Effect.callback((resume) => {
    socket.on("error", (error) => resume(Effect.fail(reasonOf(streams, error))))
    socket.once("close", () => resume(Effect.fail(new Transport.Reset({ code: "ECONNRESET" }))))
    socket.once(streams.protocol === "tls" ? "secureConnect" : "connect", () => {
      const proof = streams.proveDialed(socket)
      if (Result.isFailure(proof)) {
        return resume(Effect.fail(new Transport.SecurityFailed({ detail: proof.failure })))
      }
      const wire = wireOver(socket, streams.protocol, proof.success, settings)
      wire.open()
      resume(Effect.succeed(wire))
    })
  })
