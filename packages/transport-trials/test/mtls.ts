import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as tls from "node:tls"
import { certificateNames } from "@gc/core/StreamTls"
import type { StreamOptions } from "@gc/core/StreamOptions"
import type { TlsMaterial } from "@gc/core/StreamTls"
import { until, addressOf, reasonOf, counted, quietly, withOwnMetrics } from "./support.ts"
import { material, psk, mtls, local, fixture, node } from "./security.ts"
import { pair, bareKey, bareDial } from "./peers.ts"
import type { Kit } from "./kit.ts"

export const certificates = (kit: Kit): void => {
  describe("certificates", () => {
    it.live("prove both ends, with their names, one channel binding and one exported key", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit, node("node-a"), mtls, node("node-b"))
        assert(client.proof._tag === "Mtls" && server.proof._tag === "Mtls")
        assert.deepStrictEqual(client.proof.names, {
          dns: ["a.test", "localhost"],
          ip: ["127.0.0.1", "0:0:0:0:0:0:0:1"],
          uri: ["gc:a@a.test"]
        })
        assert.deepStrictEqual(server.proof.names, { dns: ["b.test"], ip: [], uri: ["gc:b@b.test,DNS:victim.test"] })
        assert.deepStrictEqual(client.proof.channelBinding, server.proof.channelBinding)
        const [clientKey, serverKey] = [client, server].map(({ proof }) =>
          proof._tag === "Mtls" ? Redacted.value(proof.exporterKey) : undefined
        )
        assert.strictEqual(clientKey?.length, 32)
        assert.deepStrictEqual(clientKey, serverKey)
        assert.notDeepEqual(clientKey, client.proof.channelBinding)
      })
    )

    it.live("are read as bytes too, and trusted by any of several authorities", () =>
      Effect.gen(function* () {
        const bytes = (text: string) => new TextEncoder().encode(text)
        const tls: TlsMaterial = {
          cert: bytes(fixture("node-a.pem")),
          key: Redacted.make(bytes(fixture("node-a.key"))),
          ca: [bytes(fixture("other-ca.pem")), fixture("ca.pem")]
        }
        for (const name of ["node-b", "foreign"]) {
          const { server } = yield* pair(kit, { ...local, tls }, mtls, node(name))
          assert.strictEqual(server.proof._tag, "Mtls")
        }
      })
    )

    it.live("of another authority or out of date are refused by who dials", () =>
      Effect.gen(function* () {
        for (const [name, ca, expected] of [
          ["foreign", "ca", /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER/],
          ["expired", "ca", /CERT_HAS_EXPIRED/]
        ] as const) {
          const listener = yield* kit.make(node(name, ca)).listen(mtls)
          const reason = yield* reasonOf(kit.make(node("node-a")).dial(addressOf(listener), mtls))
          assert(reason._tag === "SecurityFailed")
          assert.match(reason.detail, expected)
        }
      }).pipe(quietly)
    )

    it.live("of another authority, out of date or missing are refused by who listens, and counted", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const listener = yield* kit.make(node("node-a")).listen(mtls)
          const accepting = yield* Effect.forkChild(listener.accept, { startImmediately: true })
          const peers: ReadonlyArray<tls.ConnectionOptions> = [
            { key: fixture("foreign.key"), cert: fixture("foreign.pem") },
            { key: fixture("expired.key"), cert: fixture("expired.pem") },
            {},
            bareKey(7)
          ]
          for (const peer of peers) {
            const options = {
              ciphers: "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
              rejectUnauthorized: false,
              ...peer
            }
            const socket = yield* Effect.promise(() => bareDial(kit, addressOf(listener).port, options))
            if (socket instanceof tls.TLSSocket) yield* until(() => socket.resume().closed)
          }
          while ((yield* counted(`gc_${kit.name}_dropped`, { reason: "unproven" })) < peers.length)
            yield* Effect.sleep("1 millis")
          assert.isUndefined(accepting.pollUnsafe())
        })
      )
    )

    it.live("are not replaced by a pre-shared key, nor the other way round", () =>
      Effect.gen(function* () {
        const byKey = yield* kit.make(local).listen(psk)
        assert.strictEqual(
          (yield* reasonOf(kit.make(node("node-a")).dial(addressOf(byKey), mtls)))._tag,
          "SecurityFailed"
        )
        const byCertificate = yield* kit.make(node("node-a")).listen(mtls)
        const reason = yield* reasonOf(kit.make(local).dial(addressOf(byCertificate), psk))
        assert(reason._tag === "SecurityFailed")
        assert.match(reason.detail, /shows a certificate/)
      }).pipe(quietly)
    )

    it.live("that are missing, broken or do not fit fail listen and dial, and no key is shown", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(node("node-a")).listen(mtls)
        const wrong: ReadonlyArray<readonly [StreamOptions, RegExp]> = [
          [local, /needs options\.tls/],
          [{ ...local, tls: { ...material("node-a"), cert: "no certificate" } }, /options\.tls is not usable/],
          [{ ...local, tls: { ...material("node-a"), key: Redacted.make(fixture("node-b.key")) } }, /not usable/],
          [{ ...local, tls: { ...material("node-a"), key: Redacted.make("no key") } }, /not usable/]
        ]
        for (const [options, expected] of wrong) {
          const transport = kit.make(options)
          const listening = yield* reasonOf(transport.listen(mtls))
          const dialing = yield* reasonOf(transport.dial(addressOf(listener), mtls))
          for (const reason of [listening, dialing]) {
            assert(reason._tag === "SecurityFailed")
            assert.match(reason.detail, expected)
            assert.notInclude(reason.detail, "PRIVATE")
          }
        }
      })
    )
  })

  describe("names in a certificate", () => {
    it("are never taken out of another name", () => {
      assert.deepStrictEqual(certificateNames(`URI:"gc:a\\u002cDNS:b.test", DNS:c.test`), {
        dns: ["c.test"],
        ip: [],
        uri: ["gc:a,DNS:b.test"]
      })
      assert.deepStrictEqual(certificateNames(`URI:"a\\", DNS:b.test"`), { dns: [], ip: [], uri: [`a", DNS:b.test`] })
    })

    it("of other kinds are left out, and an unreadable text gives none", () => {
      const none = { dns: [], ip: [], uri: [] }
      assert.deepStrictEqual(certificateNames(""), none)
      assert.deepStrictEqual(certificateNames("email:a@b.test, Registered ID:1.2.3, othername:<unsupported>"), none)
      assert.deepStrictEqual(certificateNames(`DNS:a.test, URI:"broken`), none)
      assert.deepStrictEqual(certificateNames("DNS:a.test,DNS:b.test"), none)
    })
  })
}
