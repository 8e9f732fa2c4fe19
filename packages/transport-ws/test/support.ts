import type * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import * as net from "node:net"
import { WebSocket } from "ws"

export const plain: Transport.LinkSecurity = { mode: "plain", psks: [], allowPlaintext: false }

const pskOf = (identity: string, byte: number): Transport.Psk => ({
  identity,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})

export const psk: Transport.LinkSecurity = { mode: "psk", psks: [pskOf("gc1:me", 7)], allowPlaintext: false }

export const mtls: Transport.LinkSecurity = { mode: "mtls", psks: [], allowPlaintext: false }

/** Options of a node of a test: loopback, any free port. */
export const local: Ws.Options = { host: "127.0.0.1", port: 0 }

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

/** The certificate of a fixture, and which authority it trusts. */
export const material = (name: string, ca = "ca"): Ws.TlsMaterial => ({
  cert: fixture(`${name}.pem`),
  key: Redacted.make(fixture(`${name}.key`)),
  ca: fixture(`${ca}.pem`)
})

export const node = (name: string, ca?: string): Ws.Options => ({ ...local, tls: material(name, ca) })

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

/** A listener and a pair of connections through it; each connection closes with the scope. */
export const pair = Effect.fnUntraced(function* (
  options: Ws.Options = local,
  security: Transport.LinkSecurity = plain,
  dialer: Ws.Options = options
) {
  const listener = yield* Ws.make(options).listen(security)
  const client = yield* Ws.make(dialer).dial(addressOf(listener), security)
  const server = yield* listener.accept
  return { listener, client, server, address: addressOf(listener) }
})

/** Receives until `count` frames are there. */
export const receiveFrames = Effect.fnUntraced(function* (connection: Transport.Connection, count: number) {
  const frames: Array<Uint8Array> = []
  while (frames.length < count) frames.push(...(yield* connection.receive))
  return frames
})

/** Runs an effect that must fail with a `TransportError`, and answers it. */
export const errorOf = <A, R>(
  effect: Effect.Effect<A, Transport.TransportError, R>
): Effect.Effect<Transport.TransportError, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert(Exit.isFailure(exit), "it should have failed")
    const error = Cause.squash(exit.cause)
    assert(error instanceof Transport.TransportError, String(error))
    return error
  })

export const reasonOf = <A, R>(
  effect: Effect.Effect<A, Transport.TransportError, R>
): Effect.Effect<Transport.TransportReason, never, R> => Effect.map(errorOf(effect), (error) => error.reason)

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

const urlOf = ({ host, path, port, protocol }: Address.Address): string => `${protocol}://${host}:${port}${path}`

/** A peer on the bare package `ws`, open. */
export const rawClient = (
  address: Address.Address,
  options: object = {}
): Effect.Effect<WebSocket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = new WebSocket(urlOf(address), ["gc.1"], { perMessageDeflate: false, ...options })
      socket.on("error", () => {})
      socket.once("open", () => resume(Effect.succeed(socket)))
      socket.once("close", () => resume(Effect.die(new Error("the bare peer was not let in"))))
    }),
    (socket) => Effect.sync(() => socket.terminate())
  )

/** A listener's connection whose peer is bare. */
export const rawPair = Effect.fnUntraced(function* (options: Ws.Options = local) {
  const listener = yield* Ws.make(options).listen(plain)
  const raw = yield* rawClient(addressOf(listener))
  const server = yield* listener.accept
  yield* Effect.addFinalizer(() => Effect.sync(() => raw.terminate()))
  return { raw, server, listener, address: addressOf(listener) }
})

/** A bare socket to a listener; a stubborn one does not hang up when the other end does. */
export const rawSocket = (address: Address.Address, stubborn = false): Effect.Effect<net.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<net.Socket>((resume) => {
      const socket = net.connect({ host: address.host, port: address.port, allowHalfOpen: stubborn })
      socket.on("error", () => {})
      socket.once("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** Lets a server listen on loopback, and closes it and its connections with the scope. */
export const serving = <Server extends net.Server>(server: Server): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const sockets = new Set<net.Socket>()
      server.on("connection", (socket: net.Socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        socket.once("close", () => sockets.delete(socket))
      })
      server.once("close-all", () => sockets.forEach((socket) => socket.destroy()))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (listening) =>
      Effect.sync(() => {
        listening.emit("close-all")
        listening.close()
      })
  )

export const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

/** A server of the user's that says hello. */
export const app = (): http.Server => http.createServer((_request, response) => response.end("hello"))

/** What a server answers to a request. */
export const ask = (
  port: number,
  path: string,
  headers: http.OutgoingHttpHeaders = {}
): Effect.Effect<{ readonly status: number; readonly text: string }> =>
  Effect.callback((resume) => {
    const request = http.request({ host: "127.0.0.1", port, path, headers }, (response) => {
      let text = ""
      response.on("data", (chunk) => (text += String(chunk)))
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, text })))
    })
    request.on("error", (error) => resume(Effect.succeed({ status: 0, text: error.message })))
    request.on("upgrade", (_response, socket) => {
      socket.destroy()
      resume(Effect.succeed({ status: 101, text: "" }))
    })
    request.end()
  })

/** The headers of a request for an upgrade, as a node sends them. */
export const asking: http.OutgoingHttpHeaders = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": Buffer.alloc(16, 1).toString("base64"),
  "Sec-WebSocket-Protocol": "gc.1"
}

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

/** A registry of its own, so that tests that run at once do not count together; quiet, too. */
export const withOwnMetrics = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  effect.pipe(
    Effect.provideService(References.MinimumLogLevel, "None"),
    Effect.provideService(Metric.MetricRegistry, new Map())
  )
