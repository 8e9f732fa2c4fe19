import type { Notices } from "@gc/core/StreamTransport"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { type WebSocket, WebSocketServer } from "ws"
import { subprotocol } from "./names.ts"
import type { Settings } from "./settings.ts"
import { webSocketOptions } from "./sockets.ts"

/** A request to become a WebSocket, as a server of HTTP gives it. @internal */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Socket
  readonly head: Buffer
}

/** @internal */
export const pathOf = (request: IncomingMessage): string => (request.url ?? "").split("?", 1)[0] ?? ""

const phrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  503: "Service Unavailable"
}

/** Answers in HTTP, and hangs up whether or not the answer is read. @internal */
export const refuse = ({ socket }: Upgrade, status: number, text: string): void => {
  const body = `${text}\n`
  const head = `HTTP/1.1 ${status} ${phrases[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n`
  const timer = setTimeout(() => socket.destroy(), 1000)
  socket.once("close", () => clearTimeout(timer))
  socket.on("error", () => {})
  socket.resume()
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy())
}

/**
 * A request that came behind another one, whose response is not written yet, cannot be answered: nothing may come in between, and Node
 * would write the response into what the socket has become. The connection ends behind that response, and true is answered.
 *
 * @internal
 */
export const afterResponse = (socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean => {
  const response = socket._httpMessage ?? undefined
  if (response === undefined) return false
  socket.on("error", () => {})
  socket.resume()
  response.once("close", () => socket.end(() => socket.destroy()))
  return true
}

const aKey = /^[+/0-9A-Za-z]{22}==$/

/** Why this request is no node's: the status, for the one who asks, and for the log. */
const objection = (
  { headers, method }: IncomingMessage,
  { allowedOrigins }: Settings
): readonly [status: number, detail: string] | undefined => {
  const { origin } = headers
  if (origin !== undefined && !allowedOrigins.has(origin)) {
    return [403, "it has an Origin header, as browsers send it, that is not in allowedOrigins"]
  }
  const isWebSocket = method === "GET" && headers.upgrade?.toLowerCase() === "websocket"
  // What ws itself takes beside 13 has its origin in another header.
  if (!isWebSocket || headers["sec-websocket-version"] !== "13" || !aKey.test(headers["sec-websocket-key"] ?? "")) {
    return [400, "it does not ask for a WebSocket of version 13"]
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim())
  return offered.includes(subprotocol) ? undefined : [400, `it does not ask for the subprotocol ${subprotocol}`]
}

/** Makes WebSockets of requests that nothing is said against. @internal */
export const webSockets = (): WebSocketServer =>
  new WebSocketServer({
    ...webSocketOptions,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => subprotocol
  })

/** Refuses the request or makes a WebSocket of it. @internal */
export const upgrade = (
  server: WebSocketServer,
  asked: Upgrade,
  settings: Settings,
  notices: Notices,
  opened: (ws: WebSocket) => void
): boolean => {
  const against = objection(asked.request, settings)
  if (against !== undefined) {
    const [status, detail] = against
    notices.refused(detail)
    refuse(asked, status, `gc: the request was refused: ${detail}`)
    return false
  }
  server.handleUpgrade(asked.request, asked.socket, asked.head, opened)
  return true
}
