import * as Address from "@gc/core/Address"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { networkInterfaces } from "node:os"
import { tick } from "../check.ts"
import {
  accept,
  addressOf,
  connect,
  dial,
  endOf,
  assertEnded,
  join,
  listen,
  numbered,
  numberIn,
  reasonOf,
  receiveCount,
  type TransportSection
} from "./subject.ts"

/** Other hosts that are this machine: what listens at every address is reached there. */
const elsewhere = (): ReadonlyArray<string> => [
  ...Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address)
  ),
  // The whole of 127.0.0.0/8 is this machine on Linux; elsewhere a dial to it may wait.
  ...(process.platform === "linux" ? ["127.0.0.2"] : [])
]

export const listening: TransportSection = {
  name: "listening",
  checks: [
    {
      name: "port 0 is a free port, and the real one is advertised",
      run: Effect.fnUntraced(function* (subject) {
        const [first, second] = [yield* listen(subject), yield* listen(subject)]
        for (const listener of [first, second]) {
          assert.isAbove(listener.addresses.length, 0)
          for (const address of listener.addresses) {
            assert.isTrue(Address.isDialable(address), `${Address.format(address)} can be dialed`)
            assert.include(subject.capabilities.protocols, address.protocol)
            assert.include(subject.transport.protocols, address.protocol)
          }
        }
        assert.notStrictEqual(Address.format(addressOf(first)), Address.format(addressOf(second)))
      })
    },
    {
      name: "every advertised address leads to this listener",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (const address of listener.addresses) {
          const near = yield* dial(subject, { ...listener, addresses: [address] })
          const far = yield* accept(subject, listener)
          yield* subject.soon("send", near.send([numbered(9, address.port)]))
          assert.strictEqual(numberIn((yield* receiveCount(subject, far, 1))[0]!), address.port)
        }
      })
    },
    {
      name: "who listens on loopback is not reached from elsewhere",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        if (!listener.addresses.every(Address.isLoopback)) return
        const security = { ...subject.security, allowPlaintext: true }
        for (const address of listener.addresses) {
          for (const host of elsewhere()) {
            const dialed = Effect.scoped(subject.transport.dial({ ...address, host }, security))
            yield* reasonOf(subject, `a dial to ${host}, where it does not listen`, dialed)
          }
        }
      })
    },
    {
      name: "each accept that waits gets a connection of its own",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const accepts = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(accept(subject, listener)))
        const nears = yield* Effect.forEach([1, 2, 3], () => dial(subject, listener))
        yield* Effect.forEach(nears, (near, index) => near.send([numbered(9, index)]))
        const fars = yield* Effect.forEach(accepts, Fiber.join)
        const numbers = yield* Effect.forEach(fars, (far) => receiveCount(subject, far, 1))
        assert.deepStrictEqual(new Set(numbers.map(([frame]) => numberIn(frame!))), new Set([0, 1, 2]))
      })
    },
    {
      name: "an interrupted accept takes no connection with it",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (let round = 0; round < 5; round++) {
          const waiting = yield* Effect.forkChild(Effect.scoped(listener.accept))
          for (let turns = 0; turns < round; turns++) yield* tick
          yield* subject.soon("interrupting an accept", Fiber.interrupt(waiting))
        }
        const near = yield* dial(subject, listener)
        for (let turns = 0; turns < 10; turns++) yield* tick
        const far = yield* accept(subject, listener)
        yield* near.send([numbered(9, 7)])
        assert.strictEqual(numberIn((yield* receiveCount(subject, far, 1))[0]!), 7)
      })
    },
    {
      name: "an accepted connection outlives its listener",
      run: Effect.fnUntraced(function* (subject) {
        const { far, listener, near } = yield* connect(subject)
        yield* subject.soon("closing the listener", listener.close)
        yield* near.send([numbered(9, 1)])
        yield* receiveCount(subject, far, 1)
        yield* far.send([numbered(9, 2)])
        yield* receiveCount(subject, near, 1)
      })
    },
    {
      name: "a connection that nobody accepted ends with its listener",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const near = yield* dial(subject, listener)
        yield* subject.soon("closing the listener", listener.close)
        assertEnded((yield* endOf(subject, near))._tag)
      })
    },
    {
      name: "an accept that waits fails with Closed when its listener closes",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const accepted = Effect.scoped(listener.accept)
        const waiting = yield* Effect.forkChild(reasonOf(subject, "accept", accepted), { startImmediately: true })
        yield* tick
        yield* subject.soon("closing the listener", listener.close)
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(subject, "a later accept", accepted))._tag, "Closed")
      })
    },
    {
      name: "the closed scope of an accepted connection closes it, and no other",
      run: Effect.fnUntraced(function* (subject) {
        const { far, listener, near } = yield* connect(subject)
        const other = yield* join(subject, listener)
        yield* subject.soon("closing", far.close)
        assert.strictEqual((yield* endOf(subject, near))._tag, "Closed")
        yield* other.near.send([numbered(9, 1)])
        yield* receiveCount(subject, other.far, 1)
      })
    },
    {
      name: "one transport has several listeners at once, each with its own connections",
      run: Effect.fnUntraced(function* (subject) {
        const first = yield* connect(subject)
        const second = yield* connect(subject)
        yield* first.near.send([numbered(9, 1)])
        yield* second.near.send([numbered(9, 2)])
        assert.strictEqual(numberIn((yield* receiveCount(subject, first.far, 1))[0]!), 1)
        assert.strictEqual(numberIn((yield* receiveCount(subject, second.far, 1))[0]!), 2)
        yield* subject.soon("closing the listener", first.listener.close)
        yield* join(subject, second.listener)
      })
    },
    {
      name: "the host of the other end is told",
      run: Effect.fnUntraced(function* (subject) {
        const { far } = yield* connect(subject)
        const expected = subject.capabilities.remoteHost
        assert.deepStrictEqual(far.remoteHost, expected === false ? Option.none() : Option.some(expected))
        assert.isAbove(far.remote.length, 0)
      })
    }
  ]
}
