import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import { Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const cookie = `hex:${"0123456789abcdef".repeat(4)}`

const joined = (options: Partial<Cluster.Options>) =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make()
    return yield* Cluster.make({ cluster: "test", cookie, ...options }).pipe(
      Effect.provideService(Transport, network.transport("a")),
      Effect.provideService(Discovery.Discovery, Discovery.empty)
    )
  })

/** What a program that no compiler has seen may give. */
const untyped = (options: unknown) => options as Partial<Cluster.Options>

const wrong: ReadonlyArray<readonly [key: string, options: Partial<Cluster.Options>, value: string]> = [
  ["cluster", { cluster: "" }, '""'],
  ["cluster", { cluster: "x".repeat(65) }, `"${"x".repeat(65)}"`],
  ["node", { node: "no-host" }, '"no-host"'],
  ["node", { node: "a@b@c" }, '"a@b@c"'],
  ["refreshInterval", { refreshInterval: 5 }, "5"],
  ["refreshInterval", { refreshInterval: "soon" as never }, '"soon"'],
  ["reconnect", untyped({ reconnect: "sometimes" }), '"sometimes"'],
  ["reconnect.factor", { reconnect: { factor: 0.5 } }, "0.5"],
  ["reconnect.max", { reconnect: { initial: "1 second", max: "500 millis" } }, "500"],
  ["reconnect.max", { reconnect: { initial: 0 } }, "30000"],
  ["onRemoved", untyped({ onRemoved: "forget" }), '"forget"'],
  ["onRemoved.disconnectAfter", { onRemoved: { disconnectAfter: "never" as never } }, '"never"'],
  ["detector", untyped({ detector: "moon" }), '"moon"'],
  ["detector", untyped({ detector: "toString" }), '"toString"'],
  ["detector", untyped({ detector: 3 }), "3"],
  ["detector", { detector: { heartbeat: 1_000, suspectAfter: 1_500, downAfter: 9_000 } }, "{"],
  ["detector.downAfter", { detector: { heartbeat: 100, suspectAfter: 300, downAfter: "?" as never } }, '"?"'],
  ["metadata", { metadata: { "a key": "" } }, '{"a key":""}'],
  ["metadata", untyped({ metadata: { port: 1 } }), '{"port":1}'],
  ["appVersion", { appVersion: "x".repeat(65) }, `"${"x".repeat(65)}"`],
  ["maxMembers", { maxMembers: 0 }, "0"],
  ["maxMessageSize", { maxMessageSize: 1.5 }, "1.5"],
  ["security", untyped({ security: "tls" }), '"tls"'],
  ["cookie", { cookie: "hunter2" }, "<redacted>"],
  ["cookie", { cookie: "hex:1234" }, "<redacted>"],
  ["cookie", { cookie: Redacted.make("hunter2") }, "<redacted>"],
  ["cookie", { cookie: [] }, "a list of 0"],
  ["cookie", { cookie: [0, 1, 2].map((label) => ({ label: String(label), cookie })) }, "a list of 3"],
  ["cookie", { cookie: [0, 1].map(() => ({ label: "same", cookie })) }, "a list of 2"],
  ["cookie", { cookie: [{ label: "a b", cookie }] }, 'labelled "a b"']
]

describe("a wrong option", () => {
  for (const [key, options, value] of wrong) {
    it.effect(`is an error that names it: ${key} ${value.slice(0, 20)}`, () =>
      Effect.gen(function* () {
        const { message, reason } = yield* Effect.flip(joined(options))
        assert.strictEqual(reason._tag, "OptionInvalid")
        if (reason._tag !== "OptionInvalid") return
        assert.strictEqual(reason.key, key)
        assert.isTrue(reason.value.startsWith(value), reason.value)
        assert.include(message, reason.expected)
        assert.notInclude(message, "hunter2")
      })
    )
  }
})

describe("the cookie", () => {
  const withFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-cookie-"))),
      use,
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )

  it.effect("may come from a file that is its owner's alone", () =>
    withFolder((folder) =>
      Effect.gen(function* () {
        const cookieFile = join(folder, "cookie")
        const joining = joined({ cookie: undefined, cookieFile })
        assert.strictEqual(
          (yield* Effect.flip(joining)).reason._tag,
          "CookieUnreadable",
          "a file that was named is not made"
        )
        writeFileSync(cookieFile, `${cookie}\n`, { mode: 0o600 })
        yield* joining
        chmodSync(cookieFile, 0o644)
        const { message, reason } = yield* Effect.flip(joining)
        assert.strictEqual(reason._tag, "CookieExposed")
        assert.include(message, `chmod 600 ${cookieFile}`)
        writeFileSync(cookieFile, "hunter2")
        chmodSync(cookieFile, 0o600)
        assert.notInclude((yield* Effect.flip(joining)).message, "hunter2")
      })
    )
  )

  it.live("may be a passphrase of sixteen characters", () =>
    joined({ cookie: "sixteen letters!" }).pipe(Effect.provideService(References.MinimumLogLevel, "Error"))
  )
})

describe("without a name", () => {
  it.effect("a node is called after its host", () =>
    Effect.gen(function* () {
      const { self } = yield* joined({})
      assert.match(self.name, /^node-[0-9a-f]{8}@a$/)
      assert.isTrue(self.instance.startsWith(self.name.slice(5, 13)))
    })
  )
})
