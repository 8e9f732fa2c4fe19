import * as Address from "@gc/core/Address"
import { type LinkSecurity, Transport } from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { Duplex } from "node:stream"
import { addressOf, fixture, local, portOf, serving } from "./support.ts"

/** The head of an answer, as it came. */
const headOf = ({ rawHeaders, statusCode, statusMessage }: http.IncomingMessage): string => {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join("\r\n")}\r\n\r\n`
}

const join = (one: Duplex, other: Duplex): void => {
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    from.on("error", () => to.destroy())
    from.once("close", () => to.destroy())
    from.pipe(to)
  }
}

/** A reverse proxy that ends TLS: requests for `/public` go to the path `/gc` of a port; answers of 502 when nobody is there. */
export const reverseProxy = (upstream: number, strip = false): Effect.Effect<https.Server, never, Scope.Scope> => {
  const server = https.createServer({ cert: fixture("node-a.pem"), key: fixture("node-a.key") })
  server.on("request", (_request, response) => response.writeHead(404).end())
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy())
    const headers: http.OutgoingHttpHeaders = { ...request.headers }
    if (strip) delete headers.upgrade
    const answered = (response: http.IncomingMessage): void => {
      socket.write(headOf(response))
      response.pipe(socket)
    }
    const asked = http
      .request({ host: "127.0.0.1", port: upstream, path: "/gc", headers })
      .on("upgrade", (response, behind, first) => {
        socket.write(headOf(response))
        if (first.length > 0) socket.write(first)
        if (head.length > 0) behind.write(head)
        join(socket, behind)
      })
      .on("response", answered)
      .on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
    asked.end()
    socket.once("close", () => asked.destroy())
  })
  return serving(server)
}

/** What nodes behind the proxy advertise. */
export const publicAddress = (proxy: https.Server): Address.Address =>
  Address.make("wss", "localhost", portOf(proxy), "/public")

/** Nodes whose listeners are reached through a proxy only. */
export const proxied = Layer.effect(
  Transport,
  Effect.map(Effect.scope, (scope) => ({
    ...Ws.make({ ca: fixture("ca.pem") }),
    listen: (security: LinkSecurity) =>
      Effect.gen(function* () {
        const listener = yield* Ws.make(local).listen(security)
        const proxy = yield* Scope.provide(reverseProxy(addressOf(listener).port), scope)
        return { ...listener, addresses: [publicAddress(proxy)] }
      })
  }))
)
