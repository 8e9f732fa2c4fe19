import type * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync, readFileSync } from "node:fs"
import * as net from "node:net"
import { Worker } from "node:worker_threads"
import { addressAt, type Kit } from "./kit.ts"

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

/**
 * How many milliseconds this thread was ready to run so far and the machine let others run (Linux tells it): time that no node
 * can do anything about. 0 where nobody tells.
 */
export const starved = (): number => {
  const file = "/proc/thread-self/schedstat"
  return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[1]) / 1_000_000 : 0
}

/** A port behind which another one is so many milliseconds away in each direction, seen there as 127.0.0.1. */
export const farAway = (kit: Kit, port: number, millis: number): Effect.Effect<Address.Address, never, Scope.Scope> =>
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
    ({ server }) => addressAt(kit, (server.address() as net.AddressInfo).port)
  )
