import { assert, describe, it } from "@effect/vitest"
import type * as Cluster from "@gc/core/Cluster"
import * as NodeName from "@gc/core/NodeName"
import type * as Observer from "@gc/core/Observer"
import type * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import type { StreamOptions } from "@gc/core/StreamOptions"
import { until } from "./support.ts"
import { material } from "./security.ts"
import { join, at } from "./joining.ts"
import { observer, watch } from "./observing.ts"
import type { Kit } from "./kit.ts"

export const observers = (kit: Kit): void => {
  interface Mode {
    readonly name: string
    readonly node: Partial<Cluster.Options>
    readonly options: Partial<Observer.Options>
    readonly own: (name: string) => StreamOptions
  }

  const withCertificate = (name: string): StreamOptions => ({ tls: material(name) })

  const modes: ReadonlyArray<Mode> = [
    { name: "psk", node: {}, options: {}, own: () => ({}) },
    { name: "mtls", node: { security: "mtls" }, options: { security: "mtls" }, own: withCertificate },
    {
      name: "mtls without a cookie",
      node: { security: "mtls", cookie: undefined },
      options: { security: "mtls", cookie: undefined },
      own: withCertificate
    },
    { name: "plain", node: { security: "plain" }, options: { security: "plain" }, own: () => ({}) }
  ]

  const known = ["Up a@127.0.0.1", "Up b@b.test", "Synced"]

  describe("an observer", () => {
    for (const { name, node, options, own } of modes) {
      it.live(`in mode ${name} is told who is there, what changes, and that the node leaves`, () =>
        Effect.gen(function* () {
          const a = yield* join(kit, { ...node, node: "a@127.0.0.1" }, own("node-a"))
          const b = yield* join(kit, { ...node, node: "b@b.test" }, own("node-b"))
          yield* a.connect(at(b.self))
          // Its certificate is of the authority, and names another host than its name does.
          const watching = yield* watch(
            yield* observer(kit, { ...options, name: "w@10.99.0.1" }, own("node-b")),
            at(a.self)
          )
          yield* until(() => watching.told.length === 3)
          assert.deepStrictEqual(watching.told, known)
          yield* b.leave
          yield* until(() => watching.told.length === 4)
          assert.strictEqual(watching.told[3], "Left b@b.test")
          assert.lengthOf(yield* a.members, 1)
          yield* a.leave
          assert.strictEqual(yield* watching.end, "shutting_down")
        })
      )
    }

    it.live("that does not hold what the nodes share is told nothing", () =>
      Effect.gen(function* () {
        const psk = yield* join(kit, { node: "a@127.0.0.1" })
        const plain = yield* join(kit, { node: "b@127.0.0.1", security: "plain" })
        const mtls = yield* join(kit, { node: "c@127.0.0.1", security: "mtls" }, withCertificate("node-a"))
        const other = `hex:${"11".repeat(32)}`
        const strangers: ReadonlyArray<readonly [Observer.Observer, Cluster.Service, string]> = [
          [yield* observer(kit, { cookie: other }), psk, "auth_failed"],
          [yield* observer(kit, { cluster: "invoices" }), psk, "auth_failed"],
          [yield* observer(kit, { cookie: other, security: "plain" }), plain, "auth_failed"],
          [yield* observer(kit, { cluster: "invoices", security: "plain" }), plain, "cluster_mismatch"],
          [yield* observer(kit, { security: "mtls" }, { tls: material("foreign") }), mtls, "failed"],
          [yield* observer(kit, { security: "mtls" }, { tls: material("expired") }), mtls, "failed"]
        ]
        for (const [stranger, node, reason] of strangers) {
          const watching = yield* watch(stranger, at(node.self))
          assert.strictEqual(yield* watching.end, reason)
          assert.deepStrictEqual(watching.told, [])
        }
      })
    )

    it.live("under mTLS watches no node whose certificate names another", () =>
      Effect.gen(function* () {
        const liar = yield* join(kit, { node: "a@10.99.0.1", security: "mtls" }, withCertificate("node-a"))
        const watching = yield* watch(
          yield* observer(kit, { security: "mtls" }, withCertificate("node-b")),
          at(liar.self)
        )
        assert.strictEqual(yield* watching.end, "not_admitted")
      })
    )

    it.live(
      "watches the node that it names and no other, finds an address by a name, and says when nobody is there",
      () =>
        Effect.gen(function* () {
          const a = yield* join(kit, { node: "a@127.0.0.1" })
          const watcher = yield* observer(kit)
          const wrong = yield* watch(watcher, { ...at(a.self), name: NodeName.make("b@127.0.0.1") })
          assert.strictEqual(yield* wrong.end, "name_mismatch")
          const right = yield* watch(watcher, { ...at(a.self), name: a.self.name })
          yield* until(() => right.told.length === 2)
          const gone = at(a.self)
          yield* a.leave
          assert.strictEqual(yield* (yield* watch(watcher, gone)).end, "refused")
          const nobody = yield* watch(watcher, { name: "x" } as unknown as Peer.Peer)
          assert.strictEqual(yield* nobody.end, "failed")
        })
    )

    it.live("has no address, derives the nodes' keys for sources, and asks them to tell nobody of it", () =>
      Effect.gen(function* () {
        const { context, self } = yield* observer(kit)
        assert.match(self.name, /^observer-[0-9a-f]{8}@/)
        assert.deepStrictEqual(self.addresses, [])
        assert.strictEqual(context.self, self)
        assert.isFalse(context.announce)
        assert.isTrue(Option.isSome(context.key("udp")))
        assert.deepStrictEqual(
          context.keys("udp").map(({ label }) => label),
          ["k0"]
        )
      })
    )

    it.live("stops when its scope closes", () =>
      Effect.gen(function* () {
        const a = yield* join(kit, { node: "a@127.0.0.1" })
        const scope = yield* Scope.fork(yield* Effect.scope)
        const watching = yield* watch(yield* Scope.provide(observer(kit), scope), at(a.self))
        yield* until(() => watching.told.length === 2)
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(yield* watching.end, "ended")
      })
    )

    it.live("refuses options that are none, and makes no cookie where there is none", () =>
      Effect.gen(function* () {
        const wrong: ReadonlyArray<readonly [Record<string, unknown>, RegExp]> = [
          [{ cluster: "" }, /"cluster"/],
          [{ cookie: "short" }, /"cookie"/],
          [{ name: "no name" }, /"name"/],
          [{ security: "tls" }, /"security"/],
          [{ allowPlaintext: 1 }, /"allowPlaintext"/],
          [{ nmae: "x@y" }, /"nmae" is not an option.*name/]
        ]
        for (const [options, message] of wrong) {
          assert.match((yield* Effect.flip(observer(kit, options as Partial<Observer.Options>))).message, message)
        }
        const home = mkdtempSync(`${tmpdir()}/gc-observer-`)
        const before = process.env["HOME"]
        process.env["HOME"] = home
        const error = yield* Effect.flip(observer(kit, { cookie: undefined }))
        process.env["HOME"] = before
        assert.match(error.message, /\.gc\.cookie cannot be read/)
        assert.isFalse(existsSync(`${home}/.gc.cookie`))
        rmSync(home, { recursive: true })
      })
    )
  })
}
