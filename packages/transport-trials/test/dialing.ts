import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { openReason, streamReason } from "@gc/core/StreamTransport"
import { until, reasonOf, openSockets } from "./support.ts"
import { plain, local } from "./security.ts"
import { bareServer, pair, blackhole } from "./peers.ts"
import type { Kit } from "./kit.ts"

export const dialing = (kit: Kit): void => {
  const transport = kit.make(local)

  describe("dial", () => {
    it.live("tells who is at the other end", () =>
      Effect.gen(function* () {
        const { client, server, address } = yield* pair(kit)
        assert.strictEqual(client.remote, Address.format({ ...address, path: "" }))
        assert.match(server.remote, new RegExp(`^${kit.plain}://127\\.0\\.0\\.1:\\d+$`))
        assert.deepStrictEqual(
          [client.remoteHost, server.remoteHost],
          [Option.some("127.0.0.1"), Option.some("127.0.0.1")]
        )
        assert.deepStrictEqual([client.proof, server.proof], [{ _tag: "Plain" }, { _tag: "Plain" }])
      })
    )

    it.live("fails with Refused where nothing listens", () =>
      Effect.gen(function* () {
        const address = yield* Effect.scoped(bareServer(kit, () => {}))
        assert.strictEqual((yield* reasonOf(transport.dial(address, plain)))._tag, "Refused")
        const byName = { ...address, host: "localhost" }
        assert.strictEqual((yield* reasonOf(transport.dial(byName, plain)))._tag, "Refused")
      })
    )

    it.live("fails with ConnectTimeout after connectTimeout, and leaves no handle", () =>
      Effect.gen(function* () {
        const address = yield* blackhole(kit)
        const before = openSockets()
        const start = performance.now()
        const reason = yield* reasonOf(kit.make({ ...local, connectTimeout: "150 millis" }).dial(address, plain))
        assert(reason._tag === "ConnectTimeout")
        assert.deepStrictEqual([reason.millis, reason.taken], [150, false])
        assert.isBelow(performance.now() - start, 1000)
        assert.strictEqual(openSockets(), before)
      })
    )

    it.live("interrupted leaves no handle, though its scope stays open", () =>
      Effect.gen(function* () {
        const address = yield* blackhole(kit)
        const scope = yield* Scope.make()
        const before = openSockets()
        const dialing = yield* Effect.forkChild(Scope.provide(transport.dial(address, plain), scope), {
          startImmediately: true
        })
        yield* until(() => openSockets() > before)
        yield* Fiber.interrupt(dialing)
        assert.strictEqual(openSockets(), before)
        yield* Scope.close(scope, Exit.void)
      })
    )

    it.live("interrupted at any moment leaves no handle", () =>
      Effect.gen(function* () {
        let accepted = 0
        let closed = 0
        const address = yield* bareServer(kit, (socket) => {
          accepted++
          socket.on("close", () => closed++)
          kit.server(socket, (stream) => stream.resume().on("end", () => stream.end()))
        })
        const before = openSockets()
        const scope = yield* Scope.make()
        for (let turns = 0; turns < 60; turns++) {
          const dialing = yield* Effect.forkChild(Scope.provide(transport.dial(address, plain), scope), {
            startImmediately: true
          })
          for (let turn = 0; turn < turns % 15; turn++) {
            yield* Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))
          }
          yield* Fiber.interrupt(dialing)
        }
        yield* Scope.close(scope, Exit.void)
        yield* until(() => closed === accepted && openSockets() <= before)
      })
    )

    it.live("takes no plain stream beyond loopback unless that was said aloud", () =>
      Effect.gen(function* () {
        for (const host of ["192.0.2.1", "example.com", "2001:db8::1"]) {
          const reason = yield* reasonOf(transport.dial(Address.make(kit.plain, host, 4370), plain))
          assert.strictEqual(reason._tag, "PlaintextRefused")
        }
      })
    )

    it.live("does not weaken tls:// to a plain stream, nor dial other protocols", () =>
      Effect.gen(function* () {
        for (const protocol of ["tcp", "tls", "ws", "wss"].filter((each) => !kit.dialedPlain.includes(each))) {
          const reason = yield* reasonOf(transport.dial(Address.make(protocol, "127.0.0.1", 4370), plain))
          assert(reason._tag === "ProtocolUnsupported")
          assert.deepStrictEqual(reason.supported, kit.dialedPlain)
        }
      })
    )
  })

  describe("system errors", () => {
    const withCode = (code: string) => Object.assign(new Error(`it failed: ${code}`), { code })

    it("become reasons", () => {
      const opened: Record<string, string> = {
        ECONNREFUSED: "Refused",
        EADDRINUSE: "AddressInUse",
        EADDRNOTAVAIL: "AddressUnavailable",
        ENOTFOUND: "HostUnknown",
        EAI_AGAIN: "HostUnknown",
        EHOSTUNREACH: "Unreachable",
        ENETUNREACH: "Unreachable",
        ETIMEDOUT: "Unreachable",
        ECONNRESET: "Reset",
        EACCES: "TransportFailed",
        ERR_SSL_WRONG_VERSION_NUMBER: "SecurityFailed",
        ERR_TLS_HANDSHAKE_TIMEOUT: "SecurityFailed",
        CERT_HAS_EXPIRED: "SecurityFailed",
        UNABLE_TO_VERIFY_LEAF_SIGNATURE: "SecurityFailed",
        ESOMETHING: "TransportFailed"
      }
      for (const [code, tag] of Object.entries(opened)) assert.strictEqual(openReason(withCode(code))._tag, tag)
      for (const code of ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]) {
        assert.strictEqual(streamReason(withCode(code))._tag, "Reset")
      }
      assert.strictEqual(streamReason("no error at all")._tag, "TransportFailed")
    })

    it("of several addresses count as refused only when none stayed silent", () => {
      const of = (...codes: ReadonlyArray<string>) => openReason(new AggregateError(codes.map(withCode)))._tag
      assert.strictEqual(of("ECONNREFUSED", "ECONNREFUSED"), "Refused")
      assert.strictEqual(of("ENETUNREACH", "ECONNREFUSED"), "Refused")
      assert.strictEqual(of("ECONNREFUSED", "ETIMEDOUT"), "Unreachable")
      assert.strictEqual(of("ENETUNREACH", "EHOSTUNREACH"), "Unreachable")
    })
  })
}
