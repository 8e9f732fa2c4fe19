import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import { type DiscoveryCapabilities, discoverySuite } from "@gc/testkit/suites"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { within } from "../src/suites/internal/check.ts"
import { discoverySections } from "../src/suites/internal/discovery/sections.ts"
import { makeSubject } from "../src/suites/internal/discovery/subject.ts"
import { brokenSources, says } from "./support/brokenSources.ts"
import { closeForgotten } from "./support/forgotten.ts"
import { type BrokenSource, type Change, registryWorld } from "./support/registry.ts"

const peers = [1, 2, 3].map((port) => Peer.fromAddress(Address.make("tcp", "127.0.0.1", port)))

const capabilities: DiscoveryCapabilities.DiscoveryCapabilities = {
  peers: peers as [Peer.Peer, ...Array<Peer.Peer>],
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: true,
  meets: true,
  polls: true
}

const checks = new Map(discoverySections.flatMap((section) => section.checks).map((check) => [check.name, check]))

const silentCheck = "nobody is announced by a source that says that it announces nobody"

/** Has less patience with what is known to be broken. */
const outcome = (name: string, change?: Change, more: Partial<typeof capabilities> = {}) => {
  const check = checks.get(name)
  assert(check !== undefined, `there is a check "${name}"`)
  const run = Effect.gen(function* () {
    const world = yield* registryWorld(peers, change)
    yield* check.run(
      yield* makeSubject(world, { ...capabilities, ...(change === undefined ? {} : { patience: "1 second" }), ...more })
    )
  }).pipe(Effect.scoped, Effect.catch(Effect.die))
  return Effect.exit(within(Duration.seconds(change === undefined ? 20 : 4), name, run))
}

afterAll(closeForgotten)

const notices = ({ caughtBy, change }: BrokenSource) =>
  Effect.gen(function* () {
    for (const check of caughtBy) {
      const sound = yield* outcome(check)
      assert.isTrue(Exit.isSuccess(sound), `"${check}" passes on a sound source: ${String(sound)}`)
      assert.isTrue(Exit.isFailure(yield* outcome(check, change)), `"${check}" fails on this one`)
    }
  })

const forgetsSockets = (broken: { readonly name: string }) => broken.name.startsWith("forgets a ")

describe("discoverySuite", { concurrent: true }, () => {
  for (const broken of brokenSources.filter((each) => !forgetsSockets(each))) {
    it.live(`notices a source that ${broken.name}`, () => notices(broken))
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
      const name = "with an infinite interval it looks once, and ends when it announces nobody"
      const restless = says((looks) => Stream.repeat(Stream.take(looks, 1), Schedule.spaced("50 millis")))
      assert.isTrue(Exit.isFailure(yield* outcome(name, restless)))
    })
  )

  it.live("notices a source that announces though it says that it does not", () =>
    Effect.gen(function* () {
      const sound: Change = (source) => ({
        ...source,
        looks: (context) => source.looks({ ...context, announce: false })
      })
      const quiet = yield* outcome(silentCheck, sound, { announces: false })
      assert.isTrue(Exit.isSuccess(quiet), String(quiet))
      assert.isTrue(Exit.isFailure(yield* outcome(silentCheck, undefined, { announces: false })))
    })
  )

  it.live("notices a world that lacks what its capabilities say", () =>
    Effect.gen(function* () {
      for (const lacks of ["set", "fail", "hang", "announced"] as const) {
        const world = { ...(yield* registryWorld(peers)), [lacks]: undefined }
        const made = yield* Effect.exit(makeSubject(world, capabilities))
        assert.include(String(made), `its world has no "${lacks}"`)
      }
    })
  )

  it("refuses capabilities that nothing can be asked of", () => {
    for (const silent of [{ fails: true }, { fails: false, hangs: true }]) {
      const world = Effect.runSync(registryWorld(peers))
      const given = { ...capabilities, hangs: false, ...silent, changes: false }
      assert.throws(() => discoverySuite("stubborn", world.layer, given), 'say "changes", too')
    }
  })

  it("has no check that was never seen to fail", () => {
    const seen = [
      ...brokenSources.flatMap((mutant) => mutant.caughtBy),
      "the looks end after the last one",
      silentCheck
    ]
    assert.deepStrictEqual(
      [...checks.keys()].filter((name) => !seen.includes(name)),
      []
    )
  })
})

// Sockets are counted for the whole process.
describe("discoverySuite, and nothing else at the time", () => {
  for (const broken of brokenSources.filter(forgetsSockets)) {
    it.live(`notices a source that ${broken.name}`, () => notices(broken))
  }
})
