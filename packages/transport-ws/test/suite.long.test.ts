import { type LinkSecurity, Transport } from "@gc/core/Transport"
import * as Address from "@gc/core/Address"
import { transportSuite } from "@gc/testkit/suites"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type * as http from "node:http"
import * as https from "node:https"
import { createServer, type AddressInfo } from "node:net"
import type { WebSocket } from "ws"
import { proxied } from "./proxy.ts"
import { app, fixture, material, node, rawClient, serving } from "./support.ts"

const ended = (socket: WebSocket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.readyState === socket.CLOSED) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
  })

const raw = (address: Address.Address) =>
  Effect.map(rawClient(address), (socket) => ({
    write: (bytes: Uint8Array) => Effect.sync(() => socket.send(bytes)),
    ended: ended(socket)
  }))

/** It takes connections, and never answers. */
const silent = (protocol: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((socket) => void socket.resume().on("error", () => {}))
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    (server) => Address.make(protocol, "127.0.0.1", (server.address() as AddressInfo).port)
  )

transportSuite("@gc/transport-ws", Ws.layer(node("node-a")), {
  protocols: ["wss", "ws"],
  modes: ["psk", "mtls"],
  refusal: true,
  remoteHost: "127.0.0.1",
  silent: silent("wss"),
  stranger: Ws.layer(node("foreign"))
})

transportSuite("@gc/transport-ws without certificates", Ws.layer({ host: "127.0.0.1", port: 0 }), {
  protocols: ["ws", "wss"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "127.0.0.1",
  silent: silent("ws"),
  raw
})

/** Each listener has a server of its own, which listens on any free port. */
const mountedOn = (serverOf: () => http.Server, options: Ws.Options = {}) =>
  Layer.effect(
    Transport,
    Effect.map(Effect.scope, (scope) => ({
      ...Ws.make(options),
      listen: (security: LinkSecurity) =>
        Effect.flatMap(Scope.provide(serving(serverOf()), scope), (server) =>
          Ws.make({ ...options, server, path: "/deep/gc" }).listen(security)
        )
    }))
  )

/** A server that asks for certificates, and hands everybody over. */
const asking = (): https.Server => {
  const material = { cert: fixture("node-a.pem"), key: fixture("node-a.key"), ca: fixture("ca.pem") }
  const server = https.createServer({ ...material, requestCert: true, rejectUnauthorized: false })
  return server.on("request", (_request, response) => response.end("hello"))
}

transportSuite("@gc/transport-ws on the server of an application", mountedOn(app), {
  protocols: ["ws", "wss"],
  modes: ["plain"],
  // Whoever is in front stays, and answers.
  refusal: false,
  remoteHost: "127.0.0.1",
  raw
})

transportSuite(
  "@gc/transport-ws on the https server of an application",
  mountedOn(asking, { tls: material("node-a") }),
  {
    protocols: ["wss", "ws"],
    modes: ["mtls"],
    refusal: false,
    remoteHost: "127.0.0.1",
    stranger: Ws.layer({ tls: material("foreign") })
  }
)

transportSuite("@gc/transport-ws behind a proxy", proxied, {
  protocols: ["ws", "wss"],
  modes: ["plain"],
  // Whoever is in front stays, and answers.
  refusal: false,
  remoteHost: "127.0.0.1",
  // Its own buffers are between two sockets more.
  buffered: 3 * 16_777_216
})
