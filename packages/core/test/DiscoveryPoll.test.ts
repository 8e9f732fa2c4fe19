import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Discovery from "../src/Discovery.ts"
import * as Peer from "../src/Peer.ts"
import { context, peer, record } from "./support/looks.ts"

type Lookup = Effect.Effect<ReadonlyArray<Peer.Peer>, unknown>

const polling = (
  lookup: Lookup,
  options?: { readonly interval?: Duration.Input; readonly timeout?: Duration.Input }
): Discovery.Source => Discovery.poll({ name: "poll", lookup: () => lookup, ...options })

/** One lookup after the other, the last one again and again. */
const inTurn = (...lookups: ReadonlyArray<Lookup>): Lookup => {
  let count = 0
  return Effect.suspend(() => lookups[Math.min(count++, lookups.length - 1)] ?? Effect.succeed([]))
}

const finds = (...texts: ReadonlyArray<string>): Lookup => Effect.succeed(texts.map(peer))

const refreshing = (interval: Duration.Input) =>
  Effect.provideService(Discovery.RefreshInterval, Duration.fromInputUnsafe(interval))

describe("poll", () => {
  it.effect("looks at once and then every refresh interval, which is 5 seconds", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(inTurn(finds("b@rosa"), finds("b@rosa", "c@rosa"), finds())))
      assert.deepStrictEqual(lines, ["0 poll: b@rosa"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(lines.slice(1), ["5000 poll: b@rosa c@rosa", "10000 poll: nobody"])
    })
  )

  it.effect("takes the refresh interval of whoever runs it", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(finds())).pipe(refreshing("1 minute"))
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(lines, ["0 poll: nobody", "60000 poll: nobody", "120000 poll: nobody"])
    })
  )

  it.effect("prefers its own interval", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(finds(), { interval: "1 second" })).pipe(refreshing(Duration.infinity))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(lines, ["0 poll: nobody", "1000 poll: nobody", "2000 poll: nobody"])
    })
  )

  it.effect("counts the interval from the end of a look", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(Effect.delay(finds(), "2 seconds")))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(lines, ["2000 poll: nobody", "9000 poll: nobody", "16000 poll: nobody"])
    })
  )

  it.effect("spreads the intervals by a fifth", () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const lookup = Effect.andThen(
        Effect.map(
          TestClock.testClockWith((clock) => clock.currentTimeMillis),
          (now) => times.push(now)
        ),
        finds()
      )
      yield* Stream.runDrain(polling(lookup, { interval: "1 second" }).looks(context)).pipe(
        Effect.delay(1),
        Random.withSeed("poll"),
        Effect.forkScoped
      )
      yield* TestClock.adjust("2 minutes")
      const intervals = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      assert.isAbove(intervals.length, 90)
      assert.isAtLeast(Math.min(...intervals), 800)
      assert.isAtMost(Math.min(...intervals), 850)
      assert.isAtLeast(Math.max(...intervals), 1150)
      assert.isAtMost(Math.max(...intervals), 1200)
    })
  )

  it.effect("with an interval of infinity looks until the first success, with backoff, and ends", () =>
    Effect.gen(function* () {
      const lookup = inTurn(Effect.fail("one"), Effect.fail("two"), Effect.fail("three"), finds("b@rosa"))
      const { lines } = yield* record(polling(lookup)).pipe(refreshing(Duration.infinity))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(lines, [
        "0 poll: ! discovery poll: one",
        "250 poll: ! discovery poll: two",
        "750 poll: ! discovery poll: three",
        "1750 poll: b@rosa",
        "1750 end"
      ])
    })
  )

  it.effect("with an interval of infinity never pauses for more than 30 seconds", () =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(Effect.fail("no"), { interval: "Infinity" }))
      yield* TestClock.adjust("10 minutes")
      const times = lines.map((line) => Number(line.split(" ")[0]))
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      assert.deepStrictEqual(pauses.slice(0, 8), [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000])
      assert.isTrue(pauses.slice(7).every((pause) => pause === 30_000))
    })
  )

  it.effect.each([
    { what: "a failure", lookup: Effect.fail(new Error("refused")), says: "refused" },
    { what: "a failure that is a text", lookup: Effect.fail("refused"), says: "refused" },
    { what: "a failure that is a record", lookup: Effect.fail({ code: 7 }), says: `{"code":7}` },
    { what: "a failure without a message", lookup: Effect.fail(new TypeError()), says: "TypeError" },
    { what: "a defect", lookup: Effect.die(new Error("a bug")), says: "a bug" },
    { what: "an interruption of its own", lookup: Effect.interrupt, says: "it interrupted itself" }
  ])("says Unknown for $what, and looks again", ({ lookup, says }) =>
    Effect.gen(function* () {
      const { lines } = yield* record(polling(inTurn(lookup, finds("b@rosa"))))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(lines, [`0 poll: ! discovery poll: ${says}`, "5000 poll: b@rosa"])
    })
  )

  it.effect("says Unknown when the lookup throws before it is an effect", () =>
    Effect.gen(function* () {
      const source = Discovery.poll({
        name: "poll",
        lookup: () => {
          throw new Error("a bug")
        }
      })
      assert.deepStrictEqual((yield* record(source)).lines, ["0 poll: ! discovery poll: a bug"])
    })
  )

  it.effect("keeps what failed as the cause", () =>
    Effect.gen(function* () {
      const refused = new Error("refused")
      const { looks } = yield* record(polling(Effect.fail(refused)))
      const [look] = looks
      assert.isTrue(look?._tag === "Unknown" && look.error.reason._tag === "LookFailed")
      if (look?._tag === "Unknown" && look.error.reason._tag === "LookFailed") {
        assert.strictEqual(look.error.reason.cause, refused)
      }
    })
  )

  it.effect("keeps a DiscoveryError, and puts its name to a bare reason", () =>
    Effect.gen(function* () {
      const reason = new Discovery.EntryInvalid({ entry: "?", expected: "a name" })
      const whole = new Discovery.DiscoveryError({ source: "inner", reason })
      const { looks } = yield* record(polling(inTurn(Effect.fail(whole), Effect.fail(reason))))
      yield* TestClock.adjust("5 seconds")
      const errors = looks.map((look) => (look._tag === "Unknown" ? [look.error.source, look.error.reason] : []))
      assert.deepStrictEqual(errors, [
        ["inner", reason],
        ["poll", reason]
      ])
    })
  )

  it.effect("says in one word why a look failed, where it is known", () =>
    Effect.gen(function* () {
      const mine = new Discovery.LookFailed({ detail: "the shelf is gone", code: "no_shelf" })
      const invalid = new Discovery.EntryInvalid({ entry: "?", expected: "a name" })
      const source = polling(inTurn(Effect.fail(mine), Effect.fail(invalid), Effect.never, Effect.fail("SERVFAIL")))
      const { looks } = yield* record(source)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        looks.slice(0, 4).map((look) => (look._tag === "Unknown" ? look.error.code : "?")),
        ["no_shelf", "entry_invalid", "no_answer", undefined]
      )
    })
  )

  it.effect("gives a look 5 seconds, or its own timeout, and interrupts it then", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const stuck = Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("interrupted")))
      const slow = yield* record(polling(inTurn(stuck, finds("b@rosa"))))
      const quick = yield* record(polling(inTurn(stuck, finds("b@rosa")), { timeout: "1 second" }))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(slow.lines, [
        "5000 poll: ! discovery poll: no answer within 5000 ms",
        "10000 poll: b@rosa"
      ])
      assert.deepStrictEqual(quick.lines.slice(0, 2), [
        "1000 poll: ! discovery poll: no answer within 1000 ms",
        "6000 poll: b@rosa"
      ])
      assert.deepStrictEqual(log, ["interrupted", "interrupted"])
    })
  )

  it.effect("ends a look in flight and runs its finalizers when its reader goes", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const stuck = Effect.acquireUseRelease(
        Effect.sync(() => log.push("open")),
        () => Effect.never,
        () => Effect.sync(() => log.push("closed"))
      )
      const { fiber, lines } = yield* record(polling(stuck))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["open", "closed"])
      assert.deepStrictEqual(lines, [])
    })
  )

  it.effect("hands its node and its keys to the lookup", () =>
    Effect.gen(function* () {
      const source = Discovery.poll({
        name: "poll",
        lookup: (self, { key }) => Effect.succeed(key("udp")._tag === "None" ? [Peer.fromName(self.name)] : [])
      })
      assert.deepStrictEqual((yield* record(source)).lines, ["0 poll: a@rosa"])
    })
  )
})
