import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import * as Tcp from "@gc/transport-tcp"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import * as net from "node:net"
import { Worker } from "node:worker_threads"

export const plain: Transport.LinkSecurity = { mode: "plain", psks: [], allowPlaintext: false }

/** Options of a node of a test: loopback, any free port. */
export const local: Tcp.Options = { host: "127.0.0.1", port: 0 }

/** Waits for a condition; the test's own timeout ends it. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setInterval(() => {
      if (!condition()) return
      clearInterval(timer)
      resume(Effect.void)
    }, 2)
    return Effect.sync(() => clearInterval(timer))
  })

export const addressOf = (listener: Transport.Listener): Address.Address => {
  const [address, ...others] = listener.addresses
  assert(address !== undefined && others.length === 0)
  return address
}

/** Lets the event loop look for I/O a few times: whatever is on its way on loopback has been seen then. */
export const turns: Effect.Effect<void> = Effect.repeat(
  Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void))),
  { times: 4 }
).pipe(Effect.asVoid)

/** A listener and a pair of connections through it; each connection closes with the scope. */
export const pair = Effect.fnUntraced(function* (
  options: Tcp.Options = local,
  security: Transport.LinkSecurity = plain,
  dialer: Tcp.Options = options
) {
  const listener = yield* Tcp.make(options).listen(security)
  const client = yield* Tcp.make(dialer).dial(addressOf(listener), security)
  const server = yield* listener.accept
  return { listener, client, server, address: addressOf(listener) }
})

/** Receives until `count` frames are there. */
export const receiveFrames = Effect.fnUntraced(function* (connection: Transport.Connection, count: number) {
  const frames: Array<Uint8Array> = []
  while (frames.length < count) frames.push(...(yield* connection.receive))
  return frames
})

/** Runs an effect that must fail with a `TransportError`, and answers its reason. */
export const reasonOf = <A, R>(
  effect: Effect.Effect<A, Transport.TransportError, R>
): Effect.Effect<Transport.TransportReason, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert(Exit.isFailure(exit), "it should have failed")
    const error = Cause.squash(exit.cause)
    assert(error instanceof Transport.TransportError, String(error))
    return error.reason
  })

/** A frame whose bytes tell its number and whether one was lost or changed. */
export const numbered = (number: number, length: number): Uint8Array => {
  const frame = new Uint8Array(length)
  for (let index = 0; index < length; index++) frame[index] = (number * 31 + index * 7) & 0xff
  return frame
}

export const assertSameFrames = (actual: ReadonlyArray<Uint8Array>, expected: ReadonlyArray<Uint8Array>): void => {
  assert.strictEqual(actual.length, expected.length)
  for (const [index, frame] of actual.entries()) {
    assert(Buffer.compare(frame, expected[index]!) === 0, `frame ${index} differs`)
  }
}

/** On the wire: `length u32 | frame`. */
export const onWire = (frame: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(4 + frame.length)
  bytes.writeUInt32BE(frame.length)
  bytes.set(frame, 4)
  return bytes
}

export const declared = (length: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}

/** Pseudo-random numbers in [0, 1), the same for the same seed. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** A peer on bare `node:net`: it does not read until it is told to. */
export const rawClient = (address: Address.Address): Effect.Effect<net.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<net.Socket>((resume) => {
      const socket = net.connect({ host: address.host, port: address.port })
      socket.on("error", () => {})
      socket.once("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** A listener's connection whose peer is a bare socket, which goes first when the test ends. */
export const rawPair = Effect.fnUntraced(function* (options: Tcp.Options = local) {
  const listener = yield* Tcp.make(options).listen(plain)
  const raw = yield* rawClient(addressOf(listener))
  const server = yield* listener.accept
  yield* Effect.addFinalizer(() => Effect.sync(() => raw.destroy()))
  return { raw, server, listener }
})

/** A server on bare `node:net`, whose connections are destroyed at the end. */
export const rawServer = (
  onConnection: (socket: net.Socket) => void
): Effect.Effect<Address.Address, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly server: net.Server; readonly sockets: Set<net.Socket> }>((resume) => {
        const sockets = new Set<net.Socket>()
        const server = net.createServer({ allowHalfOpen: true }, (socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          onConnection(socket)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, sockets })))
      }),
      ({ server, sockets }) =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          server.close()
        })
    ),
    ({ server }) => Address.make("tcp", "127.0.0.1", (server.address() as net.AddressInfo).port)
  )

/** TCP handles that keep this process alive. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP") || name.startsWith("TLS")).length

/** What a counter stands at, over all its attributes or for some of them, in the registry of the test. */
export const counted = (name: string, attributes: Record<string, string> = {}): Effect.Effect<number> =>
  Effect.map(Metric.snapshot, (snapshot) => {
    let sum = 0
    for (const metric of snapshot) {
      const matches = Object.entries(attributes).every(([key, value]) => metric.attributes?.[key] === value)
      if (metric.id === name && metric.type === "Counter" && matches) sum += Number(metric.state.count)
    }
    return sum
  })

/** For tests whose listeners have to refuse somebody, and say so. */
export const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, References.MinimumLogLevel, "None")

/** A registry of its own, so that tests that run at once do not count together; quiet, too. */
export const withOwnMetrics = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(quietly(effect), Metric.MetricRegistry, new Map())

/**
 * An address on loopback that answers no connection attempt: a thread that never comes back to its event loop listens there,
 * and its accept queue is full.
 */
export const blackhole: Effect.Effect<Address.Address, never, Scope.Scope> = Effect.gen(function* () {
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
  const address = Address.make("tcp", "127.0.0.1", port)
  let connected = true
  for (let number = 0; connected && number < 10; number++) {
    connected = false
    const socket = net.connect({ host: "127.0.0.1", port }, () => (connected = true))
    socket.on("error", () => {})
    yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
    yield* turns
  }
  assert.isFalse(connected, "the accept queue is not full")
  return address
})
