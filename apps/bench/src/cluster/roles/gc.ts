/** A process of gc's nodes: a static list, TCP, everything else by default; so TLS 1.3 with a key from the cookie is on. */
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { serve, type Start } from "./role.ts"

const host = "127.0.0.1"

/**
 * Of the kind that gc itself writes into `~/.gc.cookie`: a passphrase is stretched by scrypt at each start. No secret: everything
 * listens on loopback, for as long as the measurement takes.
 */
const cookie = `hex:${"67".repeat(32)}`

/** The name under which the others know the node. */
const seatName = (node: string): string => node.slice(0, node.indexOf("@"))

const start: Start = async (self, seats, sight) => {
  const runtime = ManagedRuntime.make(
    Cluster.layer({ cluster: "bench", node: `${self.name}@${host}`, cookie }).pipe(
      Layer.provide(Static.layer(seats.map(({ name, port }) => `${name}@${host}:${port}`))),
      Layer.provide(Tcp.layer({ host, port: self.port })),
      // The others say nothing either, or are told not to.
      Layer.provide(Logger.layer([]))
    )
  )
  const channel = Promise.withResolvers<Channel.ByteChannel>()
  const program = Effect.gen(function* () {
    const { events } = yield* Cluster.Cluster
    const open = yield* Channel.bytes("bench")
    const watch = Stream.runForEach(events, ({ _tag, member }) =>
      Effect.sync(() => {
        if (_tag === "Up") sight.up(seatName(member.name))
        if (_tag === "Down" || _tag === "Left") sight.gone(seatName(member.name))
      })
    )
    const receive = Effect.forever(Effect.map(open.receive, (messages) => sight.received(messages.length)))
    channel.resolve(open)
    yield* Effect.all([watch, receive], { concurrency: "unbounded", discard: true })
  })
  let leaving = false
  runtime.runPromise(Effect.scoped(program)).catch((error: unknown) => {
    channel.reject(error)
    // Nobody waits for it any more: it ends the process, with its stack.
    if (!leaving) throw error
  })
  const open = await channel.promise
  return {
    leave: () => {
      leaving = true
      return runtime.dispose()
    },
    broadcast: (messages, bytes) => {
      const message = new Uint8Array(bytes)
      return runtime.runPromise(Effect.replicateEffect(open.broadcast(message), messages, { discard: true }))
    }
  }
}

await serve(start)
