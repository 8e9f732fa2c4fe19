import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { tick } from "../check.ts"
import {
  aWhile,
  awaitSet,
  contextOf,
  type DiscoverySection,
  interruptAtAnyMoment,
  run,
  type Subject,
  unannounced
} from "./subject.ts"

/** Suspends until so many nodes are announced. */
const awaitAnnounced = (subject: Subject, count: number) => {
  const announced: Effect.Effect<void, unknown> = Effect.flatMap(subject.world.announced!, (now) =>
    now === count ? Effect.void : Effect.andThen(tick, announced)
  )
  return subject.soon(`${count} announced nodes`, announced)
}

export const announcing: DiscoverySection = {
  name: "announcing",
  skip: (capabilities) => (capabilities.announces ? undefined : "it announces nobody"),
  checks: [
    {
      name: "nobody is announced before the source runs",
      run: Effect.fnUntraced(function* (subject) {
        const looks = subject.source.looks(contextOf("a"))
        for (let turns = 0; turns < 20; turns++) yield* tick
        assert.isDefined(looks)
        assert.strictEqual(yield* subject.world.announced!, 0)
      })
    },
    {
      name: "a node is announced while it runs the source, and withdrawn when that ends",
      run: Effect.fnUntraced(function* (subject) {
        for (let round = 0; round < 2; round++) {
          const running = yield* run(subject, contextOf("a"))
          yield* awaitAnnounced(subject, 1)
          yield* running.stop
          yield* awaitAnnounced(subject, 0)
        }
      })
    },
    {
      name: "each node that runs it is announced, and withdrawn alone",
      run: Effect.fnUntraced(function* (subject) {
        const [first, second] = [yield* run(subject, contextOf("a")), yield* run(subject, contextOf("b"))]
        yield* awaitAnnounced(subject, 2)
        yield* first.stop
        yield* awaitAnnounced(subject, 1)
        yield* second.stop
        yield* awaitAnnounced(subject, 0)
      })
    },
    {
      name: "a node that is not to be announced is not",
      run: Effect.fnUntraced(function* (subject) {
        const quiet = yield* run(subject, unannounced("a"))
        yield* awaitSet(subject, quiet, subject.capabilities.peers)
        yield* aWhile
        assert.strictEqual(yield* subject.world.announced!, 0)
        const running = yield* run(subject, contextOf("b"))
        yield* awaitAnnounced(subject, 1)
        yield* quiet.stop
        yield* aWhile
        assert.strictEqual(yield* subject.world.announced!, 1, "and its end withdraws nobody")
        yield* running.stop
      })
    },
    {
      name: "an earlier life that ends late takes nothing from the next",
      run: Effect.fnUntraced(function* (subject) {
        const context = contextOf("a")
        const instance = context.self.instance.replace(/0$/, "1")
        const next = { ...context.self, instance, generation: context.self.generation + 1 }
        const earlier = yield* run(subject, context)
        yield* awaitAnnounced(subject, 1)
        const later = yield* run(subject, { ...context, self: next })
        yield* aWhile
        yield* earlier.stop
        yield* aWhile
        yield* awaitAnnounced(subject, 1)
        yield* aWhile
        assert.strictEqual(yield* subject.world.announced!, 1)
        yield* later.stop
        yield* awaitAnnounced(subject, 0)
      })
    },
    {
      name: "at whatever moment it is interrupted, nobody stays announced",
      run: Effect.fnUntraced(function* (subject) {
        yield* interruptAtAnyMoment(subject)
        yield* awaitAnnounced(subject, 0)
      })
    },
    {
      name: "with an infinite interval a node stays announced",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"), Duration.infinity)
        yield* awaitSet(subject, running, subject.capabilities.peers)
        yield* awaitAnnounced(subject, 1)
        yield* aWhile
        assert.isUndefined(running.exit())
        assert.strictEqual(yield* subject.world.announced!, 1)
      })
    },
    {
      name: "a failed look withdraws nobody",
      run: Effect.fnUntraced(function* (subject) {
        if (subject.world.fail === undefined) return
        const failures = subject.capabilities.polls ? 2 : 1
        const running = yield* run(subject, contextOf("a"))
        yield* awaitAnnounced(subject, 1)
        yield* subject.soon("the world", subject.world.fail)
        const said = running.looks.length
        const heard: Effect.Effect<void> = Effect.suspend(() =>
          running.looks.slice(said).filter((look) => look._tag === "Unknown").length >= failures
            ? Effect.void
            : Effect.andThen(tick, heard)
        )
        yield* subject.soon("looks that failed", heard)
        assert.strictEqual(yield* subject.world.announced!, 1)
      })
    }
  ]
}

export const silent: DiscoverySection = {
  name: "a source that does not announce",
  skip: (capabilities) => (capabilities.announces ? "it announces" : undefined),
  checks: [
    {
      name: "nobody is announced by a source that says that it announces nobody",
      run: Effect.fnUntraced(function* (subject) {
        if (subject.world.announced === undefined) return
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        yield* aWhile
        assert.strictEqual(yield* subject.world.announced, 0)
      })
    }
  ]
}
