import { assert, describe, it } from "@effect/vitest"
import type * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as net from "node:net"
import { until } from "./support.ts"
import { start, sees, healthy } from "./clusterNodes.ts"
import { addressAt, type Kit } from "./kit.ts"

export const clusterStreams = (kit: Kit): void => {
  /** What stands between a dialer and a node: it hands bytes on as `pass` says. */
  const proxy = (to: Address.Address, pass: (from: net.Socket, into: net.Socket) => void) =>
    Effect.acquireRelease(
      Effect.callback<{ readonly address: Address.Address; readonly close: () => void }>((resume) => {
        const sockets = new Set<net.Socket>()
        const server = net.createServer((near) => {
          const far = net.connect({ host: to.host, port: to.port, noDelay: true })
          near.setNoDelay(true)
          for (const [from, into] of [
            [near, far],
            [far, near]
          ] as const) {
            sockets.add(from)
            from.on("error", () => {})
            from.on("close", () => into.destroy())
            pass(from, into)
          }
        })
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as net.AddressInfo
          const close = () => {
            server.close()
            for (const socket of sockets) socket.destroy()
          }
          resume(Effect.succeed({ address: addressAt(kit, port), close }))
        })
      }),
      ({ close }) => Effect.sync(close)
    )

  /** How many handles of a kind keep this process alive. */
  const handles = (kind: RegExp) => process.getActiveResourcesInfo().filter((name) => kind.test(name)).length

  const b = NodeName.make("b@127.0.0.1")

  describe("streams under a cluster", () => {
    it.live("may come one byte at a time", () =>
      Effect.gen(function* () {
        const target = yield* start(kit, "b", { security: "plain" })
        const slow = yield* proxy(target.address, (from, into) =>
          from.on("data", (chunk: Uint8Array) => {
            for (const byte of chunk) into.write(Uint8Array.of(byte))
          })
        )
        const a = yield* start(kit, "a", { security: "plain", peers: [slow.address], detector: "lan" })
        yield* sees(a, "a", "b")
        const [from, to] = [yield* a.cluster.openChannel("x"), yield* target.cluster.openChannel("x")]
        yield* from.send(b, new Uint8Array(2_000).fill(7))
        const [message] = yield* to.receive
        assert.deepStrictEqual(message.message, new Uint8Array(2_000).fill(7))
      })
    )

    it.live("are closed in bounded time with a peer that never reads, and its senders learn it", () =>
      Effect.gen(function* () {
        const target = yield* start(kit, "b", { security: "plain" })
        let stopped = false
        const stuck = yield* proxy(target.address, (from, into) =>
          from.on("data", (chunk: Uint8Array) => {
            if (stopped) from.pause()
            else into.write(chunk)
          })
        )
        const a = yield* start(kit, "a", { security: "plain", peers: [stuck.address], detector: "erlang" })
        yield* sees(a, "a", "b")
        yield* target.cluster.openChannel("x")
        const channel = yield* a.cluster.openChannel("x")
        stopped = true
        const sending = yield* Effect.forkChild(
          Effect.flip(
            Effect.forEach(
              Array.from({ length: 64 }, (_, index) => index),
              () => channel.send(b, new Uint8Array(1_000_000)),
              { concurrency: "unbounded" }
            )
          )
        )
        yield* Effect.yieldNow
        const before = performance.now()
        yield* a.cluster.leave
        assert.isBelow(performance.now() - before, 5_500)
        assert.strictEqual((yield* Fiber.join(sending)).reason._tag, "LinkLost")
      })
    )

    for (const security of ["plain", "psk"] as const) {
      it.live(`carry a goodbye through whatever is on the way in ${security} mode`, () =>
        Effect.gen(function* () {
          const { a, b: other } = yield* healthy(kit, security)
          const { name } = a.cluster.self
          let received = 0
          for (const node of [a, other]) {
            const channel = yield* node.cluster.openChannel("x")
            const toAll = channel.broadcast(new Uint8Array(100_000))
            yield* Effect.forkScoped(Effect.repeat(toAll, { while: (handed) => handed.length > 0 }))
            yield* Effect.forkScoped(
              Effect.forever(Effect.map(channel.receive, ({ length }) => void (received += length)))
            )
          }
          yield* until(() => received > 100)
          yield* a.stop
          yield* sees(other, "b")
          assert.deepStrictEqual(
            other.events.filter(({ member }) => member.name === name).map(({ _tag }) => _tag),
            ["Up", "Left"]
          )
        })
      )
    }

    for (const security of ["plain", "psk"] as const) {
      it.live(`leave no handle and no timer behind in ${security} mode`, () =>
        Effect.gen(function* () {
          yield* until(() => handles(/TCP/) === 0)
          const timers = handles(/Timeout/)
          const scope = yield* Scope.make()
          yield* Effect.gen(function* () {
            const { a } = yield* healthy(kit, security)
            const c = yield* start(kit, "c", { security, peers: [a.address, addressAt(kit, 1)] })
            yield* sees(c, "a", "b", "c")
            yield* Effect.flip(c.cluster.connect(Peer.fromAddress(addressAt(kit, 1))))
            const stranger = yield* start(kit, "x", { security, peers: [a.address], cluster: "another" })
            yield* Effect.flip(stranger.cluster.connect(Peer.fromAddress(a.address)))
          }).pipe(Scope.provide(scope))
          yield* Scope.close(scope, Exit.void)
          // The condition is polled by a timer, too.
          yield* until(() => handles(/TCP/) === 0 && handles(/Timeout/) <= timers + 1)
        })
      )
    }
  })
}
