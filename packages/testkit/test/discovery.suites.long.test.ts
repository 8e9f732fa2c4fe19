import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import { TestDiscovery } from "@gc/testkit"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as NodeName from "@gc/core/NodeName"
import { registryWorld } from "./support/registry.ts"

const peers = [
  Peer.fromAddress(Address.parseUnsafe("tcp://127.0.0.1:4371")),
  Peer.fromName(NodeName.make("b@rosa")),
  { address: Address.parseUnsafe("memory://c:1"), name: NodeName.make("c@rosa") }
] as const

discoverySuite("a registry", registryWorld(peers), {
  peers,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: true,
  meets: true,
  polls: true
})

discoverySuite(
  "TestDiscovery",
  Effect.map(TestDiscovery.make({ peers }), ({ announced, fail, layer, set }) => ({
    layer,
    set,
    fail: fail("the test says so"),
    announced: Effect.map(announced, (nodes) => nodes.length)
  })),
  { peers, ends: false, changes: true, fails: true, announces: true, polls: false }
)

discoverySuite("TestDiscovery that says one set", TestDiscovery.layer(peers), {
  peers,
  ends: false,
  changes: false,
  fails: false,
  announces: false,
  polls: false
})

discoverySuite(
  "TestDiscovery that has ended",
  Effect.flatMap(TestDiscovery.make({ peers }), (test) => Effect.as(test.end, { layer: test.layer })),
  { peers, ends: true, changes: false, fails: false, announces: false, polls: false }
)
