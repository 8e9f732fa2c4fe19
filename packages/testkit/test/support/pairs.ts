import type { Connection, LinkSecurity, Transport, TransportError } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

export const plain: LinkSecurity = { mode: "plain", psks: [], allowPlaintext: true }

/** Connects `from` to `to`; dials across a delay need the clock to move. */
export const connect = Effect.fnUntraced(function* (from: Transport["Service"], to: Transport["Service"], wait = 0) {
  const listener = yield* to.listen(plain)
  const dialing = yield* Effect.forkChild(from.dial(listener.addresses[0]!, plain))
  yield* TestClock.adjust(wait)
  const near: Connection = yield* Fiber.join(dialing)
  const far: Connection = yield* listener.accept
  return { near, far, listener, address: listener.addresses[0]! }
})

export const pair = Effect.fnUntraced(function* (options: SimulatedNetwork.Options = {}) {
  const network = yield* SimulatedNetwork.make(options)
  const [a, b] = [network.transport("a"), network.transport("b")]
  return { network, a, b, ...(yield* connect(a, b, 10_000)) }
})

export const frame = (...bytes: ReadonlyArray<number>) => new Uint8Array(bytes)
export const big = (size: number) => new Uint8Array(size).fill(7)
export const reason = (effect: Effect.Effect<unknown, TransportError, Scope.Scope>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason._tag)
