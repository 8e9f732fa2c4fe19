import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { beaconOf, contextOf, freeGroup, tap } from "./support/network.ts"
import { play } from "./support/playing.ts"
import { codeOf, run, textOf, until, untilLook } from "./support/running.ts"

const b = "b@127.0.0.1 at tcp://127.0.0.1:4370"
const c = "c@127.0.0.1 at tcp://127.0.0.1:4370"

const listening = (options?: Gossip.Options) => play(options, false)

describe("a node that only listens", () => {
  it.effect("sends nothing, neither in its time nor to newcomers", () =>
    Effect.gen(function* () {
      const { packet, said, sentAt } = yield* listening()
      packet("b")
      yield* TestClock.adjust("1 minute")
      packet("c")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(sentAt, [])
      assert.deepStrictEqual(said()[0], b)
    })
  )

  it.effect("fails its look once when nobody spoke for the longest interval, and looks when somebody does", () =>
    Effect.gen(function* () {
      const { looks, packet, said } = yield* listening()
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(said(), [])
      yield* TestClock.adjust("1 second")
      assert.lengthOf(said(), 1)
      assert.include(said()[0], "unknown: discovery gossip: nothing was heard for 5 s, and this node only listens")
      assert.deepStrictEqual(looks.map(codeOf), ["nobody_heard"])
      assert.include(said()[0], "nobody announces itself there, or multicast to 230.1.1.251 port 45892 does not get")
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf(said(), 1)
      packet("b")
      yield* TestClock.adjust("10 millis")
      assert.deepStrictEqual(said().slice(1), [b])
    })
  )

  it.effect("says what came instead", () =>
    Effect.gen(function* () {
      const { looks, packet, said } = yield* listening()
      packet("stranger")
      yield* TestClock.adjust("6 seconds")
      assert.include(said()[0], "no node of this cluster was heard for 5 s, but beacons made with another cookie")
      assert.deepStrictEqual(looks.map(codeOf), ["wrong_cookie"])
    })
  )

  it.effect(
    "forgets one of two who is silent for a lifetime, and keeps the last one, of whom it knows nothing more",
    () =>
      Effect.gen(function* () {
        const { packet, said } = yield* listening()
        packet("b")
        for (let second = 0; second < 32; second++) {
          packet("c")
          yield* TestClock.adjust("1 second")
        }
        assert.deepStrictEqual(said(), [`${b}, ${c}`, c])
        yield* TestClock.adjust("28 seconds")
        assert.lengthOf(said(), 2)
        yield* TestClock.adjust("10 minutes")
        assert.lengthOf(said(), 3)
        assert.include(said()[2], "unknown: discovery gossip: nothing was heard for 30 s")
        packet("c")
        yield* TestClock.adjust("10 millis")
        assert.strictEqual(said()[3], c)
      })
  )

  it.live("is heard by nobody on the network, and finds who announces itself there", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const heard = yield* tap(group)
      const source = yield* Gossip.make({ ...group, interval: "20 millis" })
      const listener = yield* run(source, { ...contextOf("o"), announce: false })
      const node = yield* run(source, contextOf("a", { port: 7 }))
      yield* untilLook(listener, "a@127.0.0.1 at tcp://127.0.0.1:7")
      const known = () => heard.packets.length
      yield* until("20 beacons", () => known() > 20)
      yield* node.stop
      yield* Effect.sleep("50 millis")
      const before = known()
      // A newcomer, whom every node that announces itself answers at once.
      heard.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* until("b", () => textOf(listener.looks.at(-1)).includes("b@127.0.0.1 at tcp://h:1"))
      yield* Effect.sleep("200 millis")
      assert.strictEqual(known(), before + 1, "b's own beacon and no other")
      assert.deepStrictEqual(
        node.looks.filter((look) => textOf(look).includes("o@")),
        []
      )
    })
  )

  it.live("opens nothing to send from", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const heard = yield* tap(group)
      const running = yield* run(yield* Gossip.make(group), { ...contextOf("o"), announce: false })
      heard.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* until("b", () => running.looks.length > 0)
      const sockets = process.getActiveResourcesInfo().filter((kind) => kind === "UDPWrap")
      assert.lengthOf(sockets, 2, "the tap and the receiver")
    })
  )
})
