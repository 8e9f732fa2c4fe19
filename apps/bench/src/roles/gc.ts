/**
 * gc, as a program of its users: two nodes, a channel of bytes between them, and one that is typed by a schema.
 */
import * as Address from "@gc/core/Address"
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import type { NodeName } from "@gc/core/NodeName"
import type { Transport } from "@gc/core/Transport"
import type { TransportError } from "@gc/core/TransportError"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import type { Client, Desk, Pair } from "./desk.ts"
import { makeBytesClient } from "./gcBytesClient.ts"
import { makeTypedClient, Note } from "./gcTypedClient.ts"

type TransportLayer = Layer.Layer<Transport, TransportError>

const listener = "listener@127.0.0.1" as NodeName
const dialer = "dialer@127.0.0.1" as NodeName

const clusterOf = (
  transport: TransportLayer,
  security: "plain" | "psk",
  node: NodeName,
  seeds: ReadonlyArray<string>,
  secret: string
) =>
  Cluster.layer({ cluster: "bench", node, cookie: `hex:${secret}`, security }).pipe(
    Layer.provide(Static.layer(seeds)),
    Layer.provide(transport)
  )

/** Does what the desk says with each message, all that wait at once. */
const serveBytes = (desk: Desk) =>
  Effect.gen(function* () {
    const channel = yield* Channel.bytes("bytes")
    while (true) {
      if (desk.mode === "unread") yield* Effect.promise(() => desk.read())
      const messages = yield* channel.receive
      if (desk.mode === "echo") {
        yield* channel.sendAll(
          dialer,
          messages.map(({ message }) => message)
        )
      } else for (const { message } of messages) desk.take(message.length)
    }
  })

const serveTyped = (desk: Desk) =>
  Effect.gen(function* () {
    const channel = yield* Channel.make("typed", Note)
    yield* Stream.runForEach(channel.messages, ({ message }) => {
      if (desk.mode === "echo") return channel.send(dialer, message)
      return Effect.sync(() => desk.take(message.text.length))
    })
  })

const pair = (transport: TransportLayer, security: "plain" | "psk"): Pair => ({
  listen: async (desk, secret) => {
    const runtime = ManagedRuntime.make(clusterOf(transport, security, listener, [], secret))
    const serve = Effect.scoped(Effect.all([serveBytes(desk), serveTyped(desk)], { concurrency: 2, discard: true }))
    runtime.runPromise(serve).catch(fatal)
    const cluster = await runtime.runPromise(Cluster.Cluster)
    const [address] = cluster.self.addresses
    if (address === undefined) throw new Error("the node has no address")
    return Address.format(address)
  },
  connect: async (address, secret) => {
    const runtime = ManagedRuntime.make(clusterOf(transport, security, dialer, [address], secret))
    const ready = Promise.withResolvers<(variant: string) => Client>()
    const program = Effect.gen(function* () {
      const cluster = yield* Cluster.Cluster
      const bytes = yield* makeBytesClient(listener)
      const typed = yield* makeTypedClient(listener)
      yield* cluster.awaitMembers(2)
      const run = <A>(effect: Effect.Effect<A, unknown>) => runtime.runPromise(effect)
      ready.resolve((variant) =>
        variant.endsWith("-typed") ? typed(run) : variant.endsWith("-batch") ? bytes(run, true) : bytes(run, false)
      )
      return yield* Effect.never
    })
    runtime.runPromise(Effect.scoped(program)).catch(fatal)
    return ready.promise
  }
})

const fatal = (error: unknown): void => {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
}

const onLoopback = { host: "127.0.0.1", port: 0 } as const

/** Over TCP without TLS, on loopback. */
export const tcp = pair(Tcp.layer(onLoopback), "plain")
/** Over TCP with TLS 1.3 by the cookie: what gc does when nothing else is asked of it. */
export const psk = pair(Tcp.layer(onLoopback), "psk")
/** Over WebSocket without TLS, on loopback. */
export const ws = pair(Ws.layer(onLoopback), "plain")
