import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { allSee, makeWorld, peersOf, until } from "./support/world.ts"

/** What a test logs, with its level. */
const logged = <A, E, R>(test: (has: (level: string, text: string) => boolean) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel} ${Array.isArray(message) ? message.join(" ") : String(message)}`)
    })
    const has = (level: string, text: string) => lines.some((line) => line.startsWith(level) && line.includes(text))
    return Effect.provide(test(has), Logger.layer([logger]))
  })

const broken = (reason: Transport.TransportReason) =>
  new Transport.TransportError({ transport: "memory", address: "memory://a:4370", reason })

/** A transport that is like another one except for a part. */
const but = (
  transport: Transport.Transport["Service"],
  change: Partial<Transport.Transport["Service"]>
): Transport.Transport["Service"] => ({ ...transport, ...change })

describe("a plug-in that breaks is logged, and the cluster goes on:", () => {
  it.effect("a listener", () =>
    logged((has) =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const inner = world.network.transport("a", { port: 4370 })
        const transport = but(inner, {
          listen: (security) =>
            Effect.map(inner.listen(security), (listener) => ({
              ...listener,
              accept: Effect.fail(broken(new Transport.TransportFailed({ detail: "out of descriptors" })))
            }))
        })
        const nodes = [yield* world.start("a", { transport, peers: ["b"] }), yield* world.start("b")]
        yield* until("it dials all the same", allSee(nodes, ["a", "b"]))
        assert.isTrue(has("Error", "out of descriptors"))
      })
    )
  )

  it.effect("a dial with a defect", () =>
    logged((has) =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const inner = world.network.transport("a", { port: 4370 })
        let defects = 3
        const transport = but(inner, {
          dial: (address, security) =>
            Effect.suspend(() => (defects-- > 0 ? Effect.die(new Error("a bug")) : inner.dial(address, security)))
        })
        const nodes = [yield* world.start("a", { transport, peers: ["b"] }), yield* world.start("b")]
        yield* until("it dials again", allSee(nodes, ["a", "b"]))
        assert.isTrue(has("Warn", "a bug"))
      })
    )
  )

  it.effect("a connection with a defect", () =>
    logged((has) =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const inner = world.network.transport("a", { port: 4370 })
        let broke = false
        const transport = but(inner, {
          dial: (address, security) =>
            Effect.map(inner.dial(address, security), (connection) => ({
              ...connection,
              receive: Effect.suspend(() => (broke ? Effect.die(new Error("a bug")) : connection.receive))
            }))
        })
        const nodes = [yield* world.start("a", { transport, peers: ["b"] }), yield* world.start("b")]
        yield* until("they are linked", allSee(nodes, ["a", "b"]))
        broke = true
        yield* TestClock.adjust("3 seconds")
        assert.isTrue(has("Error", "a bug"))
        broke = false
        yield* until("they are linked again", allSee(nodes, ["a", "b"]), 31_000)
      })
    )
  )

  it.effect("a discovery with a defect, which is run again", () =>
    logged((has) =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        let runs = 0
        const peers = Discovery.make({
          name: "flaky",
          looks: () => (runs++ === 0 ? Stream.die(new Error("a bug")) : Stream.succeed(Discovery.peers(peersOf(["b"]))))
        })
        const nodes = [yield* world.start("a", { peers }), yield* world.start("b")]
        yield* until("they are linked", allSee(nodes, ["a", "b"]))
        assert.isTrue(has("Warn", "a bug"))
        assert.isTrue(has("Info", "discovery works again"))
      })
    )
  )
})
