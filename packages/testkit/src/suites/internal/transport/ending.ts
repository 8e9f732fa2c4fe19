import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { openSockets, tick, until } from "../check.ts"
import {
  assertEnded,
  batchOf,
  connect,
  endOf,
  join,
  listen,
  numbered,
  numberIn,
  reasonOf,
  receiveCount,
  type TransportSection
} from "./subject.ts"

export const ending: TransportSection = {
  name: "the end of a stream",
  checks: [
    {
      name: "what send accepted before the scope closed arrives, and then the end",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const sent = Array.from({ length: 12 }, (_, index) => numbered(4000, index))
        yield* subject.soon("send", near.send(batchOf(sent)))
        yield* subject.soon("closing", near.close)
        const received = yield* receiveCount(subject, far, sent.length)
        assert.deepStrictEqual(
          received.map((frame) => numberIn(frame)),
          sent.map((_, index) => index)
        )
        assert.strictEqual((yield* endOf(subject, far))._tag, "Closed")
      })
    },
    {
      name: "what still waited to be written when the scope closed arrives, too",
      run: Effect.fnUntraced(function* (subject) {
        for (let round = 0; round < 5; round++) {
          const { far, near } = yield* connect(subject)
          const receiving = yield* Effect.forkChild(receiveCount(subject, far, 48))
          const batches = [0, 1, 2, 3, 4, 5].map((batch) =>
            batchOf([0, 1, 2, 3, 4, 5, 6, 7].map((at) => numbered(4000, batch, at)))
          )
          const sending = Effect.forEach(batches, (batch) => near.send(batch), { discard: true })
          yield* subject.soon("sending and closing", Effect.andThen(sending, near.close))
          const last = (yield* Fiber.join(receiving)).at(-1)!
          assert.deepStrictEqual([numberIn(last), numberIn(last, 1)], [5, 7])
          assert.strictEqual((yield* endOf(subject, far))._tag, "Closed")
        }
      })
    },
    {
      name: "when everything is closed no socket is left open",
      run: Effect.fnUntraced(function* (subject) {
        const before = openSockets()
        for (let round = 0; round < 3; round++) {
          const listener = yield* listen(subject)
          const { far, near } = yield* join(subject, listener)
          yield* near.send([numbered(9, 1)])
          yield* receiveCount(subject, far, 1)
          const never = yield* Effect.forkChild(
            Effect.scoped(subject.transport.dial(listener.addresses[0]!, subject.security))
          )
          for (let ticks = 0; ticks < round; ticks++) yield* tick
          yield* subject.soon("interrupting a dial", Fiber.interrupt(never))
          yield* subject.soon("closing", Effect.all([near.close, far.close, listener.close], { concurrency: 3 }))
        }
        yield* subject.soon(
          `the end of every socket, ${before} of them open before`,
          until(() => openSockets() <= before)
        )
      })
    },
    {
      name: "the end stays the end",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* subject.soon("closing", near.close)
        for (let round = 0; round < 3; round++) assert.strictEqual((yield* endOf(subject, far))._tag, "Closed")
      })
    },
    {
      name: "a receive that waits ends when its own scope closes",
      run: Effect.fnUntraced(function* (subject) {
        const { near } = yield* connect(subject)
        const waiting = yield* Effect.forkChild(endOf(subject, near), { startImmediately: true })
        yield* tick
        yield* subject.soon("closing", near.close)
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "Closed")
      })
    },
    {
      name: "after its scope closed, send and receive fail with Closed",
      run: Effect.fnUntraced(function* (subject) {
        const { near } = yield* connect(subject)
        yield* subject.soon("closing", near.close)
        assert.strictEqual((yield* reasonOf(subject, "send", near.send([numbered(9, 1)])))._tag, "Closed")
        assert.strictEqual((yield* reasonOf(subject, "receive", near.receive))._tag, "Closed")
      })
    },
    {
      name: "after the other end closed, send fails",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* subject.soon("closing", far.close)
        yield* endOf(subject, near)
        const reason = yield* reasonOf(subject, "a send to nobody", Effect.forever(near.send([numbered(4000, 1)])))
        assertEnded(reason._tag)
      })
    },
    {
      name: "send to an end that is gone fails sooner or later, though nobody receives",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* subject.soon("closing", far.close)
        const reason = yield* reasonOf(subject, "a send to nobody", Effect.forever(near.send([numbered(4000, 1)])))
        assertEnded(reason._tag)
      })
    },
    {
      name: "both ends may close at once, and twice",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* far.send([numbered(9, 1)])
        yield* receiveCount(subject, near, 1)
        yield* Effect.all([near.close, far.close, near.close], { concurrency: 3 }).pipe((closing) =>
          subject.soon("closing", closing)
        )
      })
    }
  ]
}
