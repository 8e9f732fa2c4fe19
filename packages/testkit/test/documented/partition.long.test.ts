import { assert, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import { SeededEntropy, SimulatedNetwork, TestDiscovery } from "@gc/testkit"
import { Entropy } from "@gc/core/Entropy"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

const hosts = ["a", "b", "c"]

it.effect("a partition is seen by both sides, and healed", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ latency: "1 millis", seed: 1 })
    const peers = hosts.map((host) => Peer.fromAddress(Address.make("memory", host, 4370)))
    const list = yield* TestDiscovery.make({ peers })
    const nodes = yield* Effect.forEach(hosts, (host) =>
      Cluster.make({ cluster: "test", node: `node@${host}`, cookie: `hex:${"00".repeat(32)}` }).pipe(
        Effect.provideService(Transport, network.transport(host, { port: 4370 })),
        Effect.provideService(Discovery.Discovery, list.source),
        Effect.provideService(Entropy, SeededEntropy.make(host))
      )
    )
    const sizes = Effect.forEach(nodes, (node) => Effect.map(node.members, (members) => members.length))

    yield* TestClock.adjust("5 seconds")
    assert.deepStrictEqual(yield* sizes, [3, 3, 3])

    yield* network.partition([["a"], ["b", "c"]])
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual(yield* sizes, [1, 2, 2])

    yield* network.heal
    yield* TestClock.adjust("40 seconds")
    assert.deepStrictEqual(yield* sizes, [3, 3, 3])
  })
)
