import type { Address } from "@gc/core/Address"
import { transportSuite } from "@gc/testkit/suites"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import type * as net from "node:net"
import { bareServer, bareSocket } from "@gc/transport-trials/peers"
import { node } from "@gc/transport-trials/security"
import { tcp } from "./kit.ts"

const ended = (socket: net.Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    socket.resume()
    socket.once("close", () => resume(Effect.void))
  })

const raw = (address: Address) =>
  Effect.map(bareSocket(address.port), (socket) => ({
    write: (bytes: Uint8Array) => Effect.sync(() => void socket.write(bytes)),
    ended: ended(socket)
  }))

transportSuite("@gc/transport-tcp", Tcp.layer(node("node-a")), {
  protocols: ["tcp", "tls"],
  modes: ["plain", "psk", "mtls"],
  refusal: true,
  remoteHost: "127.0.0.1",
  silent: bareServer(tcp, (socket) => socket.resume().on("end", () => socket.end())),
  stranger: Tcp.layer(node("foreign")),
  raw
})
