import type { Peer } from "@gc/core/Peer"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { until } from "../check.ts"
import {
  aWhile,
  awaitLook,
  awaitSet,
  contextOf,
  type DiscoverySection,
  isOneOf,
  isSet,
  type Run,
  run,
  type Subject
} from "./subject.ts"

const awaitFailure = (subject: Subject, running: Run, from = 0) =>
  awaitLook(subject, running, "a look that failed", (look) => look._tag === "Unknown", from)

const set = (subject: Subject, peers: ReadonlyArray<Peer>) => subject.soon("the world", subject.world.set!(peers))

/** The first peers, and all but the first. */
const halves = (subject: Subject) => {
  const all = subject.capabilities.peers
  return [all.slice(0, Math.max(1, all.length - 1)), all.slice(1)] as const
}

export const changing: DiscoverySection = {
  name: "changes",
  skip: (capabilities) => (capabilities.changes ? undefined : "it follows no changes"),
  checks: [
    {
      name: "a change is a look of the whole new set, and nothing in between",
      run: Effect.fnUntraced(function* (subject) {
        const all = subject.capabilities.peers
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, all)
        let allowed: ReadonlyArray<ReadonlyArray<Peer>> = [all]
        for (const next of [...halves(subject), all]) {
          allowed = [...allowed, next]
          const said = running.looks.length
          yield* set(subject, next)
          yield* awaitSet(subject, running, next, said)
        }
        for (const look of running.looks) {
          assert.notStrictEqual(look._tag, "Unknown")
          assert.isTrue(isOneOf(subject, look, allowed), `it was never so: ${JSON.stringify(look)}`)
        }
      })
    },
    {
      name: "that there is nobody is a look of the empty set",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        yield* set(subject, [])
        yield* awaitSet(subject, running, [])
        const said = running.looks.length
        yield* set(subject, subject.capabilities.peers)
        yield* awaitSet(subject, running, subject.capabilities.peers, said)
      })
    },
    {
      name: "a peer that is listed twice is a peer",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        const [first] = subject.capabilities.peers
        const said = running.looks.length
        yield* set(subject, [first, first])
        yield* awaitSet(subject, running, [first], said)
      })
    },
    {
      name: "of many changes the last one holds",
      run: Effect.fnUntraced(function* (subject) {
        const all = subject.capabilities.peers
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, all)
        const [first, second] = halves(subject)
        for (let round = 0; round < 12; round++) {
          yield* Effect.sleep("20 millis")
          yield* set(subject, [first, [], all, second][round % 4]!)
        }
        yield* subject.soon(
          "the last change",
          until(() => isSet(running.looks.at(-1), second))
        )
        yield* aWhile
        assert.isTrue(isSet(running.looks.at(-1), second), "and it stays so")
      })
    },
    {
      name: "a source that is run anew says nothing of an earlier run",
      run: Effect.fnUntraced(function* (subject) {
        const all = subject.capabilities.peers
        const earlier = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, earlier, all)
        yield* earlier.stop
        const [, next] = halves(subject)
        yield* set(subject, next)
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, next)
        assert.isFalse(
          running.looks.some((look) => isSet(look, all)),
          "it is not so any more"
        )
      })
    },
    {
      name: "every node that runs it hears of a change",
      run: Effect.fnUntraced(function* (subject) {
        const nodes = [yield* run(subject, contextOf("a")), yield* run(subject, contextOf("b"))]
        for (const node of nodes) yield* awaitSet(subject, node, subject.capabilities.peers)
        const [first] = subject.capabilities.peers
        yield* set(subject, [first])
        for (const node of nodes) yield* awaitSet(subject, node, [first])
      })
    }
  ]
}

export const failing: DiscoverySection = {
  name: "failures",
  skip: (capabilities) => (capabilities.fails && capabilities.changes ? undefined : "its looks cannot fail"),
  checks: [
    {
      name: "a look that failed is said, is never an empty set, and does not end the source",
      run: Effect.fnUntraced(function* (subject) {
        const all = subject.capabilities.peers
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, all)
        for (let round = 0; round < 2; round++) {
          const said = running.looks.length
          yield* subject.soon("the world", subject.world.fail!)
          yield* awaitFailure(subject, running, said)
          yield* aWhile
          const failed = running.looks.length
          const sources = new Set<string>()
          for (const look of running.looks.slice(said, failed)) {
            if (look._tag === "Unknown") sources.add(look.source)
            else assert.isFalse(sources.has(look.source), "what it failed to look at it does not claim to know")
          }
          yield* set(subject, all)
          yield* awaitSet(subject, running, all, failed)
        }
        for (const look of running.looks) {
          assert.isTrue(isOneOf(subject, look, [all]), `it was never so: ${JSON.stringify(look)}`)
        }
      })
    },
    {
      name: "a source whose first look fails says so, and finds its peers later",
      run: Effect.fnUntraced(function* (subject) {
        yield* subject.soon("the world", subject.world.fail!)
        const running = yield* run(subject, contextOf("a"))
        yield* awaitFailure(subject, running)
        assert.isTrue(
          running.looks.every((look) => look.set === undefined),
          "nothing is known before"
        )
        yield* set(subject, subject.capabilities.peers)
        yield* awaitSet(subject, running, subject.capabilities.peers)
      })
    },
    {
      name: "a source that is made before there is a network says so, and finds its peers later",
      run: Effect.fnUntraced(function* (subject) {
        yield* subject.soon("the world", subject.world.fail!)
        const source = yield* subject.rebuilt
        const running = yield* run(subject, contextOf("a"), undefined, source)
        for (let failures = 0; failures < (subject.capabilities.polls ? 3 : 1); failures++) {
          yield* awaitFailure(subject, running, failures === 0 ? 0 : running.looks.length)
        }
        assert.isTrue(
          running.looks.every((look) => look.set === undefined),
          "nothing is known before"
        )
        yield* set(subject, subject.capabilities.peers)
        yield* awaitSet(subject, running, subject.capabilities.peers)
      })
    },
    {
      name: "the error of a failed look names its source",
      run: Effect.fnUntraced(function* (subject) {
        yield* subject.soon("the world", subject.world.fail!)
        const running = yield* run(subject, contextOf("a"))
        const look = yield* awaitFailure(subject, running)
        assert.strictEqual(look._tag === "Unknown" && look.error._tag, "DiscoveryError")
        if (look._tag === "Unknown") {
          // A source that stands in for another is named after both; the error names the one that failed.
          assert.include([look.source, ...look.source.split("|")], look.error.source)
          assert.isAbove(look.error.message.length, look.source.length)
        }
      })
    }
  ]
}
