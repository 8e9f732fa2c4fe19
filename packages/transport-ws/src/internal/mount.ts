import { type IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { HttpServer } from "../Ws.ts"
import { pathOf, type Upgrade } from "./upgrades.ts"

type Handler = (upgrade: Upgrade) => void

interface Mounts {
  readonly handlers: Map<string, Handler>
  readonly listener: (request: object, socket: object, head: object) => void
}

const mounts = new WeakMap<HttpServer, Mounts>()

/**
 * Node gives a server with a listener for upgrades every request that asks for one, also those it would have served as usual
 * without: HTTP/2 is asked for like this. When nobody else listens they are served as before, on a connection that ends then.
 */
const serveAsBefore = (server: HttpServer, request: IncomingMessage, socket: Socket): void => {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on("finish", () => {
    response.detachSocket(socket)
    socket.end(() => socket.destroy())
  })
  socket.on("error", () => {})
  socket.resume()
  server.emit("request", request, response)
}

const mountsOf = (server: HttpServer): Mounts => {
  const known = mounts.get(server)
  if (known !== undefined) return known
  const handlers = new Map<string, Handler>()
  const listener = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    const handler = handlers.get(pathOf(request))
    if (handler !== undefined) handler({ request, socket, head })
    else if (server.listenerCount("upgrade") === 1) serveAsBefore(server, request, socket)
  }
  const made = { handlers, listener: listener as Mounts["listener"] }
  mounts.set(server, made)
  server.on("upgrade", made.listener)
  return made
}

/** Takes a path of a server, and answers how to give it back; `undefined` when the path is taken. @internal */
export const mount = (server: HttpServer, path: string, handler: Handler): (() => void) | undefined => {
  const { handlers, listener } = mountsOf(server)
  if (handlers.has(path)) return undefined
  handlers.set(path, handler)
  return () => {
    handlers.delete(path)
    if (handlers.size > 0) return
    mounts.delete(server)
    server.off("upgrade", listener)
  }
}
