import type { Connection, TransportError } from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { tick, until } from "../check.ts"
import { connect, isSame, numbered, reasonOf, receiveCount, type Subject, type TransportSection } from "./subject.ts"

const assertTooLarge = Effect.fnUntraced(function* (
  subject: Subject,
  end: Connection,
  declared: number,
  limit: number
): Effect.fn.Return<void, TransportError> {
  const reason = yield* reasonOf(subject, "the refusal of a frame", end.receive)
  assert.strictEqual(reason._tag, "FrameTooLarge")
  if (reason._tag === "FrameTooLarge") assert.deepStrictEqual([reason.declared, reason.limit], [declared, limit])
})

export const limits: TransportSection = {
  name: "frame limits",
  checks: [
    {
      name: "a frame of 4096 bytes passes at first, one of 4097 does not",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* near.send([numbered(4096, 1)])
        yield* receiveCount(subject, far, 1)
        yield* near.send([numbered(4097, 2)])
        yield* assertTooLarge(subject, far, 4097, 4096)
      })
    },
    {
      name: "the frames in front of one that is too large are given first",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* near.send([numbered(100, 1), numbered(100, 2), numbered(5000, 3), numbered(100, 4)])
        yield* receiveCount(subject, far, 2)
        yield* assertTooLarge(subject, far, 5000, 4096)
      })
    },
    {
      name: "a limit counts from the next receive on, for frames that arrived before it was set, too",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* near.send([numbered(100, 1), numbered(20_000, 2), numbered(20_001, 3)])
        yield* receiveCount(subject, far, 1)
        for (let turns = 0; turns < 10; turns++) yield* tick
        far.limitFrames(20_000)
        yield* receiveCount(subject, far, 1)
        yield* assertTooLarge(subject, far, 20_001, 20_000)
      })
    },
    {
      name: "a limit set while receive waits counts from the next one on",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const receiving = yield* Effect.forkChild(receiveCount(subject, far, 1))
        yield* near.send([numbered(100, 1)])
        yield* subject.soon(
          "receive",
          until(() => receiving.pollUnsafe() !== undefined)
        )
        far.limitFrames(50)
        yield* near.send([numbered(51, 2)])
        yield* assertTooLarge(subject, far, 51, 50)
      })
    },
    {
      name: "large frames come whole and unchanged where the limit allows them",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        far.limitFrames(1 << 20)
        const sizes = [16_384, 16_385, 65_535, 65_536, 65_537, 262_145, 1 << 20]
        const sent = sizes.map((size) => Uint8Array.from({ length: size }, (_, index) => (size + index * 7) & 0xff))
        const sending = Effect.forEach(sent, (frame) => near.send([[frame.subarray(0, 5), frame.subarray(5)], frame]))
        const receiving = receiveCount(subject, far, 2 * sent.length)
        const [received] = yield* Effect.all([receiving, sending], { concurrency: 2 })
        for (const [index, frame] of received.entries()) {
          assert.isTrue(isSame(frame, sent[index >> 1]!), `the frame of ${sizes[index >> 1]} bytes`)
        }
      })
    },
    {
      name: "the ends of a connection have limits of their own",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        far.limitFrames(8000)
        yield* near.send([numbered(8000, 1)])
        yield* receiveCount(subject, far, 1)
        yield* far.send([numbered(8000, 1)])
        yield* assertTooLarge(subject, near, 8000, 4096)
      })
    }
  ]
}
