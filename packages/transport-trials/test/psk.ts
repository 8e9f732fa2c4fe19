import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as tls from "node:tls"
import type { StreamOptions } from "@gc/core/StreamOptions"
import { until, addressOf, reasonOf, counted, quietly, withOwnMetrics } from "./support.ts"
import { plain, pskOf, psk, local, fixture } from "./security.ts"
import { rawTls, pair, bareKey, bareDial } from "./peers.ts"
import { addressAt, type Kit } from "./kit.ts"

export const preSharedKeys = (kit: Kit): void => {
  const transport = kit.make(local)

  /** A listener that must not hand anybody over. */
  const guarded = Effect.gen(function* () {
    const listener = yield* transport.listen(psk)
    const accepting = yield* Effect.forkChild(listener.accept, { startImmediately: true })
    return { address: addressOf(listener), accepted: () => accepting.pollUnsafe() !== undefined, accepting }
  })

  /** A TLS server that is not gc's. */
  const rogue = (options: tls.TlsOptions) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.callback<tls.Server>((resume) => {
          const server = tls.createServer(
            { minVersion: "TLSv1.3", ALPNProtocols: [kit.alpn], ...options },
            (socket) => {
              socket.on("error", () => {})
              socket.resume()
            }
          )
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      ),
      (server) => addressAt(kit, (server.address() as { readonly port: number }).port, "psk")
    )

  const certificate = { key: fixture("node-a.key"), cert: fixture("node-a.pem") }

  describe("a pre-shared key", () => {
    it.live("proves both ends, with one channel binding that no other stream has", () =>
      Effect.gen(function* () {
        const seen = new Set<string>()
        for (let round = 0; round < 3; round++) {
          const { client, server } = yield* pair(kit, local, psk)
          assert(client.proof._tag === "Psk" && server.proof._tag === "Psk")
          assert.deepStrictEqual([client.proof.identity, server.proof.identity], ["gc1:me", "gc1:me"])
          assert.strictEqual(client.proof.channelBinding.length, 32)
          assert.deepStrictEqual(client.proof.channelBinding, server.proof.channelBinding)
          seen.add(Buffer.from(client.proof.channelBinding).toString("hex"))
        }
        assert.strictEqual(seen.size, 3)
      })
    )

    it.live("may be any of the listener's, and says which", () =>
      Effect.gen(function* () {
        const both: Transport.LinkSecurity = { ...psk, psks: [pskOf("gc1:new", 9), ...psk.psks] }
        const listener = yield* transport.listen(both)
        yield* transport.dial(addressOf(listener), psk)
        const old = (yield* listener.accept).proof
        yield* transport.dial(addressOf(listener), both)
        const young = (yield* listener.accept).proof
        assert(old._tag === "Psk" && young._tag === "Psk")
        assert.deepStrictEqual([old.identity, young.identity], ["gc1:me", "gc1:new"])
      })
    )

    it.live("is used for addresses without TLS too: an address never weakens what was asked for", () =>
      Effect.gen(function* () {
        const { port } = addressOf(yield* transport.listen(psk))
        const client = yield* transport.dial(addressAt(kit, port), psk)
        assert.strictEqual(client.proof._tag, "Psk")
        assert.match(client.remote, new RegExp(`^${kit.secure}:`))
      })
    )

    it.live("that is wrong or unknown is refused at both ends, and is never shown", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const { address, accepted } = yield* guarded
          const wrong: ReadonlyArray<Transport.Psk> = [pskOf("gc1:me", 8), pskOf("gc1:you", 7)]
          for (const [index, other] of wrong.entries()) {
            const reason = yield* reasonOf(transport.dial(address, { ...psk, psks: [other] }))
            assert(reason._tag === "SecurityFailed")
            assert.match(reason.detail, index === 0 ? /another key/ : /nothing in common/)
            assert.notInclude(JSON.stringify(reason), "8,8,8")
          }
          while ((yield* counted(`gc_${kit.name}_dropped`, { reason: "handshake" })) < 2)
            yield* Effect.sleep("1 millis")
          assert.isFalse(accepted())
        })
      )
    )

    it.live("is required: no key, a certificate, TLS 1.2, another protocol inside are all refused", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const { address, accepted } = yield* guarded
          const peers: ReadonlyArray<tls.ConnectionOptions> = [
            { rejectUnauthorized: false },
            { rejectUnauthorized: false, ...certificate },
            { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "PSK", ...bareKey(7) },
            { ...bareKey(7), ALPNProtocols: ["h2"] },
            { ...bareKey(7), ciphers: "TLS_AES_256_GCM_SHA384" }
          ]
          for (const peer of peers) {
            assert.instanceOf(yield* Effect.promise(() => bareDial(kit, address.port, peer)), Error)
          }
          const nameless = yield* Effect.promise(() =>
            bareDial(kit, address.port, { ...bareKey(7), ALPNProtocols: [] })
          )
          if (nameless instanceof tls.TLSSocket) yield* until(() => nameless.resume().closed)
          while ((yield* counted(`gc_${kit.name}_dropped`)) < 6) yield* Effect.sleep("1 millis")
          assert.strictEqual(yield* counted(`gc_${kit.name}_dropped`, { reason: "unproven" }), 1)
          assert.isFalse(accepted())
        })
      )
    )

    it.live("cannot be replaced by a session that somebody kept", () =>
      Effect.gen(function* () {
        const listener = yield* transport.listen(psk)
        const { socket: first } = yield* rawTls(kit, addressOf(listener).port, bareKey(7))
        const server = yield* listener.accept
        const heard = Effect.callback<Buffer | undefined>((resume) => {
          first.once("data", () => resume(Effect.succeed(first.getSession())))
        })
        yield* server.send([Buffer.from("x")])
        const session = yield* heard
        assert(session !== undefined)
        first.destroy()
        for (const peer of [{ session }, { session, ...bareKey(8) }]) {
          assert.instanceOf(yield* Effect.promise(() => bareDial(kit, addressOf(listener).port, peer)), Error)
        }
      }).pipe(quietly)
    )

    it.live("is not answered by a certificate, trusted or not", () =>
      Effect.gen(function* () {
        for (const address of [yield* rogue(certificate), yield* rogue({ ...certificate, requestCert: true })]) {
          const reason = yield* reasonOf(transport.dial(address, psk))
          assert(reason._tag === "SecurityFailed")
          assert.match(reason.detail, /shows a certificate/)
        }
      })
    )

    it.live("is not answered by a server that has the identity and another key", () =>
      Effect.gen(function* () {
        const address = yield* rogue({ ciphers: "TLS_AES_128_GCM_SHA256", pskCallback: () => Buffer.alloc(32, 1) })
        assert.strictEqual((yield* reasonOf(transport.dial(address, psk)))._tag, "SecurityFailed")
      })
    )

    it.live("has to be there: without a cookie neither listen nor dial work", () =>
      Effect.gen(function* () {
        const none: Transport.LinkSecurity = { ...psk, psks: [] }
        assert.strictEqual((yield* reasonOf(transport.listen(none)))._tag, "SecurityFailed")
        const dialing = transport.dial(addressAt(kit, 1, "psk"), none)
        assert.strictEqual((yield* reasonOf(dialing))._tag, "SecurityFailed")
      })
    )

    it.live("may bind to every address, with the transport's security winning over the cluster's", () =>
      Effect.gen(function* () {
        const options: StreamOptions = { port: 0, security: "psk" }
        const listener = yield* kit.make(options).listen({ ...plain, psks: psk.psks })
        const address = addressOf(listener)
        assert.isTrue(Address.isDialable(address))
        const dialing = kit.make(options).dial(addressAt(kit, address.port, "psk"), {
          ...plain,
          psks: psk.psks
        })
        const accepting = yield* Effect.forkChild(listener.accept)
        assert.strictEqual((yield* dialing).proof._tag, "Psk")
        assert.strictEqual((yield* Fiber.join(accepting)).proof._tag, "Psk")
      })
    )
  })
}
