import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join as pathOf } from "node:path"
import { join, at, cookie } from "./joining.ts"
import type { Kit } from "./kit.ts"

export const cookies = (kit: Kit): void => {
  describe("a cookie that is turned over", () => {
    it.live("lets every node in at every step: both, swapped, the new one alone", () =>
      Effect.gen(function* () {
        const old = { label: "old", cookie }
        const fresh = { label: "new", cookie: `hex:${"a5".repeat(32)}` }
        const steps = [[old], [old, fresh], [fresh, old], [fresh]]
        for (let index = 0; index + 1 < steps.length; index++) {
          const [before, after] = [steps[index]!, steps[index + 1]!]
          const a = yield* join(kit, { node: "a@127.0.0.1", cookie: before })
          const b = yield* join(kit, { node: "b@127.0.0.1", cookie: after })
          assert.strictEqual((yield* a.connect(at(b.self))).name, "b@127.0.0.1")
          const c = yield* join(kit, { node: "c@127.0.0.1", cookie: after })
          assert.strictEqual((yield* c.connect(at(a.self))).name, "a@127.0.0.1")
        }
        const [first, last] = [yield* join(kit, { cookie: steps[0]! }), yield* join(kit, { cookie: steps[3]! })]
        assert.strictEqual((yield* Effect.flip(last.connect(at(first.self)))).reason, "auth_failed")
      })
    )
  })

  describe("a cookie's file", () => {
    const inFolder = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        Effect.sync(() => mkdtempSync(pathOf(tmpdir(), "gc-cookie-"))),
        (folder) => use(pathOf(folder, "cookie")),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )

    it.live("that others can read is refused with the remedy; one that its owner alone can read is taken", () =>
      inFolder((path) =>
        Effect.gen(function* () {
          writeFileSync(path, `${cookie}\n`)
          for (const mode of [0o644, 0o640, 0o604, 0o620]) {
            chmodSync(path, mode)
            const error = yield* Effect.flip(join(kit, { cookie: undefined, cookieFile: path }))
            assert.strictEqual(error.reason._tag, "CookieExposed")
            assert.include(error.message, `chmod 600 ${path}`)
            assert.notInclude(error.message, "5a5a")
          }
          chmodSync(path, 0o600)
          const a = yield* join(kit, { node: "a@127.0.0.1", cookie: undefined, cookieFile: path })
          const b = yield* join(kit, { node: "b@127.0.0.1" })
          assert.strictEqual((yield* a.connect(at(b.self))).name, "b@127.0.0.1")
        })
      )
    )

    it.live("that is not there, or holds no cookie, is a typed error that does not quote it", () =>
      inFolder((path) =>
        Effect.gen(function* () {
          const absent = yield* Effect.flip(join(kit, { cookie: undefined, cookieFile: path }))
          assert.strictEqual(absent.reason._tag, "CookieUnreadable")
          writeFileSync(path, "hex:abcdef", { mode: 0o600 })
          const short = yield* Effect.flip(join(kit, { cookie: undefined, cookieFile: path }))
          assert.strictEqual(short.reason._tag, "OptionInvalid")
          assert.notInclude(short.message, "abcdef")
        })
      )
    )
  })
}
