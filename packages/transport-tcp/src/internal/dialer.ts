import * as Address from "@gc/core/Address"
import type { StreamSettings } from "@gc/core/StreamOptions"
import { dialed, modeOf, proven, socketOptions } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { failure, transportName } from "./names.ts"
import { wireOver } from "./sockets.ts"
import { streamsOf } from "./streams.ts"

/** @internal */
export const dial = Effect.fnUntraced(function* (
  settings: StreamSettings,
  address: Address.Address,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Connection, Transport.TransportError, Scope.Scope> {
  const fail = (reason: Transport.TransportReason) => Effect.fail(failure(Address.format(address), reason))
  const mode = modeOf(settings, security)
  const supported = mode === "plain" ? ["tcp"] : ["tls", "tcp"]
  if (!supported.includes(address.protocol)) return yield* fail(new Transport.ProtocolUnsupported({ supported }))
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, address, security)
  const streams = streamsOf(mode, settings, security)
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  const { connect, protocol } = streams.success
  const socket = () => connect({ ...socketOptions(settings), host: address.host, port: address.port })
  return yield* dialed(socket, settings.connectTimeout, (socket) =>
    proven(streams.success, socket, (proof) => {
      const wire = wireOver(socket, protocol, proof, settings)
      wire.open()
      return wire
    })
  ).pipe(Effect.catch(fail))
})
