import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run } from "./support/run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-files-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

const detector = { heartbeat: "100 millis", suspectAfter: "300 millis", downAfter: "600 millis" }

/** Writes the file of a node and starts it. */
const start = (place: string, node: string, port: number, settings: object) => {
  const file = join(place, `${node}.json`)
  const transport = { tcp: { host: "127.0.0.1", port } }
  writeFileSync(file, JSON.stringify({ cluster: "files", node: `${node}@127.0.0.1`, detector, transport, ...settings }))
  return run("file", [file])
}

describe.concurrent("starting on boot from a file", () => {
  it.live("with a discovery that is not gc's: three nodes find each other", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const discovery = { "shared-folder": { folder: "nodes", interval: 100 } }
      const nodes = yield* Effect.forEach(["a", "b", "c"], (node) => start(place, node, 0, { discovery }))
      for (const node of nodes) {
        for (const name of ["a", "b", "c"]) yield* node.line(new RegExp(`^Up ${name}@127\\.0\\.0\\.1$`, "m"))
      }
      nodes[2]?.child.kill("SIGTERM")
      yield* nodes[0]?.line(/^Left c@127\.0\.0\.1$/m) ?? Effect.void
    })
  )

  it.live("with an infinite refresh a node looks once, and dials nobody again", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const port = yield* freePort
      const discovery = { static: { nodes: [`a@127.0.0.1:${port}`] } }
      const first = yield* start(place, "a", port, {})
      yield* first.line(/^Up a@127\.0\.0\.1$/m)
      const once = yield* start(place, "once", 0, { discovery, refresh_interval_ms: "infinity", peerExchange: false })
      const usual = yield* start(place, "usual", 0, { discovery, refreshInterval: 100, peerExchange: false })
      for (const node of [once, usual]) yield* node.line(/^Up a@127\.0\.0\.1$/m)
      first.child.kill("SIGKILL")
      for (const node of [once, usual]) yield* node.line(/^Down a@127\.0\.0\.1$/m)

      const second = yield* start(place, "a", port, { peerExchange: false })
      yield* second.line(/^Up usual@127\.0\.0\.1$/m)
      yield* Effect.sleep("2 seconds")
      assert.notInclude(second.out(), "once@")
      assert.notMatch(once.out(), /Down a@127\.0\.0\.1\nUp a@/)
      assert.match(usual.out(), /Down a@127\.0\.0\.1\nUp a@/)
    })
  )

  it.live("without a file it is alone, and with a wrong one it names everything that is wrong", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const alone = yield* run("file", [join(place, "none.json")], { GC_COOKIE: "" })
      yield* alone.line(/^Up nonode@nohost$/m)
      writeFileSync(join(place, "wrong.json"), '{ "clutser": "files", "transport": { "tcp": { "port": 70000 } } }')
      const wrong = yield* run("file", [join(place, "wrong.json")])
      assert.strictEqual(yield* wrong.exited, 1)
      for (const part of ['did you mean "cluster"', "transport.tcp.port is 70000"]) assert.include(wrong.out(), part)
    })
  )
})
