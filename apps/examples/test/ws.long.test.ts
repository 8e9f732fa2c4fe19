import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./support/run.ts"

describe("WebSocket", () => {
  it.live("beside TCP: nodes on both, on TCP alone and on WebSocket alone are one cluster", () =>
    Effect.gen(function* () {
      const a = yield* run("tcp-and-ws", ["a", "tcp", "ws"])
      const [, tcp = "", ws = ""] = yield* a.line(/listening on (tls:\S+) (wss:\S+)\n/)
      const b = yield* run("tcp-and-ws", ["b", "tcp", tcp])
      const c = yield* run("tcp-and-ws", ["c", "ws", ws])
      yield* b.line(/listening on tls:\S+\n/)
      yield* c.line(/listening on wss:\S+\n/)
      for (const node of [a, b, c]) {
        const [line] = yield* node.line(/members: .*\n/)
        for (const name of ["a", "b", "c"]) assert.include(line, `${name}@127.0.0.1`)
      }
      assert.deepStrictEqual([yield* a.exited, yield* b.exited, yield* c.exited], [0, 0, 0])
    })
  )

  it.live("on the server of an application, which goes on serving and ends with the node", () =>
    Effect.gen(function* () {
      const a = yield* run("ws-mounted", ["a"])
      const [, address = ""] = yield* a.line(/listening on (ws:\S+\/cluster)\n/)
      const page = () =>
        Effect.promise(() => fetch(new URL("/", address.replace("ws:", "http:"))).then((got) => got.text()))
      assert.strictEqual(yield* page(), "nobody yet\n")
      const b = yield* run("ws-mounted", ["b", address])
      for (const node of [a, b]) yield* node.line(/members: (a@127\.0\.0\.1 b|b@127\.0\.0\.1 a)@127\.0\.0\.1\n/)
      assert.include(yield* page(), "b@127.0.0.1")
      for (const node of [a, b]) {
        node.child.kill("SIGTERM")
        // NodeRuntime says so of a program that a signal ended.
        assert.strictEqual(yield* node.exited, 130)
      }
    })
  )
})
