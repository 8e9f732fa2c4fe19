/**
 * Somebody without the key: certificates, other keys and no encryption, against nodes in psk mode that listen and that dial.
 */
import { assert, describe, it } from "@effect/vitest"
import * as net from "node:net"
import * as Effect from "effect/Effect"
import type * as tls from "node:tls"
import * as G from "./gch1.ts"
import { dialAs, party, reach, secrets } from "./handshakes.ts"
import { startVictim, cluster } from "./victim.ts"
import { plainTo, secureTo, withKey, secureServer, servingKey } from "./wire.ts"
import { withOwnMetrics } from "../support.ts"
import { fixture } from "../security.ts"
import { bareKey } from "../peers.ts"
import { serving } from "../peers.ts"
import type { Kit } from "../kit.ts"

export const impostors = (kit: Kit): void => {
  const identity = G.pskIdentityOf(cluster)

  const certificate = (name: string) => ({ key: fixture(`${name}.key`), cert: fixture(`${name}.pem`) })

  const unchecked = { rejectUnauthorized: false, ciphers: "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384" }

  const clients: ReadonlyArray<readonly [what: string, options: tls.ConnectionOptions]> = [
    ["no key and no certificate", unchecked],
    ["a certificate", { ...unchecked, ...certificate("node-a") }],
    ["a certificate of another authority", { ...unchecked, ...certificate("foreign") }],
    ["another key under the right identity", bareKey(8, identity)],
    ["the right key under another identity", withKey("gc1:0000000000000000:k0", secrets.psk)],
    ["an empty identity", withKey("", secrets.psk)],
    ["TLS 1.2", { ...withKey(identity, secrets.psk), minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "PSK" }],
    ["another protocol inside", { ...withKey(identity, secrets.psk), ALPNProtocols: ["h2"] }]
  ]

  describe("a client without the key", () => {
    for (const [what, options] of clients) {
      it.live(`with ${what} is refused before GCH/1, and nothing changes`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit)
            yield* victim.unchangedBy(
              Effect.promise(async () => {
                const reached = await secureTo(kit, victim.port, options)
                if (reached instanceof Error) return
                // With TLS 1.3 a client may believe in a stream that the server has refused.
                const heard = await dialAs(reached, party(reached, 1))
                assert.isEmpty(heard)
                await reached.rest()
              })
            )
          })
        )
      )
    }

    it.live("that speaks GCH/1 without TLS is refused, although it holds the cookie", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit)
          yield* victim.unchangedBy(
            Effect.promise(async () => {
              for (const mode of [0, 1] as const) {
                const wire = await plainTo(kit, victim.port).catch(() => undefined)
                if (kit.asks) assert.isUndefined(wire, "its request has no answer")
                if (wire === undefined) continue
                assert.isEmpty(await dialAs(wire, party(wire, 0, { mode })))
                await wire.rest()
              }
            })
          )
        })
      )
    )

    it.live("that has it after all is let in: the refusals above are for what is wrong with them", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit)
          const wire = yield* Effect.promise(() => reach(kit, victim.port, "psk"))
          assert.lengthOf(yield* Effect.promise(() => dialAs(wire, party(wire, 1))), 1)
          assert.deepStrictEqual(
            victim.events.map(({ member }) => member.name),
            ["victim@127.0.0.1", "mallory@127.0.0.1"]
          )
          wire.socket.destroy()
        })
      )
    )
  })

  const servers: ReadonlyArray<readonly [what: string, options: tls.TlsOptions]> = [
    ["a certificate", certificate("node-a")],
    ["a certificate, and asks for one", { ...certificate("node-a"), requestCert: true, rejectUnauthorized: false }],
    ["a certificate of another authority", certificate("foreign")],
    ["a certificate and another key", { ...certificate("node-a"), ...servingKey(Buffer.alloc(32, 8)) }],
    ["another key", servingKey(Buffer.alloc(32, 8))]
  ]

  describe("a server without the key", () => {
    for (const [what, options] of servers) {
      it.live(`with ${what} is refused, hears nothing of GCH/1, and nothing changes`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const heard: Array<Buffer> = []
            const port = yield* secureServer(kit, options, (wire) => {
              void wire.rest().then((frames) => heard.push(...frames))
            })
            const victim = yield* startVictim(kit)
            yield* victim.unchangedBy(Effect.flip(victim.connect(port, "psk")), 1)
            assert.isEmpty(heard)
          })
        )
      )
    }

    it.live("and without TLS is refused, and hears nothing of GCH/1", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const bytes: Array<Buffer> = []
          const server = net.createServer({ allowHalfOpen: true }, (socket) => {
            socket.on("data", (chunk: Buffer) => bytes.push(chunk))
            socket.on("end", () => socket.end())
            socket.write(G.challengeOf({ mode: 0 }))
          })
          const port = yield* serving(server)
          const victim = yield* startVictim(kit)
          yield* victim.unchangedBy(Effect.flip(victim.connect(port)), 1)
          assert.notInclude(Buffer.concat(bytes).toString("latin1"), "GCH1")
          assert.isAbove(bytes.length, 0)
        })
      )
    )
  })
}
