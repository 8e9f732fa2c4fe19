import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { openSockets, tick, until } from "../check.ts"
import {
  batchOf,
  connect,
  listen,
  numbered,
  numberIn,
  reasonOf,
  receiveCount,
  stalled,
  type TransportSection
} from "./subject.ts"

/** Some moments that an interruption may come at. */
const pause = (round: number) =>
  Effect.gen(function* () {
    for (let yields = 0; yields < round % 5; yields++) yield* Effect.yieldNow
    for (let ticks = 0; ticks < round % 3; ticks++) yield* tick
  })

export const interruption: TransportSection = {
  name: "interruption",
  checks: [
    {
      name: "an interrupted receive loses no frame",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const count = 400
        const sending = yield* Effect.forkChild(
          Effect.forEach(
            Array.from({ length: count }, (_, index) => index),
            (index) => Effect.andThen(near.send([numbered(5 + (index % 300), index)]), pause(index))
          )
        )
        const received: Array<number> = []
        const collect = Effect.gen(function* () {
          for (let round = 0; received.length < count; round++) {
            const receiving = yield* Effect.forkChild(far.receive)
            yield* pause(round)
            yield* Fiber.interrupt(receiving)
            const exit = yield* Fiber.await(receiving)
            if (Exit.isSuccess(exit)) received.push(...exit.value.map((frame) => numberIn(frame)))
          }
        })
        yield* subject.soon("every frame, through interrupted receives", collect)
        yield* Fiber.join(sending)
        assert.deepStrictEqual(
          received,
          Array.from({ length: count }, (_, index) => index)
        )
      })
    },
    {
      name: "a listen that is interrupted leaves nothing open, though its scope stays open",
      run: Effect.fnUntraced(function* (subject) {
        // Where a closed listener refuses nobody, somebody else's server is in front, and stays.
        if (!subject.capabilities.refusal) return
        const before = openSockets()
        const one = yield* listen(subject)
        const each = openSockets() - before
        const scope = yield* Scope.make()
        yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
        let done = 1
        for (let round = 0; round < 24; round++) {
          const attempt = yield* Effect.forkChild(Scope.provide(subject.transport.listen(subject.security), scope))
          for (let yields = 0; yields < round % 6; yields++) yield* Effect.yieldNow
          for (let ticks = 0; ticks < Math.floor(round / 6); ticks++) yield* tick
          yield* subject.soon("interrupting a listen", Fiber.interrupt(attempt))
          if (Exit.isSuccess(yield* Fiber.await(attempt))) done++
        }
        yield* subject.soon(
          "the end of what interrupted listens opened",
          until(() => openSockets() <= before + done * each)
        )
        yield* subject.soon("closing the listeners", Effect.andThen(Scope.close(scope, Exit.void), one.close))
        yield* subject.soon(
          `the end of every socket, ${before} of them open before`,
          until(() => openSockets() <= before)
        )
      })
    },
    {
      name: "an interrupted send was accepted whole or not at all",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        far.limitFrames(1 << 20)
        const parts = 6
        const rounds = 40
        const accepted = new Set<number>()
        const interrupting = Effect.gen(function* () {
          for (let round = 0; round < rounds; round++) {
            const batch = batchOf(Array.from({ length: parts }, (_, part) => numbered(60_000, round, part)))
            const sending = yield* Effect.forkChild(near.send(batch))
            yield* pause(round)
            yield* subject.soon("interrupting a send", Fiber.interrupt(sending))
            if (Exit.isSuccess(yield* Fiber.await(sending))) accepted.add(round)
          }
        })
        yield* interrupting
        const draining = yield* Effect.forkChild(
          Effect.gen(function* () {
            const seen: Array<readonly [round: number, part: number]> = []
            while (seen.at(-1)?.[0] !== rounds) {
              for (const frame of yield* far.receive) seen.push([numberIn(frame, 0), numberIn(frame, 1)])
            }
            return seen
          })
        )
        yield* subject.soon("send after interrupted ones", near.send([numbered(9, rounds, 0)]))
        const seen = yield* subject.soon("every frame", Fiber.join(draining))
        const whole = seen.slice(0, -1)
        const arrived = [...new Set(whole.map(([round]) => round))]
        assert.deepStrictEqual(
          whole,
          arrived.flatMap((round) => Array.from({ length: parts }, (_, part) => [round, part] as const)),
          "each batch that arrived is whole, and none has a stranger in it"
        )
        assert.deepStrictEqual(
          arrived,
          arrived.toSorted((a, b) => a - b),
          "in order"
        )
        for (const round of accepted) assert.include(arrived, round, "what send was done with arrives")
      })
    },
    {
      name: "an interrupted send that waited for room left its batch whole or nothing of it",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        far.limitFrames(1 << 20)
        let round = 0
        const stuck = yield* Effect.forkChild(
          Effect.forever(
            Effect.suspend(() => near.send([numbered(60_000, round, 0), numbered(60_000, round, 1)])).pipe(
              Effect.andThen(Effect.sync(() => round++))
            )
          )
        )
        yield* stalled(subject, () => round * 120_000)
        yield* subject.soon("interrupting a send", Fiber.interrupt(stuck))
        const sending = yield* Effect.forkChild(near.send([numbered(9, 1_000_000, 0)]))
        let frames = 0
        let last = 0
        const draining = Effect.gen(function* () {
          while (last !== 1_000_000) {
            for (const frame of yield* far.receive) {
              last = numberIn(frame, 0)
              if (last !== 1_000_000) assert.deepStrictEqual([last, numberIn(frame, 1)], [frames >> 1, frames++ & 1])
            }
          }
        })
        yield* subject.soon("every frame", draining)
        yield* Fiber.join(sending)
        assert.include([2 * round, 2 * round + 2], frames)
      })
    },
    {
      name: "a second receive fails with ConcurrentReceive, and the first goes on",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const first = yield* Effect.forkChild(receiveCount(subject, far, 1), { startImmediately: true })
        yield* tick
        const reason = yield* reasonOf(subject, "a second receive", far.receive)
        assert.strictEqual(reason._tag, "ConcurrentReceive")
        yield* near.send([numbered(9, 5)])
        assert.strictEqual(numberIn((yield* Fiber.join(first))[0]!), 5)
        yield* near.send([numbered(9, 6)])
        assert.strictEqual(numberIn((yield* receiveCount(subject, far, 1))[0]!), 6)
      })
    },
    {
      name: "after an interrupted receive another one may wait",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        for (let round = 0; round < 10; round++) {
          const waiting = yield* Effect.forkChild(far.receive)
          yield* pause(round)
          yield* subject.soon("interrupting a receive", Fiber.interrupt(waiting))
        }
        const receiving = yield* Effect.forkChild(receiveCount(subject, far, 1))
        yield* near.send([numbered(9, 5)])
        assert.strictEqual(numberIn((yield* Fiber.join(receiving))[0]!), 5)
      })
    }
  ]
}
