import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import * as Discovery from "@gc/core/Discovery"
import type { DiscoveryCapabilities } from "@gc/testkit/suites"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { within } from "../src/suites/internal/check.ts"
import { discoverySections } from "../src/suites/internal/discovery/sections.ts"
import { makeSubject } from "../src/suites/internal/discovery/subject.ts"
import { type Change, registryWorld } from "./support/registry.ts"

const peers = [1, 2, 3].map((port) => Peer.fromAddress(Address.make("tcp", "127.0.0.1", port)))

const capabilities: DiscoveryCapabilities.DiscoveryCapabilities = {
  peers: peers as [Peer.Peer, ...Array<Peer.Peer>],
  ends: false,
  changes: true,
  fails: true,
  announces: true,
  polls: true
}

/** Changes what a source says. */
const says =
  (change: (looks: Stream.Stream<Discovery.Look, Discovery.DiscoveryError>) => typeof looks): Change =>
  (source) => ({ ...source, looks: (context) => change(source.looks(context)) })

const sets = (change: (found: ReadonlyArray<Peer.Peer>) => ReadonlyArray<Peer.Peer>) =>
  says(Stream.map((look) => (look._tag === "Peers" ? { ...look, peers: change(look.peers) } : look)))

const each =
  (change: (look: Discovery.Look) => ReadonlyArray<Discovery.Look>) =>
  <E>(looks: Stream.Stream<Discovery.Look, E>): Stream.Stream<Discovery.Look, E> =>
    Stream.flatMap(looks, (look) => Stream.fromIterable(change(look)))

const empty: Discovery.Look = { _tag: "Peers", source: "registry", peers: [] }

const mutants: ReadonlyArray<{
  readonly name: string
  readonly change: Change
  readonly caughtBy: ReadonlyArray<string>
}> = [
  {
    name: "finds one of many",
    change: sets((found) => found.slice(0, 1)),
    caughtBy: ["the first look is the whole set, marked with the source's name"]
  },
  {
    name: "says nothing of where a peer is from",
    change: sets((found) => found.map((peer) => ({ ...peer, source: undefined }))),
    caughtBy: ["the first look is the whole set, marked with the source's name"]
  },
  {
    name: "says peers one by one",
    change: says(
      each((look) =>
        look._tag === "Peers"
          ? look.peers.map((_, index) => ({ ...look, peers: look.peers.slice(0, index + 1) }))
          : [look]
      )
    ),
    caughtBy: [
      "the first look is the whole set, marked with the source's name",
      "a change is a look of the whole new set, and nothing in between"
    ]
  },
  {
    name: "finds peers that nobody can dial",
    change: sets((found) => [...found, Peer.fromAddress(Address.make("tcp", "0.0.0.0", 0))]),
    caughtBy: ["every peer has an address that can be dialed, or a name"]
  },
  {
    name: "breaks when it finds itself",
    change: (source) => ({
      ...source,
      looks: (context) =>
        context.self.addresses.some((address) => address.port === 1) ? Stream.die("myself") : source.looks(context)
    }),
    caughtBy: ["a node that is in its own list finds the others"]
  },
  {
    name: "runs once",
    change: (source) => {
      let ran = false
      return {
        ...source,
        looks: (context) =>
          Stream.suspend(() => {
            if (ran) return Stream.never
            ran = true
            return source.looks(context)
          })
      }
    },
    caughtBy: [
      "an interrupted source ends at once, and can be run anew",
      "two nodes run it at once, and the end of one is not the other's",
      "every node that runs it hears of a change"
    ]
  },
  {
    name: "cannot be interrupted",
    change: says((looks) => Stream.onExit(looks, () => Effect.never)),
    caughtBy: ["an interrupted source ends at once, and can be run anew"]
  },
  {
    name: "ends",
    change: says(Stream.take(1)),
    caughtBy: ["the looks do not end", "it looks again after the interval"]
  },
  {
    name: "looks without a pause",
    change: says(each((look) => [look, look])),
    caughtBy: ["it does not look again before", "with an infinite interval it looks once and ends"]
  },
  {
    name: "says what changed",
    change: says((looks) => {
      let before: ReadonlyArray<string> = []
      return Stream.map(looks, (look) => {
        if (look._tag === "Unknown") return look
        const fresh = look.peers.filter((peer) => !before.includes(Peer.format(peer)))
        before = look.peers.map(Peer.format)
        return { ...look, peers: fresh }
      })
    }),
    caughtBy: ["a change is a look of the whole new set, and nothing in between"]
  },
  {
    name: "does not say that there is nobody",
    change: says(each((look) => (look._tag === "Unknown" || look.peers.length > 0 ? [look] : []))),
    caughtBy: ["that there is nobody is a look of the empty set"]
  },
  {
    name: "fails on what is listed twice",
    change: says(
      each((look) =>
        look._tag === "Unknown" || new Set(look.peers.map(Peer.format)).size === look.peers.length ? [look] : []
      )
    ),
    caughtBy: ["a peer that is listed twice is a peer"]
  },
  {
    name: "takes a failure for an empty set",
    change: says(each((look) => (look._tag === "Unknown" ? [empty, look] : [look]))),
    caughtBy: [
      "a look that failed is said, is never an empty set, and does not end the source",
      "a source whose first look fails says so, and finds its peers later"
    ]
  },
  {
    name: "breaks on a failed look",
    change: says(
      Stream.mapEffect((look) => (look._tag === "Unknown" ? Effect.fail(look.error) : Effect.succeed(look)))
    ),
    caughtBy: ["a look that failed is said, is never an empty set, and does not end the source"]
  },
  {
    name: "keeps failures to itself",
    change: says(each((look) => (look._tag === "Peers" ? [look] : []))),
    caughtBy: ["a look that failed is said, is never an empty set, and does not end the source"]
  },
  {
    name: "blames another source",
    change: says(
      Stream.map((look) =>
        look._tag === "Peers"
          ? look
          : { ...look, error: new Discovery.DiscoveryError({ source: "dns", reason: look.error.reason }) }
      )
    ),
    caughtBy: ["the error of a failed look names its source"]
  },
  {
    name: "announces when it is asked for its looks",
    change: (source, registry) => ({
      ...source,
      looks: (context) => {
        registry.announced.add({})
        return source.looks(context)
      }
    }),
    caughtBy: ["nobody is announced before the source runs"]
  },
  {
    name: "does not withdraw",
    change: (source, registry) => ({
      ...source,
      looks: (context) => Stream.onExit(source.looks(context), () => Effect.sync(() => registry.announced.add({})))
    }),
    caughtBy: ["a node is announced while it runs the source, and withdrawn when that ends"]
  },
  {
    name: "withdraws everybody",
    change: (source, registry) => ({
      ...source,
      looks: (context) => Stream.onExit(source.looks(context), () => Effect.sync(() => registry.announced.clear()))
    }),
    caughtBy: ["each node that runs it is announced, and withdrawn alone"]
  },
  {
    name: "withdraws when a look fails",
    change: (source, registry) => ({
      ...source,
      looks: (context) =>
        Stream.tap(source.looks(context), (look) =>
          Effect.sync(() => (look._tag === "Unknown" ? registry.announced.clear() : undefined))
        )
    }),
    caughtBy: ["a failed look withdraws nobody"]
  }
]

const checks = new Map(discoverySections.flatMap((section) => section.checks).map((check) => [check.name, check]))

/** Has less patience with what is known to be broken. */
const outcome = (name: string, change?: Change) => {
  const check = checks.get(name)
  assert(check !== undefined, `there is a check "${name}"`)
  const run = Effect.gen(function* () {
    const world = yield* registryWorld(peers, change)
    yield* check.run(
      yield* makeSubject(world, change === undefined ? capabilities : { ...capabilities, patience: "1 second" })
    )
  }).pipe(Effect.scoped, Effect.catch(Effect.die))
  return Effect.exit(within(Duration.seconds(change === undefined ? 20 : 4), name, run))
}

describe("discoverySuite", { concurrent: true }, () => {
  for (const { caughtBy, change, name } of mutants) {
    it.live(`notices a source that ${name}`, () =>
      Effect.gen(function* () {
        for (const check of caughtBy) {
          const sound = yield* outcome(check)
          assert.isTrue(Exit.isSuccess(sound), `"${check}" passes on a sound source: ${String(sound)}`)
          assert.isTrue(Exit.isFailure(yield* outcome(check, change)), `"${check}" fails on this one`)
        }
      })
    )
  }

  it.live("notices a source that does not end though its set is final", () =>
    Effect.gen(function* () {
      const name = "the looks end after the last one"
      const final = yield* outcome(name, says(Stream.take(1)))
      assert.isTrue(Exit.isSuccess(final), String(final))
      assert.isTrue(Exit.isFailure(yield* outcome(name)))
    })
  )

  it.live("notices a poll that goes on with an infinite interval", () =>
    Effect.gen(function* () {
      const name = "with an infinite interval it looks once and ends"
      const restless = says((looks) => Stream.repeat(looks, Schedule.spaced("50 millis")))
      assert.isTrue(Exit.isFailure(yield* outcome(name, restless)))
    })
  )

  it("has no check that was never seen to fail", () => {
    const seen = [...mutants.flatMap((mutant) => mutant.caughtBy), "the looks end after the last one"]
    assert.deepStrictEqual(
      [...checks.keys()].filter((name) => !seen.includes(name)),
      []
    )
  })
})
