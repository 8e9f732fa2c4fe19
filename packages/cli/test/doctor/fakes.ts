import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createSocket } from "node:dgram"
import * as net from "node:net"
import { Worker } from "node:worker_threads"

const codes = { NOERROR: 0, SERVFAIL: 2, REFUSED: 5 } as const

/** A name server on loopback that knows one address for every name, or gives the same error to every question. */
export const nameServer = (
  rcode: keyof typeof codes,
  address = "127.0.0.1"
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly text: string; readonly close: () => void }>((resume) => {
      const socket = createSocket("udp4")
      socket.on("message", (query, { address: host, port }) => {
        const end = query.indexOf(0, 12) + 5
        const isA = query.readUInt16BE(end - 4) === 1
        const answers = rcode === "NOERROR" && isA ? 1 : 0
        const head = Buffer.alloc(12)
        query.copy(head, 0, 0, 2)
        head.writeUInt16BE(0x8180 | codes[rcode], 2)
        head.writeUInt16BE(1, 4)
        head.writeUInt16BE(answers, 6)
        const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...address.split(".").map(Number)])
        const reply = Buffer.concat([head, query.subarray(12, end), ...(answers === 1 ? [record] : [])])
        socket.send(reply, port, host)
      })
      socket.bind(0, "127.0.0.1", () => {
        const text = `127.0.0.1:${socket.address().port}`
        resume(Effect.succeed({ text, close: () => socket.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ text }) => text))

const server = (serve: (socket: net.Socket) => void): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const sockets = new Set<net.Socket>()
      const listener = net.createServer((socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        serve(socket)
      })
      const close = () => {
        for (const socket of sockets) socket.destroy()
        listener.close()
      }
      listener.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({ port: (listener.address() as net.AddressInfo).port, close }))
      )
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ port }) => port))

/** A registration at the epmd below: `known` says whether epmd still knows the name when it is asked for it. */
export interface Entry {
  readonly name: string
  readonly port: number
  readonly extra: string
  readonly known: boolean
}

const uint16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

const named = (text: string): Buffer => Buffer.concat([uint16(text.length), Buffer.from(text, "latin1")])

const answer = (entries: ReadonlyArray<Entry>, request: Buffer): Buffer => {
  if (request[2] === 110) {
    const lines = entries.map(({ name, port }) => `name ${name} at port ${port}\n`)
    return Buffer.concat([Buffer.from([0, 0, 0x11, 0x11]), Buffer.from(lines.join(""))])
  }
  const found = entries.find(({ known, name }) => known && name === request.toString("latin1", 3))
  if (found === undefined) return Buffer.from([119, 1])
  const { extra, name, port } = found
  return Buffer.concat([
    Buffer.from([119, 0]),
    uint16(port),
    Buffer.from([72, 0, 0, 6, 0, 5]),
    named(name),
    named(extra)
  ])
}

/** The request of epmd by which a node registers. */
export const registration = 120

/** An epmd on loopback with these registrations, and its port. `asked` takes the kind of each request. */
export const fakeEpmd = (
  entries: ReadonlyArray<Entry>,
  asked: Array<number | undefined> = []
): Effect.Effect<number, never, Scope.Scope> =>
  server((socket) =>
    socket.once("data", (request) => {
      asked.push(request[2])
      socket.end(answer(entries, request))
    })
  )

/** The port of a server on loopback that speaks first, and not gc. */
export const webServer = server((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))

/** The port of one that says nothing, as a node that is stopped. */
export const silentServer = server(() => {})

/**
 * A port on loopback that answers no connection attempt, as behind a firewall that drops: a thread that never comes back to its
 * event loop listens there, and its accept queue is full.
 */
export const blackhole: Effect.Effect<number, never, Scope.Scope> = Effect.gen(function* () {
  const worker = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new Worker(
          `const { parentPort } = require("node:worker_threads")
           const server = require("node:net").createServer()
           server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
             parentPort.postMessage(server.address().port)
             setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
           })`,
          { eval: true }
        )
    ),
    (worker) => Effect.promise(() => worker.terminate())
  )
  const port = yield* Effect.callback<number>((resume) => {
    worker.once("message", (message) => resume(Effect.succeed(message)))
  })
  for (let number = 0; number < 10; number++) {
    const socket = net.connect({ host: "127.0.0.1", port })
    socket.on("error", () => {})
    yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
  }
  return port
})
