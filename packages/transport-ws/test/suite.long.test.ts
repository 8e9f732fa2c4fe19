import { type LinkSecurity, Transport } from "@gc/core/Transport"
import * as Address from "@gc/core/Address"
import { transportSuite } from "@gc/testkit/suites"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { createServer, type AddressInfo } from "node:net"
import type { WebSocket } from "ws"
import { proxied } from "./proxy.ts"
import { app, node, rawClient, serving } from "./support.ts"

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
  silent: silent("wss")
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
const mounted = Layer.effect(
  Transport,
  Effect.map(Effect.scope, (scope) => ({
    ...Ws.make(),
    listen: (security: LinkSecurity) =>
      Effect.flatMap(Scope.provide(serving(app()), scope), (server) =>
        Ws.make({ server, path: "/deep/gc" }).listen(security)
      )
  }))
)

transportSuite("@gc/transport-ws on the server of an application", mounted, {
  protocols: ["ws", "wss"],
  modes: ["plain"],
  // Whoever is in front stays, and answers.
  refusal: false,
  remoteHost: "127.0.0.1",
  raw
})

transportSuite("@gc/transport-ws behind a proxy", proxied, {
  protocols: ["ws", "wss"],
  modes: ["plain"],
  // Whoever is in front stays, and answers.
  refusal: false,
  remoteHost: "127.0.0.1"
})
