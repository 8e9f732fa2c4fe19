import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Discovery from "../src/Discovery.ts"
import { collect, context, found, record, scripted, type Step, unionOf } from "./support/looks.ts"

const forever: Step = [0, "waits"]

describe("merge", () => {
  it.effect("gives the looks of every source, each with its name", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["b@rosa"]], [200, ["b@rosa", "c@rosa"]], forever])
      const b = scripted("b", [[100, ["d@rosa"]], forever])
      const { lines } = yield* record(Discovery.merge(a, b))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 a: b@rosa", "100 b: d@rosa", "200 a: b@rosa c@rosa"])
    })
  )

  it.effect("marks every peer with the source that vouches for it", () =>
    Effect.gen(function* () {
      const looks = yield* collect(Discovery.merge(scripted("a", [[0, ["c@rosa"]]]), scripted("b", [[0, ["c@rosa"]]])))
      const vouched = looks.flatMap((look) => (look._tag === "Peers" ? look.peers.map((peer) => peer.source) : []))
      assert.deepStrictEqual(vouched, ["a", "b"])
    })
  )

  it.effect("leaves a peer in the union until every source that vouched for it dropped it", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["c@rosa"]], [10, []], forever])
      const b = scripted("b", [[0, ["c@rosa"]], [20, []], forever])
      const { looks } = yield* record(Discovery.merge(a, b))
      yield* TestClock.adjust(10)
      assert.deepStrictEqual([...unionOf(looks)], ["c@rosa"])
      yield* TestClock.adjust(10)
      assert.deepStrictEqual([...unionOf(looks)], [])
    })
  )

  it.effect("passes a failed look on, which takes nothing out of the union", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["b@rosa"]], [10, "failed"], forever])
      const b = scripted("b", [[20, ["c@rosa"]], forever])
      const { lines, looks } = yield* record(Discovery.merge(a, b))
      yield* TestClock.adjust(20)
      assert.deepStrictEqual(lines, ["0 a: b@rosa", "10 a: ! discovery a: no answer", "20 b: c@rosa"])
      assert.deepStrictEqual([...unionOf(looks)], ["b@rosa", "c@rosa"])
    })
  )

  it.effect.each([
    { breaks: "breaks", says: "discovery a: no answer" },
    { breaks: "dies", says: "discovery a: the source broke: a bug" },
    { breaks: "interrupts itself", says: "discovery a: the source broke: it interrupted itself" }
  ] as const)("a source that $breaks is run again and does not end the others", ({ breaks, says }) =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, breaks]], [[0, ["b@rosa"]]])
      const b = scripted("b", [[0, ["c@rosa"]], [500, ["d@rosa"]], forever])
      const { lines } = yield* record(Discovery.merge(a, b))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [`0 a: ! ${says}`, "0 b: c@rosa", "250 a: b@rosa", "500 b: d@rosa"])
    })
  )

  it.effect("takes a defect at the making of the stream for a break", () =>
    Effect.gen(function* () {
      const a: Discovery.Source = {
        name: "a",
        looks: () => {
          throw new Error("a bug")
        }
      }
      const { lines } = yield* record(Discovery.merge(a, scripted("b", [[100, ["c@rosa"]]])))
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(lines, ["0 a: ! discovery a: the source broke: a bug", "100 b: c@rosa"])
    })
  )

  it.effect("pauses twice as long after each break, up to 30 seconds", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(Discovery.merge(scripted("a", [[0, "breaks"]])))
      yield* TestClock.adjust("2 minutes")
      const times = lines.map((line) => Number(line.split(" ")[0]))
      assert.deepStrictEqual(times, [0, 250, 750, 1_750, 3_750, 7_750, 15_750, 31_750, 61_750, 91_750])
    })
  )

  it.effect("begins the pauses anew after a good look, and only then", () =>
    Effect.gen(function* () {
      const a = scripted(
        "a",
        [[0, "breaks"]],
        [
          [0, "failed"],
          [0, "breaks"]
        ],
        [
          [0, ["b@rosa"]],
          [0, "breaks"]
        ],
        [[0, "breaks"]],
        [[0, ["c@rosa"]], forever]
      )
      const { lines } = yield* record(Discovery.merge(a))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        lines.filter((line) => !line.includes("!")),
        [`${250 + 500} a: b@rosa`, `${250 + 500 + 250 + 500} a: c@rosa`]
      )
    })
  )

  it.effect("spreads the pauses by a fifth", () =>
    Effect.gen(function* () {
      const pauses: Array<number> = []
      for (const seed of Array.from({ length: 50 }, (_, index) => index)) {
        const source = Discovery.merge(scripted("a", [[0, "breaks"]], [[0, ["b@rosa"]]]))
        const run = Effect.timed(Stream.runDrain(source.looks(context))).pipe(Random.withSeed(seed))
        const fiber = yield* Effect.forkChild(Effect.delay(run, 1))
        yield* TestClock.adjust("1 second")
        const [elapsed] = yield* Fiber.join(fiber)
        pauses.push(Duration.toMillis(elapsed))
      }
      assert.isAtLeast(Math.min(...pauses), 200)
      assert.isAtMost(Math.min(...pauses), 220)
      assert.isAtLeast(Math.max(...pauses), 280)
      assert.isAtMost(Math.max(...pauses), 300)
    })
  )

  it.effect("does not run a source again that has ended, and ends when all have", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["b@rosa"]]], [[0, ["never@rosa"]]])
      const b = scripted("b", [
        [0, ["c@rosa"]],
        [60_000, []]
      ])
      const { lines } = yield* record(Discovery.merge(a, b))
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(lines, ["0 a: b@rosa", "0 b: c@rosa"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(lines.slice(2), ["60000 b: nobody", "60000 end"])
    })
  )

  it.effect("still answers after two thousand breaks", () =>
    Effect.gen(function* () {
      let runs = 0
      const a = Discovery.make({
        name: "a",
        looks: () =>
          runs++ < 2_000
            ? Stream.concat(Stream.succeed(found("b@rosa")), Stream.die("again"))
            : Stream.succeed(found("c@rosa"))
      })
      const { lines } = yield* record(Discovery.merge(a))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(runs, 2_001)
      assert.deepStrictEqual(lines.slice(-2), ["500000 a: c@rosa", "500000 end"])
    })
  )

  it.effect("tells sources of one name apart, in looks, peers and errors", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(
        scripted("dns", [[0, ["b@rosa"]]]),
        scripted("dns", [
          [10, ["c@rosa"]],
          [10, "failed"],
          [10, "breaks"],
          [0, ["never@rosa"]]
        ])
      )
      assert.strictEqual(merged.name, "dns+dns#2")
      const { lines } = yield* record(merged)
      yield* TestClock.adjust(30)
      assert.deepStrictEqual(lines, [
        "0 dns: b@rosa",
        "10 dns#2: c@rosa",
        "20 dns#2: ! discovery dns#2: no answer",
        "30 dns#2: ! discovery dns#2: no answer"
      ])
    })
  )

  it("flattens: merging is associative, names included", () => {
    const [a, b, c] = [scripted("a"), scripted("a"), scripted("a")]
    const names = (source: Discovery.Source) => source.sources?.map(({ name }) => name)
    const flat = names(Discovery.merge(a, b, c))
    assert.deepStrictEqual(flat, ["a", "a#2", "a#3"])
    assert.deepStrictEqual(names(Discovery.merge(Discovery.merge(a, b), c)), flat)
    assert.deepStrictEqual(names(Discovery.merge(a, Discovery.merge(b, c))), flat)
  })

  it("keeps a name that looks numbered, as long as it is alone", () => {
    const names = Discovery.merge(scripted("a#2"), scripted("a"), scripted("a")).sources?.map(({ name }) => name)
    assert.deepStrictEqual(names, ["a#2", "a", "a#3"])
  })

  it.effect("of nothing is empty: nobody, and that is final", () =>
    Effect.gen(function* () {
      for (const source of [Discovery.merge(), Discovery.empty, Discovery.merge(Discovery.empty, Discovery.merge())]) {
        const { lines } = yield* record(source)
        assert.deepStrictEqual(lines, ["0 empty: nobody", "0 end"])
      }
    })
  )

  it.effect("of one source supervises it", () =>
    Effect.gen(function* () {
      const merged = Discovery.merge(scripted("a", [[0, "breaks"]], [[0, ["b@rosa"]]]))
      assert.strictEqual(merged.name, "a")
      const { lines } = yield* record(merged)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(lines, ["0 a: ! discovery a: no answer", "250 a: b@rosa", "250 end"])
    })
  )

  it.effect("lets every source withdraw when its reader goes", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const announcing = (name: string) =>
        Discovery.make({
          name,
          looks: () =>
            Stream.unwrap(
              Effect.acquireRelease(
                Effect.sync(() => log.push(`${name} announces`)),
                () => Effect.sync(() => log.push(`${name} withdraws`))
              ).pipe(Effect.as(Stream.concat(Stream.succeed(found()), Stream.never)))
            )
        })
      const { fiber } = yield* record(Discovery.merge(announcing("a"), announcing("b")))
      assert.deepStrictEqual(log, ["a announces", "b announces"])
      yield* Fiber.interrupt(fiber)
      assert.sameMembers(log.slice(2), ["a withdraws", "b withdraws"])
    })
  )

  it.effect("withdraws before it announces again after a break", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const a = Discovery.make({
        name: "a",
        looks: () =>
          Stream.unwrap(
            Effect.acquireRelease(
              Effect.sync(() => log.push("announces")),
              () => Effect.sync(() => log.push("withdraws"))
            ).pipe(Effect.as(Stream.concat(Stream.succeed(found()), Stream.die("a bug"))))
          )
      })
      yield* record(Discovery.merge(a))
      yield* TestClock.adjust(250)
      assert.deepStrictEqual(log, ["announces", "withdraws", "announces", "withdraws"])
    })
  )

  it.effect("runs twice at once without anything shared", () =>
    Effect.gen(function* () {
      const a = Discovery.make({
        name: "a",
        looks: ({ self }) =>
          Stream.concat(
            Stream.succeed(found(self.name)),
            self.name === "a@rosa" ? Stream.die("only here") : Stream.never
          )
      })
      const merged = Discovery.merge(a, Discovery.empty)
      const here = yield* record(merged)
      const there = yield* record(merged, { ...context, self: { ...context.self, name: "z@rosa" as never } })
      yield* TestClock.adjust(250)
      assert.deepStrictEqual(
        here.lines.map((line) => line.split(": ")[1]),
        ["a@rosa", "! discovery a", "a@rosa", "! discovery a"]
      )
      assert.deepStrictEqual(there.lines, ["0 a: z@rosa"])
    })
  )
})
