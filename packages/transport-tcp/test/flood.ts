import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as net from "node:net"
import { Worker } from "node:worker_threads"

/** Somebody who keeps so many sockets open at a port and lets each come back as soon as it is dropped. */
export interface Flood {
  readonly port: number
  readonly sockets: number
  /** Source addresses, each with its share of the sockets. */
  readonly from: ReadonlyArray<string>
  /** What each socket sends once it is connected. */
  readonly opening: Uint8Array
}

const attacker = `
  const { workerData: { port, sockets, from, opening, counter } } = require("node:worker_threads")
  const net = require("node:net")
  const connections = new Int32Array(counter)
  const open = (localAddress) => {
    const socket = net.connect({ host: "127.0.0.1", port, localAddress }, () => {
      Atomics.add(connections, 0, 1)
      socket.write(opening)
    })
    socket.on("error", () => {})
    socket.resume()
    socket.on("close", () => setImmediate(open, localAddress))
  }
  for (let number = 0; number < sockets; number++) open(from[number % from.length])
`

/** Floods until the scope closes, from a thread of its own, and answers how many connections it has made so far. */
export const flood = ({ from, opening, port, sockets }: Flood): Effect.Effect<() => number, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const counter = new SharedArrayBuffer(4)
        const workerData = { port, sockets, from, opening, counter }
        return { counter, worker: new Worker(attacker, { eval: true, workerData }) }
      }),
      ({ worker }) => Effect.promise(() => worker.terminate())
    ),
    ({ counter }) =>
      () =>
        Atomics.load(new Int32Array(counter), 0)
  )

const bystander = `
  const { workerData } = require("node:worker_threads")
  const starved = new Float64Array(workerData)
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    if (now - last > 50) starved[0] += now - last
    last = now
  }, 10)
`

/**
 * How many milliseconds a thread that does nothing but look at the clock was kept from it, 50 and more at a time: what the
 * machine took from everybody, and no node's doing.
 */
export const starved: Effect.Effect<() => number, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const workerData = new SharedArrayBuffer(8)
      return { workerData, worker: new Worker(bystander, { eval: true, workerData }) }
    }),
    ({ worker }) => Effect.promise(() => worker.terminate())
  ),
  ({ workerData }) =>
    () =>
      new Float64Array(workerData)[0] ?? 0
)

/** A port behind which another one is so many milliseconds away in each direction, seen there as 127.0.0.1. */
export const farAway = (port: number, millis: number): Effect.Effect<Address.Address, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly server: net.Server; readonly sockets: Set<net.Socket> }>((resume) => {
        const sockets = new Set<net.Socket>()
        const server = net.createServer({ noDelay: true }, (near) => {
          const far = net.connect({ host: "127.0.0.1", port, noDelay: true })
          for (const [from, into] of [
            [near, far],
            [far, near]
          ] as const) {
            sockets.add(from)
            from.on("error", () => {})
            from.on("data", (bytes: Uint8Array) => setTimeout(() => into.write(bytes), millis))
            from.on("close", () => setTimeout(() => into.destroy(), millis))
          }
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, sockets })))
      }),
      ({ server, sockets }) =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    ),
    ({ server }) => Address.make("tcp", "127.0.0.1", (server.address() as net.AddressInfo).port)
  )
