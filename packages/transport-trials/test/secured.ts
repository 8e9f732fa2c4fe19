import { assert, describe, it } from "@effect/vitest"
import type * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type * as tls from "node:tls"
import type { StreamOptions } from "@gc/core/StreamOptions"
import {
  until,
  addressOf,
  receiveFrames,
  reasonOf,
  numbered,
  assertSameFrames,
  openSockets,
  counted,
  quietly,
  withOwnMetrics
} from "./support.ts"
import { plain, psk, mtls, local, fixture, node } from "./security.ts"
import { bareServer, rawTls, pair, bareSocket, bareKey } from "./peers.ts"
import { addressAt, type Kit } from "./kit.ts"

export const securedStreams = (kit: Kit): void => {
  const lengths = [1, 64, 4096, 8192, 8193, 16_384, 16_385, 65_536, 65_540]

  const certified = { key: fixture("node-b.key"), cert: fixture("node-b.pem"), ca: fixture("ca.pem") }

  const modes: ReadonlyArray<readonly [Transport.LinkSecurity, StreamOptions, tls.ConnectionOptions]> = [
    [psk, local, bareKey(7)],
    [mtls, node("node-a"), { ...certified, ciphers: "TLS_AES_256_GCM_SHA384" }]
  ]

  for (const [security, options, bareOptions] of modes) {
    const transport = kit.make(options)

    describe(`a stream in mode ${security.mode}`, () => {
      it.live("carries frames of every length, in order, both ways at once", () =>
        Effect.gen(function* () {
          const { client, server, address } = yield* pair(kit, options, security)
          assert.strictEqual(address.protocol, kit.secure)
          assert.match(server.remote, new RegExp(`^${kit.secure}://127\\.0\\.0\\.1:\\d+$`))
          assert.deepStrictEqual(server.remoteHost, Option.some("127.0.0.1"))
          const frames = Array.from({ length: 300 }, (_, number) => numbered(number, lengths[number % lengths.length]!))
          yield* Effect.all(
            [
              [client, server],
              [server, client]
            ].map(([from, to]) =>
              Effect.gen(function* () {
                to!.limitFrames(65_540)
                const received = yield* Effect.forkChild(receiveFrames(to!, frames.length))
                for (let index = 0; index < frames.length; index += 3) {
                  yield* from!.send([
                    frames[index]!,
                    [frames[index + 1]!.subarray(0, 1), frames[index + 1]!.subarray(1)]
                  ])
                  yield* from!.send([frames[index + 2]!])
                }
                assertSameFrames(yield* Fiber.join(received), frames)
              })
            ),
            { concurrency: 2 }
          )
        })
      )

      it.live("closes quietly, after everything that was accepted", () =>
        Effect.gen(function* () {
          const listener = yield* transport.listen(security)
          const scope = yield* Scope.make()
          const client = yield* Scope.provide(transport.dial(addressOf(listener), security), scope)
          const server = yield* listener.accept
          server.limitFrames(65_536)
          const frames = Array.from({ length: 50 }, (_, number) => numbered(number, 40_000))
          const received = yield* Effect.forkChild(receiveFrames(server, frames.length))
          for (const frame of frames) yield* client.send([frame])
          const start = performance.now()
          yield* Scope.close(scope, Exit.void)
          assert.isBelow(performance.now() - start, 900)
          assertSameFrames(yield* Fiber.join(received), frames)
          assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
          assert.strictEqual((yield* reasonOf(server.send([numbered(1, 1)])))._tag, "Closed")
          assert.strictEqual((yield* reasonOf(client.send([numbered(1, 1)])))._tag, "Closed")
        })
      )

      it.live("suspends send while the peer does not read, and closes within a second then", () =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const listener = yield* transport.listen(security)
          const { socket: peer } = yield* rawTls(kit, addressOf(listener).port, bareOptions)
          const server = yield* Scope.provide(listener.accept, scope)
          let taken = 0
          const sending = yield* Effect.forkChild(
            reasonOf(
              Effect.forever(Effect.tap(server.send([new Uint8Array(60_000)]), () => Effect.sync(() => taken++)))
            )
          )
          let seen = -1
          let same = 0
          yield* until(() => {
            same = seen === taken ? same + 1 : 0
            seen = taken
            return taken > 0 && same === 25
          })
          assert.isBelow(taken * 60_000, 32 * 2 ** 20)
          const start = performance.now()
          yield* Scope.close(scope, Exit.void)
          assert.isBelow(performance.now() - start, 2500)
          assert.strictEqual((yield* Fiber.join(sending))._tag, "Closed")
          peer.destroy()
        })
      )

      it.live("is not dialed where the other end is silent or plain, and leaves no handle", () =>
        Effect.gen(function* () {
          const silent = yield* bareServer(kit, (socket) => socket.resume().on("end", () => socket.destroy()))
          const talking = yield* bareServer(kit, (socket) => socket.end("220 mail.example ESMTP\r\n"))
          const before = openSockets()
          const hasty = kit.make({ ...options, connectTimeout: "150 millis" })
          const reason = yield* reasonOf(hasty.dial(silent, security))
          assert(reason._tag === "ConnectTimeout" && reason.taken === true)
          assert.strictEqual((yield* reasonOf(transport.dial(talking, security)))._tag, "SecurityFailed")
          const scope = yield* Scope.make()
          const dialing = yield* Effect.forkChild(Scope.provide(transport.dial(silent, security), scope), {
            startImmediately: true
          })
          yield* until(() => openSockets() > before)
          yield* Fiber.interrupt(dialing)
          yield* until(() => openSockets() <= before)
        })
      )

      it.live("and a plain one do not meet, whoever dials", () =>
        quietly(
          Effect.gen(function* () {
            const secure = addressOf(yield* transport.listen(security))
            const open = yield* kit.make(local).listen(plain)
            const byPlain = yield* reasonOf(
              Effect.gen(function* () {
                const connection = yield* kit.make(local).dial(addressAt(kit, secure.port), plain)
                yield* connection.send([numbered(1, 50)])
                yield* connection.receive
              })
            )
            assert.include(["Closed", "Reset", "FrameTooLarge"], byPlain._tag)
            const accepted = yield* Effect.forkChild(
              Effect.scoped(Effect.flatMap(open.accept, (server) => reasonOf(server.receive)))
            )
            const byTls = yield* reasonOf(transport.dial(addressOf(open), security))
            assert.include(["SecurityFailed", "Reset"], byTls._tag)
            if (kit.asks) assert.isUndefined(accepted.pollUnsafe(), "nobody has asked")
            else assert.strictEqual((yield* Fiber.join(accepted))._tag, "FrameTooLarge")
          })
        )
      )

      it.live("a peer that never finishes its handshake, or breaks it off, is dropped and counted", () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const listener = yield* kit.make({ ...options, connectTimeout: "200 millis" }).listen(security)
            const connect = Effect.tap(bareSocket(addressOf(listener).port), (raw) => Effect.sync(() => raw.resume()))
            const raws = [yield* connect, yield* connect, yield* connect, yield* connect]
            raws[1]!.write("GET / HTTP/1.1\r\n\r\n")
            raws[2]!.end()
            raws[3]!.resetAndDestroy()
            const trickling = yield* Effect.forkChild(
              Effect.forever(
                Effect.andThen(
                  Effect.sync(() => raws[0]!.write(Buffer.of(22))),
                  Effect.sleep("10 millis")
                )
              )
            )
            yield* until(() => raws.every((raw) => raw.closed))
            yield* Fiber.interrupt(trickling)
            while ((yield* counted(`gc_${kit.name}_dropped`, { reason: "handshake" })) < 4)
              yield* Effect.sleep("1 millis")
            yield* Effect.forkChild(transport.dial(addressOf(listener), security))
            assert.exists(yield* listener.accept)
          })
        )
      )

      it.live("a newcomer gets through while silent peers hold every place", () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const listener = yield* kit.make({ ...options, maxPending: 4 }).listen(security)
            for (let number = 0; number < 12; number++) yield* bareSocket(addressOf(listener).port)
            const client = yield* transport.dial(addressOf(listener), security)
            const server = yield* listener.accept
            yield* client.send([numbered(1, 9)])
            assertSameFrames(yield* server.receive, [numbered(1, 9)])
            assert.strictEqual(yield* counted(`gc_${kit.name}_dropped`, { reason: "evicted" }), 9)
          })
        )
      )

      it.live("leaves nothing behind when its listener closes on unfinished and unpulled connections", () =>
        Effect.gen(function* () {
          const before = openSockets()
          const scope = yield* Scope.make()
          const listener = yield* Scope.provide(transport.listen(security), scope)
          const raw = yield* bareSocket(addressOf(listener).port)
          const { socket: peer } = yield* rawTls(kit, addressOf(listener).port, bareOptions)
          raw.resume()
          peer.resume()
          const start = performance.now()
          yield* Scope.close(scope, Exit.void)
          assert.isBelow(performance.now() - start, 900)
          yield* until(() => raw.closed && peer.closed && openSockets() <= before)
        })
      )
    })
  }
}
