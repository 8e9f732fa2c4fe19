import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import { NameResolver } from "@gc/core/NameResolver"
import * as NodeName from "@gc/core/NodeName"
import * as Epmd from "@gc/discovery-epmd"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import { freePort } from "./processes.ts"

const host = "127.0.0.1"
const protocols = ["tcp", "tls"]
const name = NodeName.make("a@127.0.0.1")

/** The addresses of a name, by the resolver that a layer gives. */
const resolved = (options: Epmd.ResolverOptions, of = name) =>
  Effect.gen(function* () {
    const resolver = yield* NameResolver
    return (yield* resolver.resolve(of, protocols)).map(Address.format)
  }).pipe(Effect.provide(Epmd.layerResolver(options)))

const refusal = (options: Epmd.ResolverOptions, of = name) =>
  Effect.map(Effect.flip(resolved(options, of)), ({ message }) => message)

const epmdWith = Effect.fnUntraced(function* (extra: string) {
  const { port } = yield* Daemon.serve({ port: 0 })
  yield* Client.register({ name: "a", port: 5_001, extra: Buffer.from(extra) }, host, { port })
  return port
})

describe("a name without a port", () => {
  it.live("is where epmd says that node is", () =>
    Effect.gen(function* () {
      const port = yield* epmdWith("gc1 - a@127.0.0.1 tls://127.0.0.1:5001")
      assert.deepStrictEqual(yield* resolved({ port }), ["tls://127.0.0.1:5001"])
    })
  )

  it.live("that epmd does not know has no address, and the error says what to do", () =>
    Effect.gen(function* () {
      const port = yield* epmdWith("")
      assert.strictEqual(
        yield* refusal({ port }, NodeName.make("b@127.0.0.1")),
        `no address for b@127.0.0.1: the epmd at 127.0.0.1:${port} does not know "b": is that node running, and registered there?`
      )
    })
  )

  it.live("is not Erlang's node, nor another one's, nor one that is reached in another way", () =>
    Effect.gen(function* () {
      const erlang = yield* epmdWith("")
      assert.include(yield* refusal({ port: erlang }), "is no gc node")
      const other = yield* epmdWith("gc1 - a@rosa tls://127.0.0.1:5001")
      assert.include(yield* refusal({ port: other }), "is a@rosa: use that name")
      const web = yield* epmdWith("gc1 - a@127.0.0.1 wss://127.0.0.1:5001/gc")
      assert.include(yield* refusal({ port: web }), "it listens by wss, and this node dials tcp, tls")
    })
  )

  it.live("where no epmd answers has no address, or the port to fall back to", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const message = yield* refusal({ port })
      assert.isTrue(
        message.startsWith(`no address for a@127.0.0.1: epmd at 127.0.0.1:${port}: nobody listens`),
        message
      )
      assert.isTrue(message.endsWith("or list the node with its port, such as a@127.0.0.1:4370"), message)
      assert.deepStrictEqual(yield* resolved({ port, fallbackPort: 4_370 }), [
        "tcp://127.0.0.1:4370",
        "tls://127.0.0.1:4370"
      ])
    })
  )
})
