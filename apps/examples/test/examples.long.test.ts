import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./support/run.ts"

describe.concurrent("starting a cluster by hand", () => {
  it.live("as a layer of an Effect program: two of them find each other, talk and end", () =>
    Effect.gen(function* () {
      const a = yield* run("layer", ["a"])
      const [, address = ""] = yield* a.line(/listening on (tls:\S+)/)
      const b = yield* run("layer", ["b", address])
      yield* a.line(/b@127\.0\.0\.1 says: hello from b@127\.0\.0\.1/)
      yield* b.line(/a@127\.0\.0\.1 says: hello from a@127\.0\.0\.1/)
      assert.deepStrictEqual([yield* a.exited, yield* b.exited], [0, 0])
    })
  )

  it.live("with a ManagedRuntime from plain Node, which leaves on SIGTERM", () =>
    Effect.gen(function* () {
      const node = yield* run("managed-runtime")
      yield* node.line(/members: plain@127\.0\.0\.1\n/)
      yield* node.line(/Up plain@127\.0\.0\.1\n/)
      node.child.kill("SIGTERM")
      assert.strictEqual(yield* node.exited, 0)
      assert.include(node.out(), "left\n")
    })
  )

  it.live("twice in one program", () =>
    Effect.gen(function* () {
      const both = yield* run("two-clusters")
      assert.strictEqual(yield* both.exited, 0)
      assert.include(both.out(), "orders: both@127.0.0.1\nbilling: both@127.0.0.1\n")
    })
  )
})
