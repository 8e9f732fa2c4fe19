import { assert, describe, it } from "@effect/vitest"
import type * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { allSee, makeWorld, until } from "./support/world.ts"

/** Two nodes that see each other, with a channel from one to the other. */
const two = Effect.gen(function* () {
  const world = yield* makeWorld({ latency: 1 })
  const [a, b] = yield* world.startAll(["a", "b"])
  assert(a !== undefined && b !== undefined)
  yield* until("they see each other", allSee([a, b], ["a", "b"]))
  const inbox = yield* a.cluster.openChannel("turns")
  const channel = yield* b.cluster.openChannel("turns")
  return { a, b, channel, inbox }
})

describe("messages of one turn of the event loop", () => {
  it.effect("all arrive, though the sender leaves in the same turn", () =>
    Effect.gen(function* () {
      const { a, b, channel, inbox } = yield* two
      const numbers = [...Array(20).keys()]
      const sending = Effect.forEach(numbers, (each) => channel.send("a@a" as NodeName.NodeName, Uint8Array.of(each)), {
        discard: true
      })
      yield* Effect.forkChild(Effect.andThen(sending, b.stop))
      yield* until("b has left", allSee([a], ["a"]))
      const received = (yield* inbox.receive).map(({ message }) => message[0])
      assert.deepStrictEqual(received, numbers)
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
  )

  it.effect("are read before their sender is told to have left", () =>
    Effect.gen(function* () {
      const { a, b, channel, inbox } = yield* two
      const seen: Array<string> = []
      const reading = Effect.map(inbox.receive, (messages) => void seen.push(...messages.map(() => "message")))
      yield* Effect.forkScoped(Effect.forever(reading))
      const leaving = Stream.runForEach(a.cluster.events, ({ _tag }) => Effect.sync(() => void seen.push(_tag)))
      yield* Effect.forkScoped(leaving)
      const sending = channel.sendAll("a@a" as NodeName.NodeName, [Uint8Array.of(1), Uint8Array.of(2)])
      yield* Effect.forkChild(Effect.andThen(sending, b.stop))
      yield* until("b has left", allSee([a], ["a"]))
      assert.deepStrictEqual(seen.slice(-3), ["message", "message", "Left"])
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
  )
})
