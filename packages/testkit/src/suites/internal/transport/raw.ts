import type { Connection } from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { until } from "../check.ts"
import {
  accept,
  addressOf,
  assertEnded,
  dial,
  join,
  listen,
  onlyIn,
  numbered,
  numberIn,
  type OpenListener,
  type Profile,
  reasonOf,
  receiveCount,
  type Subject,
  timed,
  type TransportSection
} from "./subject.ts"

const noRaw = ({ capabilities }: Profile) =>
  capabilities.raw === undefined ? "it was given no raw streams" : undefined

const openRaw = (subject: Subject, listener: OpenListener) =>
  subject.soon("a raw stream", subject.capabilities.raw!(addressOf(listener)))

/** Accepts everybody, and answers the number in the first frame that anybody sends. */
const firstHeard = Effect.fnUntraced(function* (subject: Subject, listener: OpenListener) {
  const heard = yield* Deferred.make<number>()
  const hear = (far: Connection) => Effect.flatMap(far.receive, ([frame]) => Deferred.succeed(heard, numberIn(frame)))
  const each = Effect.flatMap(listener.accept, (far) => Effect.forkScoped(Effect.ignore(hear(far))))
  yield* Effect.forkScoped(Effect.ignore(Effect.forever(each)))
  return yield* subject.soon("the frame of one who speaks", Deferred.await(heard))
})

export const halfOpen: TransportSection = {
  name: "half-open peers",
  skip: noRaw,
  checks: [
    {
      name: "peers that connect and say nothing keep nobody out",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (let count = 0; count < 5; count++) yield* openRaw(subject, listener)
        if (subject.mode === "plain") yield* Effect.forEach([1, 2, 3, 4, 5], () => accept(subject, listener))
        const { far, near } = yield* join(subject, listener)
        yield* near.send([numbered(9, 1)])
        yield* receiveCount(subject, far, 1)
      })
    },
    {
      name: "a crowd that connects and says nothing keeps nobody out",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (let count = 0; count < 100; count++) yield* openRaw(subject, listener)
        const near = yield* dial(subject, listener)
        yield* subject.soon("send", near.send([numbered(9, 1)]))
        assert.strictEqual(yield* firstHeard(subject, listener), 1)
      })
    },
    {
      name: "peers that connect and go away at once break nothing",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (let count = 0; count < 10; count++) {
          const gone = openRaw(subject, listener).pipe(
            Effect.flatMap(({ write }) => (count % 2 === 0 ? Effect.void : write(new Uint8Array([0, 0, 1]))))
          )
          yield* Effect.scoped(gone)
        }
        const near = yield* dial(subject, listener)
        yield* subject.soon("send", near.send([numbered(9, 1)]))
        assert.strictEqual(yield* firstHeard(subject, listener), 1)
      })
    },
    {
      name: "a listener closes in a second though a peer says nothing, and that peer hears of it",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const silent = yield* openRaw(subject, listener)
        assert.isAtMost(yield* timed(subject.soon("closing the listener", listener.close)), 1500)
        yield* subject.soon("the end of the silent peer's stream", silent.ended)
      })
    }
  ]
}

export const malformed: TransportSection = {
  name: "bytes that are no frames",
  skip: (profile) => noRaw(profile) ?? onlyIn("plain")(profile),
  checks: [
    {
      name: "a frame that declares too much is refused on its prefix, before its body",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const stream = yield* openRaw(subject, listener)
        const far = yield* accept(subject, listener)
        yield* stream.write(new Uint8Array([0x7f, 0xff, 0xff, 0xff]))
        const reason = yield* reasonOf(subject, "the refusal", far.receive)
        assert.strictEqual(reason._tag, "FrameTooLarge")
        assert.strictEqual(reason._tag === "FrameTooLarge" && reason.declared, 0x7fffffff)
      })
    },
    {
      name: "a frame of no bytes is malformed, behind those that are well",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const stream = yield* openRaw(subject, listener)
        const far = yield* accept(subject, listener)
        yield* stream.write(new Uint8Array([0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1, 7]))
        assert.deepStrictEqual(yield* receiveCount(subject, far, 1), [new Uint8Array([7])])
        assert.strictEqual((yield* reasonOf(subject, "the refusal", far.receive))._tag, "FrameMalformed")
      })
    },
    {
      name: "a frame that comes byte by byte is one frame, and its bytes count as they come",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const stream = yield* openRaw(subject, listener)
        const far = yield* accept(subject, listener)
        const receiving = yield* Effect.forkChild(receiveCount(subject, far, 1), { startImmediately: true })
        const bytes = [0, 0, 0, 3, 7, 8, 9]
        for (const [index, byte] of bytes.entries()) {
          yield* stream.write(new Uint8Array([byte]))
          yield* subject.soon(
            "the count of a byte",
            until(() => far.bytesReceived() === index + 1)
          )
        }
        assert.deepStrictEqual(yield* Fiber.join(receiving), [new Uint8Array([7, 8, 9])])
      })
    },
    {
      name: "a stream that ends inside a frame ends, and gives no part of it",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const scope = yield* Scope.make()
        const stream = yield* Scope.provide(openRaw(subject, listener), scope)
        const far = yield* accept(subject, listener)
        yield* stream.write(new Uint8Array([0, 0, 0, 9, 1, 2, 3]))
        yield* Scope.close(scope, Exit.void)
        assertEnded((yield* reasonOf(subject, "the end of the stream", far.receive))._tag)
      })
    }
  ]
}
