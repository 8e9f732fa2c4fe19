import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { seededIntegers } from "../../../internal/seededRandom.ts"
import { batchOf, connect, type End, join, listen, numbered, numberIn, receiveCount, type Subject } from "./subject.ts"
import type { TransportSection } from "./subject.ts"

const frameCount = 600

/** Random sizes and batches; each frame says its number and repeats it in its last bytes. */
const talk = (from: End, seed: string) =>
  Effect.gen(function* () {
    const next = seededIntegers(seed)
    for (let number = 0; number < frameCount;) {
      const length = Math.min(1 + (next() % 12), frameCount - number)
      const frames = Array.from({ length }, () => {
        const frame = numbered(9 + (next() % 4000), number)
        frame[frame.length - 1] = number++ & 0xff
        return frame
      })
      yield* from.send(batchOf(frames))
    }
  })

const check = (subject: Subject, to: End) =>
  Effect.map(receiveCount(subject, to, frameCount), (frames) =>
    frames.forEach((frame, index) => {
      assert.deepStrictEqual([numberIn(frame), frame.at(-1)], [index, index & 0xff])
    })
  )

export const stress: TransportSection = {
  name: "stress",
  checks: [
    {
      name: "many connections carry much in both directions at once",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const pairs = yield* Effect.forEach(
          Array.from({ length: 12 }, (_, index) => index),
          () => join(subject, listener)
        )
        const conversations = pairs.map(({ near }, index) =>
          Effect.all([talk(near, `there ${index}`), check(subject, near)], { concurrency: 2 })
        )
        // Which accepted end belongs to which dial is not known: each gets the same.
        const answers = pairs.map(({ far }, index) =>
          Effect.all([talk(far, `back ${index}`), check(subject, far)], { concurrency: 2 })
        )
        yield* Effect.all([...conversations, ...answers], { concurrency: "unbounded" })
      })
    },
    {
      name: "many connections come and go",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const serving = yield* Effect.forkChild(
          Effect.forever(
            Effect.scoped(
              Effect.flatMap(listener.accept, (far) => Effect.flatMap(far.receive, (frames) => far.send(frames)))
            )
          )
        )
        for (let round = 0; round < 100; round++) {
          const answered = Effect.gen(function* () {
            const near = yield* subject.transport.dial(listener.addresses[0]!, subject.security)
            yield* near.send([numbered(100, round)])
            assert.strictEqual(numberIn((yield* near.receive)[0]), round)
          })
          yield* subject.soon(`connection ${round}`, Effect.scoped(answered))
        }
        assert.isUndefined(serving.pollUnsafe(), "the listener goes on")
        yield* Fiber.interrupt(serving)
      })
    },
    {
      name: "a ping and its answer, a thousand times",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const echo = Effect.forever(Effect.flatMap(far.receive, (frames) => far.send(frames)))
        const echoing = yield* Effect.forkChild(echo)
        for (let round = 0; round < 1000; round++) {
          yield* subject.soon("send", near.send([numbered(9, round)]))
          assert.strictEqual(numberIn((yield* receiveCount(subject, near, 1))[0]!), round)
        }
        yield* Fiber.interrupt(echoing)
      })
    }
  ]
}
