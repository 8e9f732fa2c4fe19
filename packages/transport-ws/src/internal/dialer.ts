import * as Address from "@gc/core/Address"
import { openReason, type Wire } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import { WebSocket } from "ws"
import { failure, subprotocol, transportName } from "./names.ts"
import type { Settings } from "./settings.ts"
import { webSocketOptions, wireOver } from "./sockets.ts"
import { modeOf, socketOptions, type Streams, streamsOf } from "./streams.ts"

const dialed = ["ws", "wss"]

/** @internal */
export const dial = Effect.fnUntraced(function* (
  settings: Settings,
  address: Address.Address,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Connection, Transport.TransportError, Scope.Scope> {
  const fail = (reason: Transport.TransportReason) => Effect.fail(failure(Address.format(address), reason))
  const mode = modeOf(settings, security)
  if (!dialed.includes(address.protocol)) return yield* fail(new Transport.ProtocolUnsupported({ supported: dialed }))
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, address, security)
  const streams = streamsOf(mode, settings, security, address.protocol === "wss")
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  return yield* connect(settings, address, streams.success).pipe(Effect.catch(fail))
})

const connect = (
  settings: Settings,
  address: Address.Address,
  streams: Streams
): Effect.Effect<Transport.Connection, Transport.TransportReason, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const socket = streams.connect({ ...socketOptions(settings), host: address.host, port: address.port })
      const opened = Effect.flatMap(proven(streams, socket), (proof) =>
        upgraded(settings, address, streams, socket, proof)
      )
      const wire = yield* restore(within(settings.connectTimeout, socket, opened)).pipe(
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

/** Destroys a socket and waits until its handle is gone. */
const destroy = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })

/** Waits until the socket is as secure as it gets, and answers what it proves. */
const proven = (streams: Streams, socket: Socket): Effect.Effect<Transport.LinkProof, Transport.TransportReason> =>
  Effect.callback((resume) => {
    socket.on("error", (error) => {
      const detail = streams.explain(error)
      resume(Effect.fail(detail === undefined ? openReason(error) : new Transport.SecurityFailed({ detail })))
    })
    socket.once("close", () => resume(Effect.fail(new Transport.Reset({ code: "ECONNRESET" }))))
    socket.once(streams.protocol === "wss" ? "secureConnect" : "connect", () => {
      const proof = streams.proveDialed(socket)
      resume(
        Result.isFailure(proof)
          ? Effect.fail(new Transport.SecurityFailed({ detail: proof.failure }))
          : Effect.succeed(proof.success)
      )
    })
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
