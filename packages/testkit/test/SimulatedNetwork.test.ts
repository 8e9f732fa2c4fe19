import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { Connection, LinkSecurity, Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"

const plain: LinkSecurity = { mode: "plain", psks: [], allowPlaintext: true }

/** Connects `from` to `to`; dials across a delay need the clock to move. */
const connect = Effect.fnUntraced(function* (from: Transport["Service"], to: Transport["Service"], wait = 0) {
  const listener = yield* to.listen(plain)
  const dialing = yield* Effect.forkChild(from.dial(listener.addresses[0]!, plain))
  yield* TestClock.adjust(wait)
  const near: Connection = yield* Fiber.join(dialing)
  const far: Connection = yield* listener.accept
  return { near, far, address: listener.addresses[0]! }
})

const frame = (...bytes: ReadonlyArray<number>) => new Uint8Array(bytes)

describe("SimulatedNetwork", () => {
  it.effect("carries frames both ways", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make()
      const { near, far } = yield* connect(network.transport("a"), network.transport("b"))
      yield* near.send([frame(1), [frame(2), frame(3)]])
      assert.deepStrictEqual(yield* far.receive, [frame(1), frame(2, 3)])
      yield* far.send([frame(4)])
      assert.deepStrictEqual(yield* near.receive, [frame(4)])
      assert.strictEqual(far.bytesReceived(), 11)
    })
  )

  it.effect("delays by its latency", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ latency: "10 millis" })
      const { near, far } = yield* connect(network.transport("a"), network.transport("b"), 30)
      const receiving = yield* Effect.forkChild(far.receive)
      yield* near.send([frame(1)])
      yield* TestClock.adjust("9 millis")
      assert.isUndefined(receiving.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.join(receiving), [frame(1)])
    })
  )
})
