import * as Effect from "effect/Effect"
import { createServer, type Socket } from "node:net"
import { decodeRequest, encodeAlive, encodeNames, encodePort, type Entry, type Request } from "../src/internal/codec.ts"

/** An epmd whose names a test changes all at once, and that fails at will. */
export interface FakeEpmd {
  readonly port: number
  /** Listed beside those that registered. */
  listed: ReadonlyArray<Entry>
  /** Whether NAMES is answered by closing the connection. */
  failing: boolean
  /** In place of its own answer: `undefined` says nothing, and leaves the connection open. */
  answer: ((request: Request) => Buffer | undefined) | undefined
  readonly registered: Map<Socket, Entry>
  /** The requests so far, by name. */
  readonly asked: Record<Request["_tag"], number>
}

export const entryOf = (name: string, port: number, extra = ""): Entry => ({
  name,
  port,
  type: 77,
  protocol: 0,
  highest: 6,
  lowest: 5,
  extra
})

export const fakeEpmd = Effect.acquireRelease(
  Effect.callback<{ readonly epmd: FakeEpmd; readonly close: () => void }>((resume) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => {
        sockets.delete(socket)
        epmd.registered.delete(socket)
      })
      socket.once("data", (chunk) => serve(epmd, socket, chunk))
    })
    const epmd = {
      port: 0,
      listed: [],
      failing: false,
      answer: undefined,
      registered: new Map(),
      asked: { Alive2: 0, PortPlease2: 0, Names: 0, Dump: 0, Kill: 0, Stop: 0 }
    } as FakeEpmd & { port: number }
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address()
      epmd.port = typeof address === "object" && address !== null ? address.port : 0
      const close = () => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
      resume(Effect.succeed({ epmd, close }))
    })
  }),
  ({ close }) => Effect.sync(close)
).pipe(Effect.map(({ epmd }) => epmd))

const serve = (epmd: FakeEpmd, socket: Socket, chunk: Buffer): void => {
  const request = decodeRequest(chunk.subarray(2))
  if (request === undefined) return void socket.destroy()
  epmd.asked[request._tag]++
  if (epmd.answer !== undefined) {
    const answer = epmd.answer(request)
    return answer === undefined ? undefined : void socket.end(answer)
  }
  const entries = [...epmd.listed, ...epmd.registered.values()]
  if (request._tag === "Alive2") {
    const ok = entries.every(({ name }) => name !== request.entry.name)
    if (ok) epmd.registered.set(socket, request.entry)
    socket.write(encodeAlive(6, ok, 1_234))
  } else if (request._tag === "Names" && !epmd.failing) socket.end(encodeNames(epmd.port, entries))
  else if (request._tag === "PortPlease2") socket.end(encodePort(entries.find(({ name }) => name === request.name)))
  else socket.destroy()
}
