import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { pipe } from "effect/Function"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Address from "../src/Address.ts"
import * as Discovery from "../src/Discovery.ts"
import * as NodeName from "../src/NodeName.ts"
import type * as Peer from "../src/Peer.ts"
import { collect, context, found, lookFailed, record, scripted, type Step } from "./support/looks.ts"

const forever: Step = [0, "waits"]

describe("make", () => {
  it.effect("marks every look and every peer with the name, whatever they said", () =>
    Effect.gen(function* () {
      const peer: Peer.Peer = { name: NodeName.make("b@rosa"), source: "somebody else" }
      const source = Discovery.make({
        name: "mine",
        looks: () =>
          Stream.make<[Discovery.Look, Discovery.Look]>(
            { _tag: "Peers", source: "somebody else", peers: [peer] },
            Discovery.unknown(lookFailed("deeper"))
          )
      })
      assert.deepStrictEqual(yield* collect(source), [
        { _tag: "Peers", source: "mine", peers: [{ name: NodeName.make("b@rosa"), source: "mine" }] },
        { _tag: "Unknown", source: "mine", error: lookFailed("deeper") }
      ])
    })
  )

  it.effect("hands the context to the source", () =>
    Effect.gen(function* () {
      const source = Discovery.make({ name: "mine", looks: ({ self }) => Stream.succeed(found(self.name)) })
      assert.deepStrictEqual((yield* record(source)).lines, ["0 mine: a@rosa", "0 end"])
    })
  )

  it.effect("fails as its stream fails", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(
        scripted("mine", [
          [0, ["b@rosa"]],
          [10, "breaks"]
        ])
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 mine: b@rosa", "10 broke: discovery mine: no answer"])
    })
  )

  it.effect.each([
    { does: "dies", says: "a bug" },
    { does: "interrupts itself", says: "it interrupted itself" }
  ] as const)("fails with SourceBroken when its stream $does", ({ does, says }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(collect(scripted("mine", [[0, does]])))
      assert.strictEqual(error.source, "mine")
      assert.strictEqual(error.reason._tag, "SourceBroken")
      assert.strictEqual(error.message, `discovery mine: the source broke: ${says}`)
    })
  )

  it.effect("runs its finalizers when its reader goes", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const source = Discovery.make({
        name: "mine",
        looks: () =>
          Stream.unwrap(
            Effect.acquireRelease(
              Effect.sync(() => log.push("announces")),
              () => Effect.sync(() => log.push("withdraws"))
            ).pipe(Effect.as(Stream.concat(Stream.succeed(found()), Stream.never)))
          )
      })
      const { fiber } = yield* record(source)
      assert.deepStrictEqual(log, ["announces"])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["announces", "withdraws"])
    })
  )
})

describe("empty", () => {
  it.effect("is nobody, and that is final", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* record(Discovery.empty)).lines, ["0 empty: nobody", "0 end"])
    })
  )
})

describe("filter", () => {
  const notC = (peer: Peer.Peer): boolean => peer.name !== "c@rosa"

  it.effect("drops peers from every set and leaves failed looks alone", () =>
    Effect.gen(function* () {
      const a = scripted("a", [
        [0, ["b@rosa", "c@rosa"]],
        [0, "failed"],
        [0, ["c@rosa"]]
      ])
      const lines = ["0 a: b@rosa", "0 a: ! discovery a: no answer", "0 a: nobody", "0 end"]
      assert.deepStrictEqual((yield* record(Discovery.filter(a, notC))).lines, lines)
      assert.deepStrictEqual((yield* record(pipe(a, Discovery.filter(notC)))).lines, lines)
    })
  )

  it.effect("sees who vouches for a peer", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(scripted("a", [[0, ["c@rosa"]]]), scripted("b", [[0, ["c@rosa"]]]))
      const { lines } = yield* record(Discovery.filter(merged, (peer) => peer.source === "b"))
      assert.deepStrictEqual(lines, ["0 a: nobody", "0 b: c@rosa", "0 end"])
    })
  )

  it.effect("that throws breaks its source and no other", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(scripted("a", [[0, ["c@rosa"]]]), scripted("b", [[0, []], forever]))
      const { lines } = yield* record(
        Discovery.filter(merged, () => {
          throw new Error("a bug")
        })
      )
      assert.deepStrictEqual(lines, ["0 a: ! discovery a: the source broke: a bug", "0 b: nobody"])
    })
  )
})

describe("mapPeers", () => {
  const nameless = (peer: Peer.Peer): Peer.Peer =>
    peer.address === undefined ? { address: Address.make("tcp", "proxy", 1), source: "forged" } : peer

  it.effect("changes every peer, and not who vouches for it", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(scripted("a", [[0, ["c@rosa"]]]), scripted("b", [[0, ["tcp://d:2"]]]))
      const mapped = pipe(merged, Discovery.mapPeers(nameless))
      assert.strictEqual(mapped.name, "a+b")
      const { lines, looks } = yield* record(mapped)
      assert.deepStrictEqual(lines, ["0 a: tcp://proxy:1", "0 b: tcp://d:2", "0 end"])
      assert.deepStrictEqual(
        looks.flatMap((look) => (look._tag === "Peers" ? look.peers.map((peer) => peer.source) : [])),
        ["a", "b"]
      )
    })
  )

  it.effect("leaves the sources of a merged discovery apart: one that breaks is run again alone", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(
        scripted("a", [[0, "breaks"]], [[0, ["c@rosa"]]]),
        scripted("b", [[0, []], forever])
      )
      const { lines } = yield* record(Discovery.mapPeers(merged, nameless))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(lines, ["0 a: ! discovery a: no answer", "0 b: nobody", "250 a: tcp://proxy:1"])
    })
  )
})

describe("withLastGood", () => {
  it.effect("answers a failed look with the last good set, and passes failures on before there is one", () =>
    Effect.gen(function* () {
      const a = scripted("a", [
        [0, "failed"],
        [10, ["b@rosa"]],
        [10, "failed"],
        [10, []],
        [10, "failed"]
      ])
      const { lines } = yield* record(Discovery.withLastGood(a))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [
        "0 a: ! discovery a: no answer",
        "10 a: b@rosa",
        "20 a: b@rosa",
        "30 a: nobody",
        "40 a: nobody",
        "40 end"
      ])
    })
  )

  it.effect("survives breaks", () =>
    Effect.gen(function* () {
      const a = scripted(
        "a",
        [
          [0, ["b@rosa"]],
          [10, "breaks"]
        ],
        [[0, "dies"]],
        [[0, ["c@rosa"]]]
      )
      const { lines } = yield* record(Discovery.withLastGood(a))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 a: b@rosa", "10 a: b@rosa", "260 a: b@rosa", "760 a: c@rosa", "760 end"])
    })
  )

  it.effect("keeps the last good set of each source of a merged discovery", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["c@rosa"]], [10, "failed"], forever])
      const b = scripted("b", [[5, "failed"], [10, ["d@rosa"]], [10, "failed"], forever])
      const { lines } = yield* record(Discovery.withLastGood(Discovery.merge(a, b)))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [
        "0 a: c@rosa",
        "5 b: ! discovery b: no answer",
        "10 a: c@rosa",
        "15 b: d@rosa",
        "25 b: d@rosa"
      ])
    })
  )

  it.effect("forgets between two runs", () =>
    Effect.gen(function* () {
      const source = Discovery.withLastGood(scripted("a", [[0, ["b@rosa"]]], [[0, "failed"]]))
      assert.deepStrictEqual((yield* record(source)).lines, ["0 a: b@rosa", "0 end"])
      assert.deepStrictEqual((yield* record(source)).lines, ["0 a: ! discovery a: no answer", "0 end"])
    })
  )
})

class Registry extends Context.Service<Registry, { readonly url: string }>()("test/Registry") {}

describe("types", () => {
  it("a source is a Discovery service, and its composition too", () => {
    expectTypeOf<Discovery.Discovery["Service"]>().toEqualTypeOf<Discovery.Source>()
    expectTypeOf(Discovery.merge(Discovery.empty)).toEqualTypeOf<Discovery.Source>()
    expectTypeOf(Discovery.orElse(Discovery.empty, Discovery.empty)).toEqualTypeOf<Discovery.Source>()
  })

  it("a lookup may fail with anything and needs nothing", () => {
    const failing = { name: "x", lookup: () => Effect.fail(new Date(0)) }
    expectTypeOf(Discovery.poll(failing)).toEqualTypeOf<Discovery.Source>()
    const needing = { name: "x", lookup: () => Effect.as(Registry, []) }
    expectTypeOf(needing).not.toExtend<Parameters<typeof Discovery.poll<never>>[0]>()
  })

  it("the refresh interval is 5 seconds by default", () => {
    assert.deepStrictEqual(Context.get(Context.empty(), Discovery.RefreshInterval), Duration.seconds(5))
    assert.strictEqual(context.key("udp")._tag, "None")
  })
})
