import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { LinkWriter } from "../../src/internal/linkWriter.ts"
import { setOffer } from "../../src/internal/stream/direct.ts"
import type { Connection, OutboundFrame } from "../../src/Transport.ts"

/** A connection with room for so many batches, and a source of numbered frames. */
const make = Effect.fnUntraced(function* (room: number) {
  const written: Array<Array<number>> = []
  const waiting: Array<() => void> = []
  const numbers = (batch: ReadonlyArray<OutboundFrame>) =>
    batch.map((frame) => (frame instanceof Uint8Array ? (frame[0] ?? -1) : -1))
  const send: Connection["send"] = (batch) =>
    Effect.callback((resume) => {
      const go = (): void => {
        written.push(numbers(batch))
        resume(Effect.void)
      }
      if (written.length < room) go()
      else waiting.push(go)
    })
  setOffer(send, (batch) => {
    if (written.length >= room) return false
    written.push(numbers(batch))
    return true
  })
  const connection: Connection = {
    remote: "test://",
    remoteHost: Option.none(),
    proof: { _tag: "Plain" },
    receive: Effect.never,
    send,
    bytesReceived: () => 0,
    limitFrames: () => {}
  }
  const queue: Array<number> = []
  let onNext = (): void => {}
  const ended = { is: false }
  const writer = new LinkWriter(connection, {
    ended: () => ended.is,
    next: () => {
      const batch = queue.splice(0, 3).map((number) => Uint8Array.of(number))
      if (batch.length > 0) onNext()
      return batch
    },
    wrote: () => {}
  })
  const say = (...more: ReadonlyArray<number>): void => {
    queue.push(...more)
    writer.notify()
  }
  const fiber = yield* Effect.forkChild(writer.run, { startImmediately: true })
  return { writer, written, say, ended, fiber, waiting, whenAsked: (act: () => void) => (onNext = act) }
})

const turn = Effect.promise(() => Promise.resolve())

describe("what a link writes", () => {
  it.effect("goes together when the turn ends, all of it", () =>
    Effect.gen(function* () {
      const { say, written } = yield* make(10)
      say(1)
      say(2)
      assert.deepStrictEqual(written, [])
      yield* turn
      assert.deepStrictEqual(written, [[1, 2]])
      say(1, 2, 3, 4, 5, 6, 7)
      yield* turn
      assert.deepStrictEqual(written.slice(1), [[1, 2, 3], [4, 5, 6], [7]])
    })
  )

  it.effect("goes before the end of the turn when it is much, once", () =>
    Effect.gen(function* () {
      const { say, writer, written } = yield* make(10)
      say(1)
      writer.notify(4_095)
      assert.deepStrictEqual(written, [])
      writer.notify(1)
      assert.deepStrictEqual(written, [[1]])
      say(2)
      writer.notify(10_000)
      assert.deepStrictEqual(written, [[1]])
      yield* turn
      assert.deepStrictEqual(written, [[1], [2]])
    })
  )

  it.effect("goes at once when it is asked to, before what comes next", () =>
    Effect.gen(function* () {
      const { say, writer, written } = yield* make(10)
      say(1, 2, 3, 4)
      writer.flush()
      assert.deepStrictEqual(written, [[1, 2, 3], [4]])
      say(5)
      yield* turn
      assert.deepStrictEqual(written.slice(2), [[5]])
    })
  )

  it.effect("keeps its order when more is said while it is asked for, and when there is no room", () =>
    Effect.gen(function* () {
      const { ended, fiber, say, waiting, whenAsked, written } = yield* make(2)
      let said = 0
      whenAsked(() => {
        if (said++ < 3) say(10 + said)
      })
      say(1)
      yield* turn
      yield* turn
      yield* Effect.yieldNow
      assert.deepStrictEqual(written, [[1], [11]])
      assert.lengthOf(waiting, 1)
      for (const go of waiting.splice(0)) go()
      yield* Effect.yieldNow
      for (const go of waiting.splice(0)) go()
      yield* Effect.yieldNow
      assert.deepStrictEqual(written, [[1], [11], [12], [13]])
      say(2)
      ended.is = true
      yield* turn
      yield* Effect.yieldNow
      for (const go of waiting.splice(0)) go()
      yield* Effect.yieldNow
      assert.deepStrictEqual(written.at(-1), [2], "what there was is written though it has ended")
      assert.isDefined(fiber.pollUnsafe())
    })
  )
})
