import type * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import { local, plain } from "@gc/transport-trials/security"
import { addressOf } from "@gc/transport-trials/support"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import * as net from "node:net"
import { WebSocket } from "ws"

export { fixture, local, material, mtls, node, plain, psk } from "@gc/transport-trials/security"
export {
  addressOf,
  assertSameFrames,
  counted,
  errorOf,
  numbered,
  onWire,
  reasonOf,
  receiveFrames,
  until,
  withOwnMetrics
} from "@gc/transport-trials/support"

/** A listener and a pair of connections through it; each connection closes with the scope. */
export const pair = Effect.fnUntraced(function* (
  options: Ws.Options = local,
  security: Transport.LinkSecurity = plain,
  dialer: Ws.Options = options
) {
  const listener = yield* Ws.make(options).listen(security)
  const client = yield* Ws.make(dialer).dial(addressOf(listener), security)
  const server = yield* listener.accept
  return { listener, client, server, address: addressOf(listener) }
})

const urlOf = ({ host, path, port, protocol }: Address.Address): string => `${protocol}://${host}:${port}${path}`

/** A peer on the bare package `ws`, open. */
export const rawClient = (
  address: Address.Address,
  options: object = {}
): Effect.Effect<WebSocket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = new WebSocket(urlOf(address), ["gc.1"], { perMessageDeflate: false, ...options })
      socket.on("error", () => {})
      socket.once("open", () => resume(Effect.succeed(socket)))
      socket.once("close", () => resume(Effect.die(new Error("the bare peer was not let in"))))
    }),
    (socket) => Effect.sync(() => socket.terminate())
  )

/** A listener's connection whose peer is bare. */
export const rawPair = Effect.fnUntraced(function* (options: Ws.Options = local) {
  const listener = yield* Ws.make(options).listen(plain)
  const raw = yield* rawClient(addressOf(listener))
  const server = yield* listener.accept
  yield* Effect.addFinalizer(() => Effect.sync(() => raw.terminate()))
  return { raw, server, listener, address: addressOf(listener) }
})

/** A bare socket to a listener; a stubborn one does not hang up when the other end does. */
export const rawSocket = (address: Address.Address, stubborn = false): Effect.Effect<net.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<net.Socket>((resume) => {
      const socket = net.connect({ host: address.host, port: address.port, allowHalfOpen: stubborn })
      socket.on("error", () => {})
      socket.once("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** Lets a server listen on loopback, and closes it and its connections with the scope. */
export const serving = <Server extends net.Server>(server: Server): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const sockets = new Set<net.Socket>()
      server.on("connection", (socket: net.Socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        socket.once("close", () => sockets.delete(socket))
      })
      server.once("close-all", () => sockets.forEach((socket) => socket.destroy()))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (listening) =>
      Effect.sync(() => {
        listening.emit("close-all")
        listening.close()
      })
  )

export const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

/** A server of the user's that says hello. */
export const app = (): http.Server => http.createServer((_request, response) => response.end("hello"))

/** What a server answers to a request. */
export const ask = (
  port: number,
  path: string,
  headers: http.OutgoingHttpHeaders = {}
): Effect.Effect<{ readonly status: number; readonly text: string }> =>
  Effect.callback((resume) => {
    const request = http.request({ host: "127.0.0.1", port, path, headers }, (response) => {
      let text = ""
      response.on("data", (chunk) => (text += String(chunk)))
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, text })))
    })
    request.on("error", (error) => resume(Effect.succeed({ status: 0, text: error.message })))
    request.on("upgrade", (_response, socket) => {
      socket.destroy()
      resume(Effect.succeed({ status: 101, text: "" }))
    })
    request.end()
  })

/** The headers of a request for an upgrade, as a node sends them. */
export const asking: http.OutgoingHttpHeaders = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": Buffer.alloc(16, 1).toString("base64"),
  "Sec-WebSocket-Protocol": "gc.1"
}
