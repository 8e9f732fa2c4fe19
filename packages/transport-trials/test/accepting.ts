import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import { Notices } from "@gc/core/StreamTransport"
import {
  until,
  turns,
  addressOf,
  receiveFrames,
  reasonOf,
  numbered,
  assertSameFrames,
  onWire,
  counted,
  withOwnMetrics
} from "./support.ts"
import { plain, local } from "./security.ts"
import { pair, rawClient } from "./peers.ts"
import { addressAt, type Kit } from "./kit.ts"

export const accepting = (kit: Kit): void => {
  const aloud: Transport.LinkSecurity = { ...plain, allowPlaintext: true }

  describe("a listener's address", () => {
    it.live("has the real port and the bound host", () =>
      Effect.gen(function* () {
        const address = addressOf(yield* kit.make(local).listen(plain))
        assert.deepStrictEqual([address.protocol, address.path], [kit.plain, kit.path])
        assert.strictEqual(address.host, "127.0.0.1")
        assert.isAbove(address.port, 0)
      })
    )

    it.live("is what advertise says, with the real port unless it has one", () =>
      Effect.gen(function* () {
        const cases: ReadonlyArray<readonly [advertise: string, expected: string]> = [
          ["node-a.example", "node-a\\.example:[1-9]\\d*"],
          ["192.0.2.7:4999", "192\\.0\\.2\\.7:4999"],
          ["[2001:db8::1]:4999", "\\[2001:db8::1\\]:4999"],
          ["2001:db8::1", "\\[2001:db8::1\\]:[1-9]\\d*"],
          ["[2001:db8::1]", "\\[2001:db8::1\\]:[1-9]\\d*"]
        ]
        for (const [advertise, expected] of cases) {
          const address = Address.format(addressOf(yield* kit.make({ ...local, advertise }).listen(plain)))
          assert.match(address, new RegExp(`^${kit.plain}://${expected}${kit.path}$`))
        }
      })
    )

    it.live("is never unspecified", () =>
      Effect.gen(function* () {
        for (const options of [{ port: 0 }, { port: 0, host: "0.0.0.0" }, { port: 0, host: "::" }]) {
          const address = addressOf(yield* kit.make(options).listen(aloud))
          assert.isTrue(Address.isDialable(address), Address.format(address))
        }
        for (const advertise of ["0.0.0.0", "::", "[::]:4370", "0.0.0.0:4370", "::ffff:0.0.0.0"]) {
          const reason = yield* reasonOf(kit.make({ ...local, advertise }).listen(plain))
          assert(reason._tag === "TransportFailed")
          assert.include(reason.detail, advertise)
        }
      })
    )

    it.live("stays on loopback in plain mode unless plaintext was allowed aloud", () =>
      Effect.gen(function* () {
        assert.strictEqual(addressOf(yield* kit.make({ port: 0 }).listen(plain)).host, "127.0.0.1")
        for (const host of ["0.0.0.0", "::", "192.0.2.1"]) {
          const reason = yield* reasonOf(kit.make({ port: 0, host }).listen(plain))
          assert.strictEqual(reason._tag, "PlaintextRefused")
        }
      })
    )

    it.live("may be IPv6, with or without brackets", () =>
      Effect.gen(function* () {
        for (const host of ["::1", "[::1]"]) {
          const { client, server, address } = yield* pair(kit, { host, port: 0 })
          assert.match(Address.format(address), new RegExp(`^${kit.plain}://\\[::1\\]:\\d+${kit.path}$`))
          assert.match(server.remote, new RegExp(`^${kit.plain}://\\[::1\\]:\\d+$`))
          assert.deepStrictEqual(server.remoteHost, Option.some("::1"))
          yield* client.send([numbered(1, 5)])
          assertSameFrames(yield* server.receive, [numbered(1, 5)])
        }
      })
    )

    it.live("of both families at once shows IPv4 peers as such", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make({ host: "::", port: 0 }).listen(aloud)
        yield* kit.make(local).dial(addressAt(kit, addressOf(listener).port), plain)
        assert.deepStrictEqual((yield* listener.accept).remoteHost, Option.some("127.0.0.1"))
      })
    )
  })

  describe("listen", () => {
    it.live("fails with AddressInUse on a taken port, and with AddressUnavailable on a foreign host", () =>
      Effect.gen(function* () {
        const { port } = addressOf(yield* kit.make(local).listen(plain))
        assert.strictEqual((yield* reasonOf(kit.make({ ...local, port }).listen(plain)))._tag, "AddressInUse")
        const foreign = kit.make({ host: "192.0.2.1", port: 0 })
        assert.strictEqual((yield* reasonOf(foreign.listen(aloud)))._tag, "AddressUnavailable")
      })
    )

    it.live("can be opened again on its port as soon as it is closed", () =>
      Effect.gen(function* () {
        let port = 0
        for (let round = 0; round < 10; round++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const { address } = yield* pair(kit, { ...local, port })
              port = address.port
            })
          )
        }
      })
    )

    it.live("counts each error of the listening socket, and logs each kind once", () =>
      Effect.gen(function* () {
        const logs: Array<string> = []
        const logger = Logger.make(({ message }) => void logs.push(String(message)))
        yield* Effect.gen(function* () {
          const notices = new Notices(kit.name, `${kit.plain}://127.0.0.1:1`, yield* Effect.context<never>())
          for (const code of ["EMFILE", "EMFILE", "ENOBUFS"]) {
            notices.acceptError(Object.assign(new Error("accept"), { code }))
          }
          assert.strictEqual(yield* counted(`gc_${kit.name}_accept_errors`, { code: "EMFILE" }), 2)
          assert.strictEqual(yield* counted(`gc_${kit.name}_accept_errors`, { code: "ENOBUFS" }), 1)
          yield* until(() => logs.length === 2)
        }).pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(Metric.MetricRegistry, new Map()))
        assert.match(logs.join("\n"), /EMFILE[^]*ENOBUFS/)
      })
    )
  })

  describe("accept", () => {
    it.live("gives connections in the order they came, each once", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        const accepting = yield* Effect.forkChild(
          Effect.all(
            [1, 2].map(() => listener.accept),
            { concurrency: 2 }
          )
        )
        for (let number = 0; number < 6; number++) {
          const raw = yield* rawClient(kit, addressOf(listener))
          raw.stream.resume().write(onWire(Buffer.of(number)))
        }
        const rest = yield* Effect.all([1, 2, 3, 4].map(() => listener.accept))
        const numbers: Array<number> = []
        for (const connection of [...(yield* Fiber.join(accepting)), ...rest]) {
          numbers.push((yield* connection.receive)[0][0]!)
        }
        assert.deepStrictEqual(numbers, [0, 1, 2, 3, 4, 5])
      })
    )

    it.live("interrupted loses no connection", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        for (let number = 0; number < 20; number++) {
          const accepting = yield* Effect.forkChild(listener.accept, { startImmediately: true })
          const raw = yield* rawClient(kit, addressOf(listener))
          raw.stream.resume().write(onWire(Buffer.of(number)))
          yield* Fiber.interrupt(accepting)
          if (accepting.pollUnsafe()?._tag === "Failure") assert.exists(yield* listener.accept)
        }
      })
    )

    it.live("gives a connection that ended before it was pulled, with what it sent", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        const raw = yield* rawClient(kit, addressOf(listener))
        raw.stream.end(onWire(numbered(1, 7)))
        raw.stream.resume()
        const server = yield* listener.accept
        assertSameFrames(yield* receiveFrames(server, 1), [numbered(1, 7)])
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "Closed")
      })
    )

    it.live("never pulled: the one silent longest goes, the newcomer stays, each is counted", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const listener = yield* kit.make({ ...local, maxPending: 3 }).listen(plain)
          const connect = rawClient(kit, addressOf(listener)).pipe(
            Effect.tap((raw) => Effect.sync(() => raw.stream.resume()))
          )
          const first = yield* connect
          const second = yield* connect
          const third = yield* connect
          yield* turns
          first.stream.write("x")
          yield* turns
          const fourth = yield* connect
          yield* until(() => second.socket.closed)
          const fifth = yield* connect
          yield* until(() => third.socket.closed)
          assert.strictEqual(yield* counted(`gc_${kit.name}_dropped`, { reason: "evicted" }), 2)
          assert.deepStrictEqual(
            [first.socket.closed, fourth.socket.closed, fifth.socket.closed],
            [false, false, false]
          )
          yield* Effect.all([1, 2, 3].map(() => listener.accept))
          assert.strictEqual(yield* counted(`gc_${kit.name}_accepted`), 3)
        })
      )
    )

    it.live("a connection that was cut before it was pulled is counted and is no element", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const listener = yield* kit.make(local).listen(plain)
          const raw = yield* rawClient(kit, addressOf(listener))
          const last = yield* rawClient(kit, addressOf(listener))
          raw.socket.resetAndDestroy()
          while ((yield* counted(`gc_${kit.name}_dropped`, { reason: "cut" })) === 0) yield* Effect.yieldNow
          last.stream.resume().write(onWire(numbered(1, 3)))
          assertSameFrames(yield* (yield* listener.accept).receive, [numbered(1, 3)])
        })
      )
    )
  })
}
