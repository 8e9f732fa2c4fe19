import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Tcp from "@gc/transport-tcp"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Redis from "../src/index.ts"
import { redisServer } from "./redisServer.ts"

describe("nodes that start from a file", () => {
  it.live("find each other, and leave no trace", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-redis-file-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const start = (name: string) => {
        const path = join(folder, `${name}.json`)
        writeFileSync(
          path,
          JSON.stringify({
            cluster: "orders",
            node: `${name}@127.0.0.1`,
            cookie: `hex:${"5a".repeat(32)}`,
            transport: { tcp: { host: "127.0.0.1", port: 0 } },
            discovery: { redis: { url: server.url, interval: "200 millis" } }
          }),
          { mode: 0o600 }
        )
        const layer = Cluster.layerFile(path, { discovery: [Redis.plugin], transport: [Tcp.plugin] })
        return Effect.map(Layer.build(layer), (services) => Context.get(services, Cluster.Cluster))
      }
      yield* Effect.scoped(
        Effect.gen(function* () {
          for (const node of yield* Effect.forEach(["a", "b", "c"], start)) {
            yield* node.awaitMembers(3)
          }
          assert.lengthOf(yield* server.use((client) => client.keys("gc:orders:*")), 3)
        })
      )
      assert.deepStrictEqual(yield* server.use((client) => client.keys("*")), [])
    })
  )
})
