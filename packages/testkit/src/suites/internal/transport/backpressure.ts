import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import {
  type End,
  connect,
  isSame,
  numbered,
  numberIn,
  reasonOf,
  receiveCount,
  stalled,
  type Subject,
  timed,
  type TransportSection
} from "./subject.ts"

const size = 60_000

/** A sender that runs until nobody reads any more: how many frames `send` was done with, and its fiber. */
const fill = Effect.fnUntraced(function* (subject: Subject, from: End, to: End) {
  to.limitFrames(1 << 20)
  const state = { sent: 0 }
  const sending = yield* Effect.forkChild(
    Effect.forever(
      Effect.suspend(() => from.send([numbered(size, state.sent)])).pipe(
        Effect.andThen(Effect.sync(() => state.sent++))
      )
    )
  )
  yield* stalled(subject, () => state.sent * size)
  assert.isUndefined(sending.pollUnsafe(), "the sender waits")
  return { state, sending }
})

/** A frame whose every byte follows from its number. */
const patterned = (number: number): Uint8Array => {
  const frame = new Uint8Array(200 + ((number * 37) % 3_800))
  for (let index = 0; index < frame.length; index++) frame[index] = (number * 31 + index * 7) & 0xff
  return frame
}

/** What a close may take: a second, and what a busy machine adds. */
const closeMillis = 1500

export const backpressure: TransportSection = {
  name: "backpressure",
  checks: [
    {
      name: "send suspends while the other end does not read, and goes on when it does",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const { sending, state } = yield* fill(subject, near, far)
        const stuckAt = state.sent
        let next = 0
        const draining = Effect.gen(function* () {
          while (next < stuckAt + 20) {
            for (const frame of yield* subject.soon("receive", far.receive)) {
              assert.strictEqual(numberIn(frame), next++)
              assert.strictEqual(frame.length, size)
            }
          }
        })
        yield* draining
        assert.isAbove(state.sent, stuckAt, "the sender went on")
        yield* subject.soon("interrupting a send", Fiber.interrupt(sending))
      })
    },
    {
      name: "small frames that waited come whole, unchanged and in order",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        let sent = 0
        let bytes = 0
        const sending = yield* Effect.forkChild(
          Effect.forever(
            Effect.suspend(() => near.send([patterned(sent), patterned(sent + 1), patterned(sent + 2)])).pipe(
              Effect.andThen(
                Effect.sync(() => {
                  for (let index = 0; index < 3; index++) bytes += patterned(sent++).length
                })
              )
            )
          )
        )
        yield* stalled(subject, () => bytes)
        const waited = sent
        for (let received = 0; received < waited;) {
          for (const frame of yield* subject.soon("receive", far.receive)) {
            assert.isTrue(isSame(frame, patterned(received)), `frame ${received} of ${waited}`)
            received++
          }
        }
        yield* subject.soon("interrupting a send", Fiber.interrupt(sending))
      })
    },
    {
      name: "one direction that is stuck does not hold up the other",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* fill(subject, near, far)
        for (let round = 0; round < 20; round++) {
          yield* subject.soon("send against a stuck direction", far.send([numbered(1000, round)]))
          assert.strictEqual(numberIn((yield* receiveCount(subject, near, 1))[0]!), round)
        }
      })
    },
    {
      name: "one connection that is stuck does not hold up another",
      run: Effect.fnUntraced(function* (subject) {
        const stuck = yield* connect(subject)
        yield* fill(subject, stuck.near, stuck.far)
        const other = yield* connect(subject)
        yield* subject.soon("send on another connection", other.near.send([numbered(9, 1)]))
        yield* receiveCount(subject, other.far, 1)
      })
    },
    {
      name: "a scope closes in a second though the other end does not read, and the waiting send fails",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const { sending } = yield* fill(subject, near, far)
        assert.isAtMost(yield* timed(subject.soon("closing with a stuck peer", near.close)), closeMillis)
        const exit = yield* subject.soon("the end of a waiting send", Fiber.await(sending))
        assert.isTrue(Exit.hasFails(exit), "it fails with a TransportError")
      })
    },
    {
      name: "a scope closes in a second though it left bytes unread",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const { sending } = yield* fill(subject, near, far)
        assert.isAtMost(yield* timed(subject.soon("closing with bytes unread", far.close)), closeMillis)
        const exit = yield* subject.soon("the end of a waiting send", Fiber.await(sending))
        assert.isTrue(Exit.hasFails(exit), "it fails with a TransportError")
      })
    },
    {
      name: "a listener closes in a second though a connection of it is stuck",
      run: Effect.fnUntraced(function* (subject) {
        const { far, listener, near } = yield* connect(subject)
        yield* fill(subject, far, near)
        assert.isAtMost(yield* timed(subject.soon("closing the listener", listener.close)), closeMillis)
        const reason = yield* reasonOf(
          subject,
          "a dial to it",
          Effect.scoped(subject.transport.dial(listener.addresses[0]!, subject.security))
        ).pipe(Effect.map((found) => found._tag))
        if (subject.capabilities.refusal) assert.strictEqual(reason, "Refused")
      })
    }
  ]
}
