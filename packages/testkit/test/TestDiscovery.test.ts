import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import type { DiscoveryContext } from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import { TestDiscovery } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

const [a, b] = [1, 2].map((port) => Peer.fromAddress(Address.make("memory", "a", port))) as [Peer.Peer, Peer.Peer]

const context: DiscoveryContext = {
  self: { cluster: "c", name: NodeName.make("a@a"), instance: "0".repeat(32), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => []
}

/** What a node hears, as text. */
const listen = (discovery: TestDiscovery.TestDiscovery) =>
  discovery.source.looks(context).pipe(
    Stream.map((look) =>
      look._tag === "Peers" ? look.peers.map(Peer.format).join() : `${look.error.source}: ${look.error.reason._tag}`
    ),
    Stream.runCollect,
    Effect.forkChild
  )

describe("TestDiscovery", () => {
  it.effect("says what the test says, to every node that runs it", () =>
    Effect.gen(function* () {
      const discovery = yield* TestDiscovery.make()
      const nodes = [yield* listen(discovery), yield* listen(discovery)]
      yield* discovery.awaitRunning(2)
      assert.lengthOf(yield* discovery.running, 2)
      yield* discovery.set([a])
      yield* discovery.fail("no answer")
      yield* discovery.set([a, b])
      yield* discovery.end
      for (const node of nodes) {
        const [first, second, third, ...rest] = yield* Fiber.join(node)
        assert.deepStrictEqual(
          [first, second, third],
          ["memory://a:1", "test: LookFailed", "memory://a:1,memory://a:2"]
        )
        assert.lengthOf(rest, 0)
      }
      assert.lengthOf(yield* discovery.running, 0)
    })
  )

  it.effect("breaks the streams that run, and says its last look to the next", () =>
    Effect.gen(function* () {
      const discovery = yield* TestDiscovery.make({ name: "registry", peers: [a] })
      const broken = yield* listen(discovery)
      yield* discovery.awaitRunning(1)
      yield* discovery.break("the socket is gone")
      const error = yield* Effect.flip(Fiber.join(broken))
      assert.strictEqual(error.reason._tag, "SourceBroken")
      assert.strictEqual(error.message, "discovery registry: the socket is gone")
      const next = yield* listen(discovery)
      yield* discovery.awaitRunning(1)
      yield* discovery.end
      assert.deepStrictEqual(yield* Fiber.join(next), ["memory://a:1"])
    })
  )
})
