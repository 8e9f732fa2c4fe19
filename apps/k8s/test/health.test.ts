import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import { PagesUnserved, serveHealth } from "../src/health.ts"
import { freePort } from "./support/freePort.ts"

const member = Cluster.make({ cluster: "k8s", node: "a@127.0.0.1", cookie: "a cookie of this test" }).pipe(
  Effect.provide(
    Layer.merge(Layer.succeed(Discovery.Discovery, Discovery.empty), Tcp.layer({ host: "127.0.0.1", port: 0 }))
  ),
  Effect.provideService(References.MinimumLogLevel, "Warn")
)

describe("the pages", () => {
  it.live("say that the node is in from when it joined until it leaves, and who the members are", () =>
    Effect.gen(function* () {
      const port = yield* freePort("::")
      const health = yield* serveHealth(port)
      const get = (path: string, method = "GET") =>
        Effect.promise(async () => {
          const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
          return { status: response.status, body: await response.json() }
        })
      const starting = { status: 503, body: { phase: "Starting" } }
      assert.deepStrictEqual([yield* get("/healthz"), yield* get("/members")], [starting, starting])

      const cluster = yield* member
      health.joined(cluster)
      assert.deepStrictEqual(yield* get("/healthz"), { status: 200, body: { phase: "Member" } })
      const [address] = cluster.self.addresses
      const self = {
        name: "a@127.0.0.1",
        state: "alive",
        self: true,
        addresses: [`tls://127.0.0.1:${address?.port}`]
      }
      assert.deepStrictEqual(yield* get("/members"), { status: 200, body: [self] })
      assert.strictEqual((yield* get("/nothing")).status, 404)
      assert.strictEqual((yield* get("/healthz", "POST")).status, 405)

      health.leaving()
      const leaving = { status: 503, body: { phase: "Leaving" } }
      assert.deepStrictEqual([yield* get("/healthz"), yield* get("/members")], [leaving, leaving])
    })
  )

  it.live("cannot be served at a port that is taken: the error says so", () =>
    Effect.gen(function* () {
      const port = yield* freePort("::")
      yield* serveHealth(port)
      const error = yield* Effect.flip(serveHealth(port))
      assert.instanceOf(error, PagesUnserved)
      assert.match(error.message, /EADDRINUSE.*GC_HEALTH_PORT/)
    })
  )
})
