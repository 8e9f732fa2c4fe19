import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import {
  aWhile,
  awaitLook,
  awaitSet,
  awaitClosed,
  contextOf,
  type DiscoverySection,
  isOneOf,
  openNow,
  run
} from "./subject.ts"

export const hanging: DiscoverySection = {
  name: "silence",
  skip: ({ changes, hangs }) => (hangs === true && changes ? undefined : "nothing that it asks can be silent"),
  checks: [
    {
      name: "a look that gets no answer fails in time, and is no empty set",
      run: Effect.fnUntraced(function* (subject) {
        const all = subject.capabilities.peers
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, all)
        const said = running.looks.length
        yield* subject.soon("the world", subject.world.hang!)
        yield* awaitLook(subject, running, "a look that failed", (look) => look._tag === "Unknown", said)
        const failed = running.looks.length
        yield* subject.soon("the world", subject.world.set!(all))
        yield* awaitSet(subject, running, all, failed)
        for (const look of running.looks) {
          assert.isTrue(isOneOf(subject, look, [all]), `it was never so: ${JSON.stringify(look)}`)
        }
      })
    },
    {
      name: "a source that waits for an answer ends at once when it is interrupted, and leaves nothing open",
      run: Effect.fnUntraced(function* (subject) {
        const first = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, first, subject.capabilities.peers)
        yield* first.stop
        yield* aWhile
        const before = yield* openNow(subject)
        yield* subject.soon("the world", subject.world.hang!)
        for (let round = 0; round < 3; round++) {
          const running = yield* run(subject, contextOf("a"))
          yield* aWhile
          yield* running.stop
        }
        yield* awaitClosed(subject, before)
      })
    }
  ]
}
