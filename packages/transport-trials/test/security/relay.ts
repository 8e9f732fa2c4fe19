/**
 * Somebody in between who holds what TLS asks for, and hands the handshake on: over another stream, as another mode, into
 * another cluster.
 */
import { assert, describe, it } from "@effect/vitest"
import type * as Cluster from "@gc/core/Cluster"
import * as Effect from "effect/Effect"
import type * as tls from "node:tls"
import type { StreamOptions } from "@gc/core/StreamOptions"
import * as G from "./gch1.ts"
import { dialAs, acceptAs, party, reach, secrets, type Tamper } from "./handshakes.ts"
import { startVictim, cluster, cookie } from "./victim.ts"
import { bindingOf, plainTo, secureTo, withKey, plainServer, secureServer, servingKey, type Wire } from "./wire.ts"
import { withOwnMetrics } from "../support.ts"
import { material, fixture } from "../security.ts"
import type { Kit } from "../kit.ts"

export const relays = (kit: Kit): void => {
  /** Hands frames on both ways until one side is done; `change` may alter them. */
  const join = (near: Wire, far: Wire, change: (frame: Buffer, up: boolean) => Buffer = (frame) => frame) => {
    const one = async (from: Wire, into: Wire, up: boolean) => {
      for (let frame = await from.next(); frame !== undefined; frame = await from.next()) into.send(change(frame, up))
      into.end()
    }
    return Promise.all([one(near, far, true), one(far, near, false)]).then(() => {
      near.socket.destroy()
      far.socket.destroy()
    })
  }

  const opened = (wire: Wire | Error): Wire => {
    if (wire instanceof Error) throw wire
    return wire
  }

  const authority = { key: fixture("foreign.key"), cert: fixture("foreign.pem") }

  /** Both nodes trust the certificate of who is in between, and it trusts theirs. */
  const trusting = (name: string): StreamOptions => ({
    tls: { ...material(name), ca: [fixture("ca.pem"), fixture("other-ca.pem")] }
  })

  const streams: ReadonlyArray<{
    readonly what: string
    readonly options: Partial<Cluster.Options>
    readonly own: readonly [StreamOptions, StreamOptions]
    readonly server: tls.TlsOptions
    readonly to: (port: number) => Promise<Wire | Error>
  }> = [
    {
      what: "psk",
      options: { security: "psk" },
      own: [{}, {}],
      server: servingKey(secrets.psk),
      to: (port) => secureTo(kit, port, withKey(G.pskIdentityOf(cluster), secrets.psk))
    },
    ...[cookie, undefined].map((each) => ({
      what: each === undefined ? "mtls without a cookie" : "mtls with a cookie",
      options: { security: "mtls", cookie: each } as const,
      own: [trusting("node-a"), trusting("node-b")] as const,
      server: { ...authority, requestCert: true, rejectUnauthorized: false },
      to: (port: number) =>
        secureTo(kit, port, {
          ...authority,
          rejectUnauthorized: false,
          ciphers: "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
        })
    }))
  ]

  describe("a relay over a second channel", () => {
    for (const { options, server, own, to, what } of streams) {
      it.live(`by somebody whom TLS takes for a node is refused by both ends: ${what}`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const a = yield* startVictim(kit, { ...options, node: "a@127.0.0.1" }, own[0])
            const b = yield* startVictim(kit, { ...options, node: "b@b.test" }, own[1])
            const bindings: Array<string> = []
            const port = yield* secureServer(kit, server, (near) => {
              void to(a.port).then(async (reached) => {
                const far = opened(reached)
                bindings.push(...[near, far].map((wire) => bindingOf(wire).toString("hex")))
                await join(near, far)
              })
            })
            const error = yield* a.unchangedBy(b.unchangedBy(Effect.flip(b.connect(port, "psk")), 1))
            assert.strictEqual(error.reason, "auth_failed")
            assert.lengthOf(new Set(bindings), 2, "both streams were secured")
          })
        )
      )
    }
  })

  const withMode =
    (mode: number): Tamper =>
    (message, frame) => {
      const copy = Buffer.from(frame)
      if (message === "HELLO") copy[4 + 7] = mode
      if (message === "CHALLENGE") copy[4 + 3] = mode
      return copy
    }

  describe("a mode that is stripped", () => {
    it.live("between a node that secures its streams and one that does not: both refuse", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const open = yield* startVictim(kit, { security: "plain", node: "open@127.0.0.1" })
          const secure = yield* startVictim(kit, { security: "psk", node: "secure@127.0.0.1" })
          const lie = (frame: Buffer, up: boolean, toListener: number, toDialer: number) =>
            withMode(up ? toListener : toDialer)(
              G.typeOf(frame) === 1 ? "HELLO" : G.typeOf(frame) === 2 ? "CHALLENGE" : "READY",
              frame
            )
          const toOpen = yield* secureServer(kit, servingKey(secrets.psk), (near) => {
            void plainTo(kit, open.port).then((far) => join(near, far, (frame, up) => lie(frame, up, 0, 1)))
          })
          const toSecure = yield* plainServer(kit, (near) => {
            void reach(kit, secure.port, "psk").then((far) => join(near, far, (frame, up) => lie(frame, up, 1, 0)))
          })
          const reasons = yield* open.unchangedBy(
            secure.unchangedBy(
              Effect.all([Effect.flip(secure.connect(toOpen, "psk")), Effect.flip(open.connect(toSecure, "plain"))]),
              1
            ),
            1
          )
          assert.deepStrictEqual(
            reasons.map(({ reason }) => reason),
            ["auth_failed", "auth_failed"]
          )
        })
      )
    )

    for (const [security, mode] of [
      ["plain", 0],
      ["psk", 1]
    ] as const) {
      it.live(`is refused in HELLO and in CHALLENGE, whatever else is right, by a node in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security })
            let claimed = 0
            const act = (wire: Wire) => {
              void acceptAs(wire, party(wire, mode), withMode(claimed)).then(([frame]) => {
                assert.isUndefined(frame)
                wire.socket.destroy()
              })
            }
            const port = yield* mode === 0 ? plainServer(kit, act) : secureServer(kit, servingKey(secrets.psk), act)
            const others = [0, 1, 2, 3, 255].filter((each) => each !== mode)
            yield* victim.unchangedBy(
              Effect.forEach(others, (other) =>
                Effect.gen(function* () {
                  claimed = other
                  yield* Effect.flip(victim.connect(port, security))
                  yield* Effect.promise(async () => {
                    for (const said of [{ mode: other as 0 }, { mode: other as 0, binding: Buffer.alloc(32) }]) {
                      const wire = await reach(kit, victim.port, security)
                      const heard = await dialAs(wire, party(wire, mode, said))
                      assert.isEmpty(heard)
                      wire.socket.destroy()
                      await wire.closed
                    }
                  })
                })
              ),
              others.length
            )
          })
        )
      )
    }
  })

  describe("another cluster", () => {
    for (const [security, mode] of [
      ["plain", 0],
      ["psk", 1]
    ] as const) {
      it.live(`with the same cookie is refused by its tag, by its keys and by its name, in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security })
            const billing = G.secretsOf(cookie, "billing")
            const identity = G.identity({ cluster: "billing", name: "mallory@127.0.0.1" })
            const parties: ReadonlyArray<Partial<G.Party>> = [
              { cluster: "billing", secrets: billing, identity },
              { secrets: billing, identity },
              { secrets: billing },
              { cluster: "billing" },
              { identity }
            ]
            yield* victim.unchangedBy(
              Effect.promise(async () => {
                for (const changes of parties) {
                  const wire = await reach(kit, victim.port, security)
                  const heard = await dialAs(wire, party(wire, mode, changes))
                  assert.isEmpty(heard)
                  wire.socket.destroy()
                  await wire.closed
                }
              })
            )
            const wire = yield* Effect.promise(() => reach(kit, victim.port, security))
            assert.lengthOf(
              yield* Effect.promise(() => dialAs(wire, party(wire, mode))),
              1,
              "its own cluster is let in"
            )
            wire.socket.destroy()
          })
        )
      )
    }
  })
}
