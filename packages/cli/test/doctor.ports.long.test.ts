import { Transport } from "@gc/core/Transport"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { connect, type Socket } from "node:net"
import { assert, describe, it } from "vitest"
import { checkPorts } from "../src/internal/doctor/ports.ts"
import { run } from "./doctor/setUp.ts"

/** Somebody who connects to the port while doctor listens there, and breaks the connection or says nothing on it. */
const stranger = (port: number, breaks: boolean): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect(port, "127.0.0.1", () => {
        if (breaks) socket.resetAndDestroy()
        resume(Effect.succeed(socket))
      })
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const tcp = Tcp.make({ host: "127.0.0.1", port: 0 })

/** What doctor says of a port to which so many others connected before itself. */
const withStrangers = (count: number, breaks: boolean) =>
  run(
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      let accepted = 0
      const transport: Transport["Service"] = {
        ...tcp,
        // Who breaks its connection has done so before doctor says anything on it.
        listen: (security) =>
          Effect.map(tcp.listen(security), (listener) => ({
            ...listener,
            accept: Effect.tap(listener.accept, ({ receive }) =>
              breaks && accepted++ < count ? Effect.ignore(receive) : Effect.void
            )
          })),
        dial: (address, security) =>
          Effect.forEach(Array.from({ length: count }), () => stranger(address.port, breaks), { discard: true }).pipe(
            Effect.provideService(Scope.Scope, scope),
            Effect.andThen(tcp.dial(address, security))
          )
      }
      const entry = { key: "tcp", settings: {}, security: "plain", layer: Layer.succeed(Transport, transport) } as const
      const { findings } = yield* checkPorts({
        entry,
        transport,
        allowPlaintext: false,
        observer: undefined,
        node: "a@127.0.0.1",
        isUncertified: false
      })
      return findings.map(({ reason, status, step }) => [step, status, reason ?? ""].join(" ").trim())
    })
  )

describe("the port at which doctor listens for a moment", () => {
  it("is still its own when a stranger's connection breaks", async () => {
    assert.deepStrictEqual(await withStrangers(1, true), ["listen ok", "advertise ok"])
  })

  it("is still its own when strangers hold theirs and say nothing", async () => {
    assert.deepStrictEqual(await withStrangers(3, false), ["listen ok", "advertise ok"])
  })
})
