import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const cookie = `hex:${"0123456789abcdef".repeat(4)}`

/** A program of its own process: what it wrote, and how it ended. */
const run = (program: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url))
      const env = { PATH: process.env["PATH"], GC_COOKIE: cookie, ORDERS_COOKIE: cookie, BILLING_COOKIE: cookie }
      const child = spawn(process.execPath, [path, ...args], { env, stdio: ["ignore", "pipe", "inherit"] })
      let out = ""
      const waiting = new Set<() => void>()
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text
        for (const look of waiting) look()
      })
      const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)))
      const line = (pattern: RegExp) =>
        Effect.callback<RegExpExecArray>((resume) => {
          const look = () => {
            const match = pattern.exec(out)
            if (match === null) return
            waiting.delete(look)
            resume(Effect.succeed(match))
          }
          waiting.add(look)
          look()
          return Effect.sync(() => waiting.delete(look))
        })
      return { child, line, exited: Effect.promise(() => exited), out: () => out }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe.concurrent("starting a cluster by hand", () => {
  it.live("as a layer of an Effect program: two of them find each other, talk and end", () =>
    Effect.gen(function* () {
      const a = yield* run("layer", "a")
      const [, address = ""] = yield* a.line(/listening on (tls:\S+)/)
      const b = yield* run("layer", "b", address)
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
