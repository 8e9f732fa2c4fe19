import * as Address from "@gc/core/Address"
import type { Peer } from "@gc/core/Peer"
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { until } from "../check.ts"
import {
  aWhile,
  awaitSet,
  awaitClosed,
  contextOf,
  type DiscoverySection,
  interruptAtAnyMoment,
  isSet,
  openNow,
  run,
  unannounced
} from "./subject.ts"

const addressesOf = (peers: ReadonlyArray<Peer>) =>
  peers.flatMap((peer) => (peer.address === undefined ? [] : [peer.address]))

export const looking: DiscoverySection = {
  name: "looking",
  checks: [
    {
      name: "the first look is the whole set, marked with the source's name",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        const first = running.looks.findIndex(({ set }) => set !== undefined)
        assert.isTrue(isSet(running.looks[first], subject.capabilities.peers), "no other set comes before it")
        assert.isBelow(first, subject.parts, "nothing comes before it")
        const names = new Set((subject.source.sources ?? [subject.source]).map((source) => source.name))
        for (const look of running.looks) {
          assert.isTrue(names.has(look.source), `"${look.source}" is the source's name`)
          if (look._tag === "Peers") {
            for (const peer of look.peers) assert.isTrue(peer.source !== undefined && names.has(peer.source))
          }
        }
      })
    },
    {
      name: "every peer has an address that can be dialed, or a name",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        for (const look of running.looks) {
          assert.strictEqual(look._tag, "Peers")
          if (look._tag !== "Peers") continue
          for (const peer of look.peers) {
            assert.isTrue(peer.address !== undefined || peer.name !== undefined)
            if (peer.address === undefined) continue
            assert.isTrue(Address.isDialable(peer.address), `${Address.format(peer.address)} can be dialed`)
            assert.deepStrictEqual(Address.parseUnsafe(Address.format(peer.address)), { ...peer.address })
          }
        }
      })
    },
    {
      name: "a node that is in its own list finds the others",
      run: Effect.fnUntraced(function* (subject) {
        const [self] = subject.capabilities.peers
        const context = contextOf("a", addressesOf([self]))
        const named = self.name === undefined ? context : { ...context, self: { ...context.self, name: self.name } }
        const running = yield* run(subject, named)
        const others = subject.capabilities.peers.slice(1)
        yield* subject.soon(
          "a look that found the others",
          until(() => running.looks.some((look) => isSet(look, subject.capabilities.peers) || isSet(look, others)))
        )
      })
    },
    {
      name: "a node that is not to be announced finds the others all the same",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, unannounced("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
      })
    },
    {
      name: "it can be interrupted at any moment, and leaves nothing open",
      run: Effect.fnUntraced(function* (subject) {
        // What it opens once for all of its runs stays open.
        const first = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, first, subject.capabilities.peers)
        yield* first.stop
        yield* aWhile
        const before = yield* openNow(subject)
        yield* interruptAtAnyMoment(subject)
        yield* awaitClosed(subject, before)
        yield* awaitSet(subject, yield* run(subject, contextOf("a")), subject.capabilities.peers)
      })
    },
    {
      name: "an interrupted source ends at once, and can be run anew",
      run: Effect.fnUntraced(function* (subject) {
        for (let round = 0; round < 4; round++) {
          const running = yield* run(subject, contextOf("a"))
          if (round % 2 === 1) yield* awaitSet(subject, running, subject.capabilities.peers)
          yield* running.stop
          const said = running.looks.length
          yield* aWhile
          assert.strictEqual(running.looks.length, said, "it says nothing any more")
        }
        yield* awaitSet(subject, yield* run(subject, contextOf("a")), subject.capabilities.peers)
      })
    },
    {
      name: "two nodes run it at once, and the end of one is not the other's",
      run: Effect.fnUntraced(function* (subject) {
        const [first, second] = [yield* run(subject, contextOf("a")), yield* run(subject, contextOf("b"))]
        yield* awaitSet(subject, first, subject.capabilities.peers)
        yield* awaitSet(subject, second, subject.capabilities.peers)
        yield* first.stop
        yield* aWhile
        if (!subject.capabilities.ends) assert.isUndefined(second.exit(), "the other goes on")
        yield* awaitSet(subject, yield* run(subject, contextOf("c")), subject.capabilities.peers)
      })
    }
  ]
}

export const finalSet: DiscoverySection = {
  name: "a final set",
  skip: (capabilities) => (capabilities.ends ? undefined : "its set is not final"),
  checks: [
    {
      name: "the looks end after the last one",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* subject.soon(
          "the end of the looks",
          until(() => running.exit() !== undefined)
        )
        assert.strictEqual(running.exit()?._tag, "Success")
        assert.isTrue(isSet(running.looks.at(-1), subject.capabilities.peers))
      })
    }
  ]
}

export const openSet: DiscoverySection = {
  name: "a set that is not final",
  skip: (capabilities) => (capabilities.ends ? "its set is final" : undefined),
  checks: [
    {
      name: "the looks do not end",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        yield* aWhile
        assert.isUndefined(running.exit())
      })
    }
  ]
}

export const polling: DiscoverySection = {
  name: "the refresh interval",
  skip: (capabilities) => (capabilities.polls ? undefined : "it does not poll"),
  checks: [
    {
      name: "it looks again after the interval",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"))
        yield* subject.soon(
          "four looks",
          until(() => running.looks.length >= subject.parts + 3)
        )
      })
    },
    {
      name: "it does not look again before",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"), Duration.hours(1))
        yield* awaitSet(subject, running, subject.capabilities.peers)
        yield* aWhile
        assert.lengthOf(running.looks, subject.parts)
      })
    },
    {
      name: "with an infinite interval it looks once, and ends when it announces nobody",
      run: Effect.fnUntraced(function* (subject) {
        const running = yield* run(subject, contextOf("a"), Duration.infinity)
        yield* awaitSet(subject, running, subject.capabilities.peers)
        if (subject.capabilities.announces) yield* aWhile
        else {
          yield* subject.soon(
            "the end of the looks",
            until(() => running.exit() !== undefined)
          )
        }
        assert.strictEqual(running.exit()?._tag, subject.capabilities.announces ? undefined : "Success")
        assert.lengthOf(running.looks, subject.parts)
      })
    }
  ]
}
