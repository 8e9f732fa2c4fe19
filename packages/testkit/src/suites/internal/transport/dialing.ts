import * as Address from "@gc/core/Address"
import type { Connection, Listener } from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { openSockets, tick, until } from "../check.ts"
import {
  accept,
  addressOf,
  connect,
  dial,
  endOf,
  listen,
  numbered,
  reasonOf,
  receiveCount,
  type Subject,
  type TransportSection
} from "./subject.ts"

/** Dials that are interrupted early and late, in a scope that stays open; answers how many were done before that. */
const interruptedDials = Effect.fnUntraced(function* (subject: Subject, address: Address.Address) {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  let done = 0
  for (let round = 0; round < 24; round++) {
    const attempt = yield* Effect.forkChild(Scope.provide(subject.transport.dial(address, subject.security), scope))
    for (let yields = 0; yields < round % 6; yields++) yield* Effect.yieldNow
    for (let ticks = 0; ticks < Math.floor(round / 6); ticks++) yield* tick
    yield* subject.soon("interrupting a dial", Fiber.interrupt(attempt))
    if (Exit.isSuccess(yield* Fiber.await(attempt))) done++
  }
  return done
})

/** Accepts everything; counts what lives, and tells when a frame came. */
const acceptAll = Effect.fnUntraced(function* (listener: Listener) {
  const seen = { alive: 0, frames: 0 }
  const hold = (far: Connection) =>
    Effect.forever(Effect.map(far.receive, (frames) => (seen.frames += frames.length))).pipe(
      Effect.ignore,
      Effect.ensuring(Effect.sync(() => seen.alive--))
    )
  const next = Effect.flatMap(listener.accept, (far) => {
    seen.alive++
    return Effect.forkScoped(hold(far))
  })
  yield* Effect.forkScoped(Effect.ignore(Effect.forever(next)))
  return seen
})

export const dialing: TransportSection = {
  name: "dialing",
  checks: [
    {
      name: "a dial that is interrupted before it begins opens nothing",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const first = yield* Effect.forkChild(accept(subject, listener))
        const never = yield* Effect.forkChild(subject.transport.dial(addressOf(listener), subject.security))
        yield* subject.soon("interrupting a dial", Fiber.interrupt(never))
        const near = yield* dial(subject, listener)
        const far = yield* Fiber.join(first)
        yield* near.send([numbered(9, 1)])
        yield* receiveCount(subject, far, 1)
      })
    },
    {
      name: "a dial that is interrupted leaves no connection behind, though its scope stays open",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const seen = yield* acceptAll(listener)
        const done = yield* interruptedDials(subject, addressOf(listener))
        const near = yield* dial(subject, listener)
        yield* near.send([numbered(9, 1)])
        yield* subject.soon(
          "a dial after interrupted ones",
          until(() => seen.frames === 1)
        )
        yield* subject.soon(
          "the end of what interrupted dials opened",
          until(() => seen.alive === done + 1)
        )
      })
    },
    {
      name: "a protocol that is not the transport's own is refused by name",
      run: Effect.fnUntraced(function* (subject) {
        const address = Address.make("carrier-pigeon", "127.0.0.1", 4370)
        const reason = yield* reasonOf(
          subject,
          "dial",
          Effect.scoped(subject.transport.dial(address, subject.security))
        )
        assert.strictEqual(reason._tag, "ProtocolUnsupported")
      })
    },
    {
      name: "the closed scope of a dial closes its connection",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        yield* subject.soon("closing", near.close)
        assert.strictEqual((yield* endOf(subject, far))._tag, "Closed")
      })
    }
  ]
}

export const silent: TransportSection = {
  name: "silence",
  skip: ({ capabilities }) => (capabilities.silent === undefined ? "it was given no silent address" : undefined),
  checks: [
    {
      name: "a dial to somebody who says nothing ends at once when it is interrupted, and leaves no socket open",
      run: Effect.fnUntraced(function* (subject) {
        const address = yield* subject.soon("a silent address", subject.capabilities.silent!)
        const before = openSockets()
        for (let round = 0; round < 8; round++) {
          const waiting = yield* Effect.forkChild(Effect.scoped(subject.transport.dial(address, subject.security)))
          if (round > 0) yield* Effect.sleep(`${round * 10} millis`)
          yield* subject.soon("interrupting a dial", Fiber.interrupt(waiting))
        }
        yield* subject.soon(
          `the end of every socket, ${before} of them open before`,
          until(() => openSockets() <= before)
        )
      })
    }
  ]
}
