import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { play } from "./support/playing.ts"
import { codeOf } from "./support/running.ts"

const b = "b@127.0.0.1 at tcp://127.0.0.1:4370"
const c = "c@127.0.0.1 at tcp://127.0.0.1:4370"

describe("beacons", () => {
  it.effect("go out at once, then between 1 and 5000 ms apart, as libcluster's do", () =>
    Effect.gen(function* () {
      const { sentAt } = yield* play()
      assert.strictEqual(sentAt[0], 0, "the first one waits for nothing")
      yield* TestClock.adjust("50 minutes")
      const gaps = sentAt.slice(1).map((at, index) => at - sentAt[index]!)
      assert.isAbove(gaps.length, 1_000)
      assert.isAtMost(Math.max(...gaps), 5_000)
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
      assert.isTrue(mean > 2_300 && mean < 2_700, `mean ${mean}`)
      assert.isBelow(Math.min(...gaps), 100)
    })
  )

  it.effect("have the interval that is asked for, with a jitter of a fifth", () =>
    Effect.gen(function* () {
      const { sentAt } = yield* play({ interval: "10 seconds" })
      yield* TestClock.adjust("1 hour")
      const gaps = sentAt.slice(2).map((at, index) => at - sentAt[index + 1]!)
      assert.isTrue(gaps.every((gap) => gap >= 7_999 && gap <= 12_001))
      assert.isAbove(new Set(gaps).size, 50)
    })
  )

  it.effect("answer newcomers at once, and at most every 50 ms", () =>
    Effect.gen(function* () {
      const { packet, sentAt } = yield* play({ interval: "1 hour" })
      const begun = sentAt[0]!
      packet("b")
      yield* TestClock.adjust("1 millis")
      assert.lengthOf(sentAt, 2)
      for (const name of ["c", "d", "e"]) {
        packet(name)
        yield* TestClock.adjust("10 millis")
      }
      yield* TestClock.adjust("200 millis")
      assert.deepStrictEqual(
        sentAt.map((at) => at - begun),
        [0, 5, 55]
      )
      packet("b")
      yield* TestClock.adjust("200 millis")
      assert.lengthOf(sentAt, 3, "who is known gets no answer")
    })
  )
})

describe("looks", () => {
  it.effect("gather what comes within 10 ms", () =>
    Effect.gen(function* () {
      const { packet, said } = yield* play()
      packet("b")
      yield* TestClock.adjust("5 millis")
      packet("c")
      assert.deepStrictEqual(said(), [])
      yield* TestClock.adjust("5 millis")
      assert.deepStrictEqual(said(), [`${b}, ${c}`])
    })
  )

  it.effect("say that there is nobody after the longest interval, not before", () =>
    Effect.gen(function* () {
      const { said } = yield* play()
      yield* TestClock.adjust("4900 millis")
      assert.deepStrictEqual(said(), [])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(said(), [""])
    })
  )

  it.effect("forget who is silent for a lifetime, and nobody else", () =>
    Effect.gen(function* () {
      const { packet, said } = yield* play()
      packet("b")
      for (let second = 0; second < 29; second++) {
        packet("c")
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(said(), [`${b}, ${c}`])
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(said(), [`${b}, ${c}`, c])
    })
  )

  it.effect("forget nobody while more comes than can be looked at", () =>
    Effect.gen(function* () {
      const { packet, said } = yield* play()
      packet("b")
      for (let second = 0; second < 120; second++) {
        packet("flood")
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(said(), [b])
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(said(), [b, ""])
    })
  )
})

describe("a network that carries nothing", () => {
  it.effect("keeps everybody, and is one failed look that says what to do", () =>
    Effect.gen(function* () {
      const { looks, network, packet, said } = yield* play()
      packet("b")
      yield* TestClock.adjust("1 second")
      network.loops = false
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf(said(), 2)
      assert.strictEqual(said()[0], b)
      assert.match(
        said()[1] ?? "",
        /nothing was heard for 30 s, not even this node's own beacons.*multicast to 230\.1\.1\.251 port 45892.*broadcastOnly: true/
      )
      assert.deepStrictEqual(looks.map(codeOf), [undefined, "no_multicast"])
      network.loops = true
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(said()[2], b, "what was known before is said again")
      yield* TestClock.adjust("20 seconds")
      assert.lengthOf(said(), 3, "everybody has a lifetime from then on")
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(said().slice(3), [""])
    })
  )

  it.effect("for a while only, forgets nobody for that while", () =>
    Effect.gen(function* () {
      const { network, packet, said } = yield* play()
      packet("b")
      yield* TestClock.adjust("8 seconds")
      network.loops = false
      yield* TestClock.adjust("20 seconds")
      network.loops = true
      yield* TestClock.adjust("25 seconds")
      assert.deepStrictEqual(said(), [b])
    })
  )

  it.effect("of this node's own, but of others': who is silent then is forgotten", () =>
    Effect.gen(function* () {
      const { network, packet, said } = yield* play()
      network.loops = false
      packet("b")
      for (let second = 0; second < 40; second++) {
        packet("c")
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(said(), [`${b}, ${c}`, c])
    })
  )

  it.effect("because it is not there yet is tried again, more and more seldom, and said once", () =>
    Effect.gen(function* () {
      const { looks, network, packet, said, scans, sentAt } = yield* play({ multicastIf: "eth7" })
      network.scan = { joined: 0, problems: ["no interface eth7"] }
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(said(), [
        "unknown: discovery gossip: no network for 230.1.1.251 yet (no interface eth7); it is tried again"
      ])
      assert.deepStrictEqual(looks.map(codeOf), ["no_multicast"])
      const gaps = scans.slice(2).map((at, index) => at - scans[index + 1]!)
      assert.isAtMost(Math.max(...gaps), 3_601)
      const sent = sentAt.length
      network.scan = { joined: 1, problems: [] }
      yield* TestClock.adjust("4 seconds")
      assert.isAbove(sentAt.length, sent, "a beacon goes out as soon as it is there")
      packet("b")
      yield* TestClock.adjust("20 millis")
      assert.strictEqual(said().at(-1), b)
    })
  )

  it.effect("because the port is taken, or the socket breaks, is opened again", () =>
    Effect.gen(function* () {
      const { breaks, looks, network, opened, packet, said } = yield* play()
      packet("b")
      yield* TestClock.adjust("20 millis")
      network.binds = false
      breaks()
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(said(), [b, "unknown: discovery gossip: the socket broke (EBADF); it is tried again"])
      assert.deepStrictEqual(looks.map(codeOf), [undefined, "cannot_listen"])
      assert.isTrue(opened.length > 15 && opened.length < 40, `${opened.length} tries`)
      network.binds = true
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(said().at(-1), b)
      assert.lengthOf(said(), 3)
    })
  )
})
