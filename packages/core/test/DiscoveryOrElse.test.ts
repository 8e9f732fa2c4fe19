import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { pipe } from "effect/Function"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Discovery from "../src/Discovery.ts"
import { collect, found, record, scripted, type Step } from "./support/looks.ts"

const forever: Step = [0, "waits"]

const neverRun = Discovery.make({
  name: "b",
  looks: () => {
    throw new Error("the fallback was run")
  }
})

describe("orElse", () => {
  it.effect("is its first source while that looks well, and never runs the second", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, ["c@rosa"]], [10, ["d@rosa"]], forever])
      const { lines } = yield* record(Discovery.orElse(a, neverRun))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 a|b: c@rosa", "10 a|b: d@rosa"])
    })
  )

  it.effect("lets the second stand in while the first fails", () =>
    Effect.gen(function* () {
      const a = scripted("a", [
        [0, ["c@rosa"]],
        [10, "failed"],
        [10, "failed"],
        [10, ["d@rosa"]],
        [10, "failed"],
        forever
      ])
      const b = scripted("b", [[5, ["e@rosa"]], [10, ["f@rosa"]], [10, ["g@rosa"]], forever])
      const { lines } = yield* record(Discovery.orElse(a, b))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [
        "0 a|b: c@rosa",
        "10 a|b: ! discovery a: no answer",
        "15 a|b: e@rosa",
        "25 a|b: f@rosa",
        "30 a|b: d@rosa",
        "40 a|b: g@rosa"
      ])
    })
  )

  it.effect("takes a break for a failure, and runs the broken source again", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, "breaks"]], [[0, ["c@rosa"]], forever])
      const { lines } = yield* record(Discovery.orElse(a, scripted("b", [[0, ["d@rosa"]], forever])))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 a|b: ! discovery a: no answer", "0 a|b: d@rosa", "250 a|b: c@rosa"])
    })
  )

  it.effect("goes on after the second has ended, for the first may come back", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, "failed"], [1000, ["c@rosa"]], forever])
      const { lines } = yield* record(Discovery.orElse(a, scripted("b", [[0, ["d@rosa"]]])))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["0 a|b: ! discovery a: no answer", "0 a|b: d@rosa", "1000 a|b: c@rosa"])
    })
  )

  it.effect("ends when the first ended with a good look, and the second withdraws", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const b = Discovery.make({
        name: "b",
        looks: () => Stream.never.pipe(Stream.ensuring(Effect.sync(() => log.push("withdrawn"))))
      })
      const { lines } = yield* record(
        Discovery.orElse(
          scripted("a", [
            [0, "failed"],
            [10, ["c@rosa"]]
          ]),
          b
        )
      )
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(lines, ["0 a|b: ! discovery a: no answer", "10 a|b: c@rosa", "10 end"])
      assert.deepStrictEqual(log, ["withdrawn"])
    })
  )

  it.effect("ends with the second when the first ended without a good look", () =>
    Effect.gen(function* () {
      const b = scripted("b", [[10, ["c@rosa"]]])
      const failing = yield* record(Discovery.orElse(scripted("a", [[0, "failed"]]), b))
      const silent = yield* record(Discovery.orElse(scripted("a", []), b))
      yield* TestClock.adjust(20)
      assert.deepStrictEqual(failing.lines, ["0 a|b: ! discovery a: no answer", "10 a|b: c@rosa", "10 end"])
      assert.deepStrictEqual(silent.lines, ["10 a|b: c@rosa", "10 end"])
    })
  )

  it.effect("knows nothing while both fail", () =>
    Effect.gen(function* () {
      const a = scripted("a", [[0, "failed"], forever])
      const b = scripted("b", [[0, "failed"], [10, ["c@rosa"]], [10, "failed"], forever])
      const { lines } = yield* record(Discovery.orElse(a, b))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [
        "0 a|b: ! discovery a: no answer",
        "0 a|b: ! discovery b: no answer",
        "10 a|b: c@rosa",
        "20 a|b: ! discovery b: no answer"
      ])
    })
  )

  it.effect("takes a merged source for one: its set is the union, and it fails when none of its sources knows", () =>
    Effect.gen(function* () {
      const a = Discovery.merge(
        scripted("a", [[0, ["c@rosa", "d@rosa"]], [10, "failed"], forever]),
        scripted("a", [[0, ["d@rosa"]], [20, "failed"], forever])
      )
      const { lines } = yield* record(Discovery.orElse(a, scripted("b", [[0, ["e@rosa"]], forever])))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, [
        "0 a+a#2|b: c@rosa d@rosa",
        "0 a+a#2|b: c@rosa d@rosa",
        "20 a+a#2|b: ! discovery a#2: no answer",
        "20 a+a#2|b: e@rosa"
      ])
    })
  )

  it.effect("takes an empty first source for a good look", () =>
    Effect.gen(function* () {
      const looks = yield* collect(Discovery.orElse(Discovery.empty, neverRun))
      assert.deepStrictEqual(looks, [{ _tag: "Peers", source: "empty|b", peers: [] }])
    })
  )

  it.effect("is one source in a merge", () =>
    Effect.gen(function* () {
      const either = pipe(scripted("a", [[0, "failed"]]), Discovery.orElse(scripted("b", [[0, ["c@rosa"]]])))
      const merged = Discovery.merge(either, scripted("d", [[0, ["e@rosa"]]]))
      assert.deepStrictEqual(
        merged.sources?.map(({ name }) => name),
        ["a|b", "d"]
      )
      const { lines } = yield* record(merged)
      assert.sameMembers(lines, ["0 a|b: ! discovery a: no answer", "0 a|b: c@rosa", "0 d: e@rosa", "0 end"])
    })
  )

  it.effect("lets both withdraw when its reader goes", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const announcing = (name: string, look: Discovery.Look) =>
        Discovery.make({
          name,
          looks: () =>
            Stream.concat(Stream.succeed(look), Stream.never).pipe(
              Stream.ensuring(Effect.sync(() => log.push(`${name} withdraws`)))
            )
        })
      const failing = Discovery.unknown(
        new Discovery.DiscoveryError({ source: "a", reason: new Discovery.LookFailed({ detail: "no" }) })
      )
      const { fiber } = yield* record(Discovery.orElse(announcing("a", failing), announcing("b", found("c@rosa"))))
      yield* Fiber.interrupt(fiber)
      assert.sameMembers(log, ["a withdraws", "b withdraws"])
    })
  )

  it.effect("runs twice at once without anything shared", () =>
    Effect.gen(function* () {
      const a = Discovery.make({ name: "a", looks: () => Stream.fail(failure) })
      const either = Discovery.orElse(a, scripted("b", [[0, ["c@rosa"]], forever], [[10, ["d@rosa"]], forever]))
      const first = yield* record(either)
      const second = yield* record(either)
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(first.lines, ["0 a|b: ! discovery a: no", "0 a|b: c@rosa"])
      assert.deepStrictEqual(second.lines, ["0 a|b: ! discovery a: no", "10 a|b: d@rosa"])
    })
  )
})

const failure = new Discovery.DiscoveryError({ source: "a", reason: new Discovery.LookFailed({ detail: "no" }) })
