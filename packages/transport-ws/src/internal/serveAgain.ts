import * as http from "node:http"
import type { HttpServer } from "../Ws.ts"
import { afterResponse, type Upgrade } from "./upgrades.ts"

/** Milliseconds in which a request has to be whole: what Node's servers give. */
const requestTimeout = 300_000

/** Its head was within the bounds of the server that it came through. */
const maxHeaderSize = 1_048_576

const headOf = ({ httpVersion, method, rawHeaders, url }: http.IncomingMessage): string => {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`
  return `${head}\r\n`
}

/**
 * Serves a request that asks for an upgrade as the server does that has no listener for upgrades, which is to ignore what it asks for:
 * clients that would rather have HTTP/2 ask with their first request, whatever it is. The connection ends then.
 *
 * **Details**
 *
 * Node has given up the connection when it hands such a request over: nobody would read the body, or tell a response to go on. So
 * the request is put back, and read by a second server of Node, with no listener for upgrades.
 *
 * @internal
 */
export const serveAgain = (server: HttpServer, asked: Upgrade): void => {
  const { head, request, socket } = asked
  if (afterResponse(socket)) return
  let served: http.IncomingMessage | undefined
  const web = http.createServer({ keepAlive: false, maxHeaderSize }, (again, response) => {
    served = again
    response.shouldKeepAlive = false
    server.emit("request", again, response)
  })
  const deadline = setTimeout(() => {
    if (served?.complete !== true) socket.destroy()
  }, requestTimeout).unref()
  socket.once("close", () => clearTimeout(deadline))
  socket.unshift(Buffer.concat([Buffer.from(headOf(request), "latin1"), head]))
  web.emit("connection", socket)
}
