import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join as pathOf } from "node:path"
import type { StreamOptions } from "@gc/core/StreamOptions"
import { until } from "./support.ts"
import { material } from "./security.ts"
import type { Kit } from "./kit.ts"
import { found, secretsOf, texts } from "./secretForms.ts"
import { bareSocket } from "./peers.ts"

export const secrecy = (kit: Kit): void => {
  const old = `hex:${"0123456789abcdef".repeat(4)}`
  const fresh = `hex:${"fedcba9876543210".repeat(4)}`
  const phrase = "correct horse battery staple é"
  const others = `hex:${"1357".repeat(16)}`
  const everySecret = [old, fresh, phrase, others].flatMap(secretsOf)

  const folder = Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(pathOf(tmpdir(), "gc-secrets-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

  /** Everything that is logged, at the finest level and in every format, or that a value shows. */
  const listening = () => {
    const lines: Array<string> = []
    const logger = Logger.make((options) => {
      lines.push(Logger.formatJson.log(options), Logger.formatLogFmt.log(options))
      lines.push(texts(options.message), texts(Logger.formatStructured.log(options)))
    })
    const hear = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(References.MinimumLogLevel, "Trace"))
    const show = (value: unknown) => Effect.sync(() => void lines.push(texts(value)))
    return { hear, show, lines }
  }

  const cookies: ReadonlyArray<readonly [what: string, options: (path: string) => Partial<Cluster.Options>]> = [
    ["a hex cookie", () => ({ cookie: old })],
    ["a Redacted one", () => ({ cookie: Redacted.make(old) })],
    ["a passphrase", () => ({ cookie: phrase })],
    ["a cookie's file", (path) => ({ cookieFile: path })],
    [
      "two cookies with labels",
      () => ({
        cookie: [
          { label: "old", cookie: old },
          { label: "new", cookie: Redacted.make(fresh) }
        ]
      })
    ]
  ]

  const wrongOptions: ReadonlyArray<object> = [
    { cookie: old.slice(0, -1) },
    { cookie: `${old}0` },
    { cookie: phrase.slice(0, 12) },
    { cookie: { value: old } },
    {
      cookie: [
        { label: "a", cookie: old },
        { label: "a", cookie: fresh }
      ]
    },
    { cookie: [{ label: "a b", cookie: old }] },
    { cookie: [{ label: "a", cookie: old, coookie: fresh }] },
    { cookie: [old, fresh] },
    { cokie: old },
    { cookie: old, admitt: phrase }
  ]

  const joined = (options: object, own: StreamOptions = {}) =>
    Cluster.make({ cluster: "orders", detector: "test", ...options }).pipe(
      Effect.provideService(Discovery.Discovery, Discovery.empty),
      Effect.provideService(Transport, kit.make({ host: "127.0.0.1", port: 0, ...own }))
    )

  const at = (cluster: Cluster.Service) => Peer.fromAddress(cluster.self.addresses[0]!)

  describe("neither logs nor errors nor values show a cookie or what is derived from it", () => {
    for (const security of ["plain", "psk", "mtls"] as const) {
      for (const [what, given] of cookies) {
        it.live(`${what} in ${security} mode`, () => {
          const { hear, lines, show } = listening()
          return Effect.gen(function* () {
            const path = pathOf(yield* folder, "cookie")
            writeFileSync(path, `${old}\n`, { mode: 0o600 })
            const [mineTls, theirTls] = [{ tls: material("node-a") }, { tls: material("node-b") }]
            const a = yield* joined({ node: "a@a.test", security, ...given(path) }, mineTls)
            const b = yield* joined({ node: "b@b.test", security, ...given(path) }, theirTls)
            const stranger = yield* joined({ node: "b@b.test", security, cookie: others }, theirTls)
            yield* show(yield* b.connect(at(a)))
            yield* show(yield* a.diagnose(at(b)))
            yield* show(yield* stranger.diagnose(at(a)))
            const refused = yield* Effect.exit(stranger.connect(at(a)))
            yield* show(refused)
            if (Exit.isFailure(refused)) yield* show(Cause.pretty(refused.cause))
            const raw = yield* bareSocket(a.self.addresses[0]!.port)
            raw.end("GET / HTTP/1.1\r\n\r\n")
            yield* until(() => raw.closed || raw.readableEnded)
            yield* Effect.forEach([a, a.self, yield* a.members, at(a)], show)
            yield* a.leave
            const text = lines.join("\n")
            assert.include(text, "joined the cluster")
            assert.include(text, "auth_failed")
            assert.deepStrictEqual(found(text, everySecret), [])
          }).pipe(hear)
        })
      }
    }

    it.live("whatever is wrong with the options", () => {
      const { hear, lines, show } = listening()
      return Effect.gen(function* () {
        const path = pathOf(yield* folder, "cookie")
        for (const options of [...wrongOptions, { cookieFile: path }]) {
          writeFileSync(path, `${old}\n`, { mode: 0o644 })
          const error = yield* Effect.flip(joined(options))
          yield* show(error)
          yield* show(error.reason)
          yield* show(Exit.fail(error))
        }
        rmSync(path)
        writeFileSync(path, old.slice(0, -2), { mode: 0o600 })
        yield* show(yield* Effect.flip(joined({ cookieFile: path })))
        const text = lines.join("\n")
        assert.include(text, "cookie")
        const parts = [...everySecret, Buffer.from(old.slice(0, 40)), Buffer.from(phrase.slice(0, 12))]
        assert.deepStrictEqual(found(text, parts), [])
      }).pipe(hear)
    })

    it("and the search finds one in whatever form", () => {
      for (const secret of everySecret) {
        const bytes = Buffer.from(secret)
        for (const shown of [
          texts(secret),
          texts(bytes),
          texts({ key: bytes.toString("base64") }),
          bytes.toString("hex")
        ]) {
          assert.isNotEmpty(found(shown, [secret]))
        }
      }
    })
  })
}
