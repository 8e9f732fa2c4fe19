import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type { HttpServer } from "../Ws.ts"
import { serveAgain } from "./serveAgain.ts"
import { afterResponse, pathOf, type Upgrade } from "./upgrades.ts"

type Handler = (upgrade: Upgrade) => void

interface Mounts {
  readonly handlers: Map<string, Handler>
  readonly remove: () => void
}

type Emit = (this: unknown, event: unknown, ...values: ReadonlyArray<unknown>) => boolean

const mounts = new WeakMap<HttpServer, Mounts>()

/**
 * Listeners cannot keep an event from each other, and those of others end what is not for them: a `WebSocketServer` answers 400, or
 * throws over a socket that has become a WebSocket already. So requests for our paths never get as far as listeners.
 */
const intercept = (server: HttpServer, handlers: ReadonlyMap<string, Handler>): (() => void) => {
  const emitter = server as unknown as { emit: Emit }
  const own = Object.getOwnPropertyDescriptor(server, "emit")
  const { emit } = emitter
  const intercepting: Emit = function (event, ...values) {
    if (event === "upgrade") {
      const [request, socket, head] = values as [IncomingMessage, Socket, Buffer]
      const handler = handlers.get(pathOf(request))
      if (handler !== undefined) {
        if (!afterResponse(socket)) handler({ request, socket, head })
        return true
      }
    }
    return emit.call(this, event, ...values)
  }
  emitter.emit = intercepting
  return () => {
    // Somebody may have put theirs over it: then it stays below, and lets everything pass.
    if (emitter.emit !== intercepting) return
    if (own === undefined) Reflect.deleteProperty(server, "emit")
    else Object.defineProperty(server, "emit", own)
  }
}

const mountsOf = (server: HttpServer): Mounts => {
  const known = mounts.get(server)
  if (known !== undefined) return known
  const handlers = new Map<string, Handler>()
  const release = intercept(server, handlers)
  // Node looks whether there is a listener, and gives it the requests that it would serve as usual without.
  const listener = ((request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (server.listenerCount("upgrade") === 1) serveAgain(server, { request, socket, head })
  }) as Parameters<HttpServer["on"]>[1]
  server.on("upgrade", listener)
  const remove = () => {
    mounts.delete(server)
    server.off("upgrade", listener)
    release()
  }
  const made = { handlers, remove }
  mounts.set(server, made)
  return made
}

/** Takes a path of a server, and answers how to give it back; `undefined` when the path is taken. @internal */
export const mount = (server: HttpServer, path: string, handler: Handler): (() => void) | undefined => {
  const { handlers, remove } = mountsOf(server)
  if (handlers.has(path)) return undefined
  handlers.set(path, handler)
  return () => {
    handlers.delete(path)
    if (handlers.size === 0) remove()
  }
}
