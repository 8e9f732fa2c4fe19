import { assert, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import { Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const hex = (key: Redacted.Redacted<Uint8Array>) => Buffer.from(Redacted.value(key)).toString("hex")

it.effect("a source gets a key from each active cookie, the one to send with first", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1 })
    let context: Discovery.DiscoveryContext | undefined
    const source = Discovery.make({
      name: "curious",
      looks: (given) => {
        context = given
        return Stream.succeed(Discovery.peers([]))
      }
    })
    const cookie = `hex:${Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString("hex")}`
    yield* Cluster.make({
      cluster: "orders-prod",
      node: "a@h",
      cookie: [
        { label: "k0", cookie },
        { label: "k1", cookie: `hex:${"00".repeat(32)}` }
      ]
    }).pipe(
      Effect.provideService(Transport, network.transport("h", { port: 4370 })),
      Effect.provideService(Discovery.Discovery, source)
    )
    yield* TestClock.adjust("1 millis")
    const keys = context?.keys("udp") ?? []
    assert.deepStrictEqual(
      keys.map(({ label }) => label),
      ["k0", "k1"]
    )
    // K_udp of the first vector in core's gch1.json.
    assert.strictEqual(hex(keys[0]!.key), "adf8f2e28d4a9e718e0c32bc4ede0c1734ae53a81092ca8d04d17ea3d521efae")
    assert.notStrictEqual(hex(keys[1]!.key), hex(keys[0]!.key))
    assert.deepStrictEqual(Option.map(context!.key("udp"), hex), Option.some(hex(keys[0]!.key)))
    assert.notStrictEqual(hex(context!.keys("other")[0]!.key), hex(keys[0]!.key))
  })
)
