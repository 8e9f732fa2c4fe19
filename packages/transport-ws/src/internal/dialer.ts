import * as Address from "@gc/core/Address"
import { dialed, modeOf, openReason, proven, socketOptions, type Wire } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import { WebSocket } from "ws"
import { failure, subprotocol, transportName } from "./names.ts"
import type { Settings } from "./settings.ts"
import { webSocketOptions, wireOver } from "./sockets.ts"
import { type Streams, streamsOf } from "./streams.ts"

const supported = ["ws", "wss"]

/** @internal */
export const dial = Effect.fnUntraced(function* (
  settings: Settings,
  address: Address.Address,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Connection, Transport.TransportError, Scope.Scope> {
  const fail = (reason: Transport.TransportReason) => Effect.fail(failure(Address.format(address), reason))
  const mode = modeOf(settings, security)
  if (!supported.includes(address.protocol)) return yield* fail(new Transport.ProtocolUnsupported({ supported }))
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, address, security)
  const streams = streamsOf(mode, settings, security, address.protocol === "wss")
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  const { connect } = streams.success
  const socket = () => connect({ ...socketOptions(settings), host: address.host, port: address.port })
  return yield* dialed(socket, settings.connectTimeout, (socket) =>
    Effect.flatMap(
      proven(streams.success, socket, (proof) => proof),
      (proof) => upgraded(settings, address, streams.success, socket, proof)
    )
  ).pipe(Effect.catch(fail))
})

/** Where an address without a path leads: to the path of this node, for all of a cluster have the same. */
const urlOf = (settings: Settings, streams: Streams, address: Address.Address): string =>
  Address.format({ ...address, protocol: streams.protocol, path: address.path === "" ? settings.path : address.path })

/** Why `ws` or the parser of Node's HTTP gave up. */
const refusal = (error: Error): Transport.TransportReason => {
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  if (code.startsWith("HPE_")) {
    const detail = `the other end does not speak HTTP (${code}): is it a listener of another transport?`
    return new Transport.TransportFailed({ detail, cause: error })
  }
  if (code !== "") return openReason(error)
  const detail = `the server is no gc node (${error.message}): compare the address and its path, and what a proxy passes on`
  return new Transport.TransportFailed({ detail, cause: error })
}

/** The wire is made in the very event that says the WebSocket is open: no byte and no error comes in between. */
const upgraded = (
  settings: Settings,
  address: Address.Address,
  streams: Streams,
  socket: Socket,
  proof: Transport.LinkProof
): Effect.Effect<Wire, Transport.TransportReason> =>
  Effect.callback((resume) => {
    if (socket.destroyed) return resume(Effect.fail(new Transport.Reset({ code: "ECONNRESET" })))
    const fail = (reason: Transport.TransportReason) => resume(Effect.fail(reason))
    const ws = new WebSocket(urlOf(settings, streams, address), [subprotocol], {
      ...webSocketOptions,
      maxHeaderSize: 16_384,
      createConnection: () => socket
    })
    ws.on("error", (error) => fail(refusal(error)))
    ws.on("unexpected-response", (_request, response) => {
      response.resume()
      fail(new Transport.UpgradeRefused({ status: response.statusCode ?? 0 }))
    })
    ws.once("open", () => {
      const wire = wireOver(ws, socket, true, streams.protocol, proof, settings)
      wire.open()
      resume(Effect.succeed(wire))
    })
    return Effect.sync(() => ws.terminate())
  })
