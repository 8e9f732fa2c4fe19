import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { until, addressOf, receiveFrames, reasonOf, numbered, assertSameFrames, openSockets } from "./support.ts"
import { plain, local } from "./security.ts"
import { pair, rawClient, rawPair, rawServer } from "./peers.ts"
import type { Kit } from "./kit.ts"

export const closing = (kit: Kit): void => {
  /** Milliseconds that closing a scope takes. */
  const closing = (scope: Scope.Closeable): Effect.Effect<number> =>
    Effect.suspend(() => {
      const start = performance.now()
      return Effect.map(Scope.close(scope, Exit.void), () => performance.now() - start)
    })

  /** A connection in a scope of its own. */
  const dialed = Effect.fnUntraced(function* (address: Parameters<ReturnType<typeof kit.make>["dial"]>[0]) {
    const scope = yield* Scope.make()
    const connection = yield* Scope.provide(kit.make(local).dial(address, plain), scope)
    return { scope, connection }
  })

  describe("a connection's close", () => {
    it.live("is quiet: the other end receives what was sent, then Closed", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        const { scope, connection } = yield* dialed(addressOf(listener))
        const server = yield* listener.accept
        yield* connection.send([numbered(1, 10), numbered(2, 20)])
        assert.isBelow(yield* closing(scope), 900)
        assertSameFrames(yield* receiveFrames(server, 2), [numbered(1, 10), numbered(2, 20)])
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(server.send([numbered(1, 1)])))._tag, "Closed")
      })
    )

    it.live("flushes everything that send accepted", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        const { scope, connection } = yield* dialed(addressOf(listener))
        const server = yield* listener.accept
        server.limitFrames(65_536)
        const frames = Array.from({ length: 100 }, (_, number) => numbered(number, 50_000))
        const received = yield* Effect.forkChild(receiveFrames(server, frames.length))
        for (const frame of frames) yield* connection.send([frame])
        yield* closing(scope)
        assertSameFrames(yield* Fiber.join(received), frames)
      })
    )

    it.live("takes milliseconds while the other end goes on sending", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        const { scope, connection } = yield* dialed(addressOf(listener))
        const server = yield* listener.accept
        const sender = yield* Effect.forkChild(reasonOf(Effect.forever(server.send([new Uint8Array(30_000)]))))
        yield* until(() => connection.bytesReceived() > 200_000)
        assert.isBelow(yield* closing(scope), 900)
        assert.strictEqual((yield* Fiber.join(sender))._tag, "Closed")
      })
    )

    it.live("is bounded when the peer never reads", () =>
      Effect.gen(function* () {
        const { scope, connection } = yield* dialed(yield* rawServer(kit, ({ socket }) => socket.pause()))
        yield* Effect.forkChild(Effect.ignore(Effect.forever(connection.send([new Uint8Array(60_000)]))), {
          startImmediately: true
        })
        const millis = yield* closing(scope)
        assert.isAtLeast(millis, 900)
        assert.isBelow(millis, 2500)
      })
    )

    it.live("fails whoever waits on it, and whoever comes later, with Closed", () =>
      Effect.gen(function* () {
        const address = yield* rawServer(kit, ({ socket }) => socket.pause())
        const { scope, connection } = yield* dialed(address)
        const receiving = yield* Effect.forkChild(reasonOf(connection.receive), { startImmediately: true })
        const sending = yield* Effect.forkChild(reasonOf(Effect.forever(connection.send([new Uint8Array(60_000)]))), {
          startImmediately: true
        })
        yield* Effect.forkChild(closing(scope), { startImmediately: true })
        assert.strictEqual((yield* Fiber.join(receiving))._tag, "Closed")
        assert.strictEqual((yield* Fiber.join(sending))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(connection.receive))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(connection.send([numbered(1, 1)])))._tag, "Closed")
      })
    )

    it.live("a cut stream says so to the receiver, and send fails with Closed", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const receiving = yield* Effect.forkChild(reasonOf(server.receive), { startImmediately: true })
        raw.socket.resetAndDestroy()
        const reason = yield* Fiber.join(receiving)
        assert(reason._tag === "Reset" && reason.code === "ECONNRESET")
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "Reset")
        assert.strictEqual((yield* reasonOf(server.send([numbered(1, 1)])))._tag, "Closed")
      })
    )

    it.live("a suspended send fails when the stream is cut", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const sending = yield* Effect.forkChild(reasonOf(Effect.forever(server.send([new Uint8Array(60_000)]))), {
          startImmediately: true
        })
        raw.socket.resetAndDestroy()
        assert.strictEqual((yield* Fiber.join(sending))._tag, "Closed")
      })
    )
  })

  describe("a listener's close", () => {
    it.live("is fast with connections that were never pulled, and cuts them", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const listener = yield* Scope.provide(kit.make(local).listen(plain), scope)
        const raws = yield* Effect.all([1, 2, 3].map(() => rawClient(kit, addressOf(listener))))
        for (const raw of raws) raw.stream.resume().write(new Uint8Array(100_000))
        assert.isBelow(yield* closing(scope), 900)
        yield* until(() => raws.every((raw) => raw.socket.closed))
        const refused = yield* reasonOf(kit.make(local).dial(addressOf(listener), plain))
        assert.strictEqual(refused._tag, "Refused")
      })
    )

    it.live("leaves pulled connections alone", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const listener = yield* Scope.provide(kit.make(local).listen(plain), scope)
        const client = yield* kit.make(local).dial(addressOf(listener), plain)
        const server = yield* listener.accept
        assert.isBelow(yield* closing(scope), 900)
        yield* client.send([numbered(1, 9)])
        assertSameFrames(yield* server.receive, [numbered(1, 9)])
      })
    )

    it.live("is bounded with a stuck connection in the same scope", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const listener = yield* Scope.provide(kit.make(local).listen(plain), scope)
        yield* rawClient(kit, addressOf(listener))
        const server = yield* Scope.provide(listener.accept, scope)
        yield* Effect.forkChild(Effect.ignore(Effect.forever(server.send([new Uint8Array(60_000)]))), {
          startImmediately: true
        })
        assert.isBelow(yield* closing(scope), 2500)
        assert.strictEqual((yield* reasonOf(Effect.scoped(listener.accept)))._tag, "Closed")
      })
    )

    it.live("fails whoever waits for a connection with Closed", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const listener = yield* Scope.provide(kit.make(local).listen(plain), scope)
        const waiting = yield* Effect.forkChild(reasonOf(listener.accept), { startImmediately: true })
        yield* closing(scope)
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "Closed")
      })
    )

    it.live("nothing is left of a closed pair", () =>
      Effect.gen(function* () {
        const before = openSockets()
        yield* Effect.scoped(Effect.andThen(pair(kit), ({ client }) => client.send([numbered(1, 10)])))
        yield* until(() => openSockets() <= before)
      })
    )
  })
}
