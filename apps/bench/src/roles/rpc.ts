/**
 * effect/rpc over a socket of `node:net`, with its binary serialization. It has calls and no messages: sending one way is a
 * call whose result nobody waits for, of which a bounded number is under way.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import * as SocketServer from "effect/socket/SocketServer"
import { type Client, type Desk, messagesOf, numbered, type Pair } from "./desk.ts"

const Calls = RpcGroup.make(
  Rpc.make("Push", { payload: { bytes: Schema.Uint8Array } }),
  Rpc.make("Echo", { payload: { bytes: Schema.Uint8Array }, success: Schema.Uint8Array })
)

const handlers = (desk: Desk) =>
  Calls.toLayer({
    Push: ({ bytes }) =>
      desk.mode === "unread" ? Effect.promise(() => desk.read()) : Effect.sync(() => desk.take(bytes.length)),
    Echo: ({ bytes }) => Effect.succeed(bytes)
  })

/** How many calls are under way when messages are sent one way. */
const underWay = 256

/** The server and the client. */
export const rpc: Pair = {
  listen: async (desk) => {
    const protocol = RpcServer.layerProtocolSocketServer.pipe(
      Layer.provideMerge(NodeSocketServer.layer({ port: 0, host: "127.0.0.1" })),
      Layer.provide(RpcSerialization.layerSchemaBinary())
    )
    const server = RpcServer.layer(Calls).pipe(Layer.provide(handlers(desk)), Layer.provideMerge(protocol))
    const { address } = await ManagedRuntime.make(server).runPromise(SocketServer.SocketServer)
    return address._tag === "UnixPathAddress" ? "" : String(address.port)
  },
  connect: async (address) => {
    const protocol = RpcClient.layerProtocolSocket().pipe(
      Layer.provide(NodeSocket.layerNet({ port: Number(address), host: "127.0.0.1" })),
      Layer.provide(RpcSerialization.layerSchemaBinary())
    )
    const runtime = ManagedRuntime.make(protocol)
    const ready = Promise.withResolvers<Client>()
    const program = Effect.gen(function* () {
      const client = yield* RpcClient.make(Calls)
      let next = 0
      const flood = (size: number, count: number, sent: (count: number) => void) => {
        const messages = messagesOf(size)
        let begun = 0
        let done = 0
        const worker = Effect.gen(function* () {
          while (begun < count) {
            yield* client.Push({ bytes: messages[begun++ & 15] as Uint8Array<ArrayBuffer> }, { discard: true })
            sent(++done)
          }
        })
        return Effect.all(
          Array.from({ length: underWay }, () => worker),
          { concurrency: "unbounded", discard: true }
        )
      }
      const call = (size: number) => Effect.suspend(() => client.Echo({ bytes: numbered(size, next++) }))
      const pings = Effect.fnUntraced(function* (size: number, count: number) {
        const micros: Array<number> = []
        for (let index = 0; index < count; index++) {
          const before = performance.now()
          yield* call(size)
          micros.push((performance.now() - before) * 1_000)
        }
        return micros
      })
      const requests = (size: number, count: number, concurrency: number) => {
        let begun = 0
        const worker = Effect.gen(function* () {
          while (begun++ < count) yield* call(size)
        })
        return Effect.all(
          Array.from({ length: concurrency }, () => worker),
          { concurrency: "unbounded", discard: true }
        )
      }
      ready.resolve({
        flood: (size, count, sent) => runtime.runPromise(flood(size, count, sent)),
        ping: (size, count) => runtime.runPromise(pings(size, count)),
        request: (size, count, concurrency) => runtime.runPromise(requests(size, count, concurrency))
      })
      return yield* Effect.never
    })
    runtime.runPromise(Effect.scoped(program)).catch(ready.reject)
    const client = await ready.promise
    return () => client
  }
}
