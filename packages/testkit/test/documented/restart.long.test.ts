import { assert, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import { Entropy } from "@gc/core/Entropy"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import { SeededEntropy, SimulatedNetwork, TestDiscovery } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

const peers = ["a", "b"].map((host) => Peer.fromAddress(Address.make("memory", host, 4370)))

it.effect("a node that is killed is missed, and is welcome again", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ latency: "1 millis", seed: 1 })
    const list = yield* TestDiscovery.make({ peers })
    const start = (host: string, life: number) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
        return yield* Cluster.make({ cluster: "test", node: `node@${host}`, cookie: `hex:${"00".repeat(32)}` }).pipe(
          Effect.provideService(Transport, network.transport(host, { port: 4370 })),
          Effect.provideService(Discovery.Discovery, list.source),
          Effect.provideService(Entropy, SeededEntropy.make(`${host} ${life}`)),
          Scope.provide(scope)
        )
      })

    const a = yield* start("a", 1)
    yield* start("b", 1)
    yield* TestClock.adjust("5 seconds")
    assert.lengthOf(yield* a.members, 2)

    yield* network.kill("b")
    yield* TestClock.adjust("10 seconds")
    assert.lengthOf(yield* a.members, 1)

    yield* network.restart("b")
    yield* start("b", 2)
    yield* TestClock.adjust("30 seconds")
    assert.lengthOf(yield* a.members, 2)
  })
)
