import { assert, describe, it } from "@effect/vitest"
import type * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Static from "@gc/discovery-static"
import { TestConfiguration } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

const plugins = { discovery: [Static.plugin] }

const context: Discovery.DiscoveryContext = {
  self: { cluster: "test", name: NodeName.make("a@rosa"), instance: "00".repeat(16), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => []
}

/** Whom the configured source finds. */
const found = (configuration: Configuration.Configuration) =>
  Effect.gen(function* () {
    const source = yield* Discovery.Discovery
    const looks = yield* Stream.runCollect(source.looks(context))
    return looks.flatMap((look) => (look._tag === "Peers" ? look.peers.map(Peer.format) : []))
  }).pipe(Effect.provide(TestConfiguration.discovery(configuration)))

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const { discoveries } = yield* TestConfiguration.fromFile(
        plugins,
        TestConfiguration.sample(new URL("../README.md", import.meta.url))
      )
      assert.deepStrictEqual(
        discoveries.map(({ settings }) => settings),
        [{ nodes: ["b@10.0.0.7:4371", "c@rosa"] }]
      )
    })
  )

  it.effect.each<readonly [entry: object, peers: Array<string>]>([
    [{ nodes: [] }, []],
    [
      { nodes: ["b@10.0.0.7:4371", " c@rosa ", "tls://rosa:4372"] },
      ["b@10.0.0.7 at tcp://10.0.0.7:4371", "c@rosa", "tls://rosa:4372"]
    ],
    [{ nodes: ["rosa:443/gc"], protocol: "wss" }, ["wss://rosa:443/gc"]]
  ])("%j is the source", ([entry, peers]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* Effect.flatMap(TestConfiguration.fromFile(plugins, { discovery: { static: entry } }), found),
        peers
      )
    })
  )

  it.effect.each<readonly [entry: unknown, says: ReadonlyArray<string>]>([
    [{}, ['discovery.static.nodes is missing: expected a list of nodes, such as ["b@rosa:4371"]']],
    [{ nodes: "b@rosa" }, ["discovery.static.nodes is a text: expected a list of nodes"]],
    [
      { nodes: ["b@rosa"], node: "a" },
      [
        'discovery.static.node is no setting: expected one of nodes, protocol, package; did you mean "discovery.static.nodes"?'
      ]
    ],
    [
      { nodes: ["b@rosa", "rosa", "tcp://", 7, "rosa:0"] },
      [
        'discovery.static.nodes.1 is "rosa": expected a node name (b@rosa), a name with a port',
        'discovery.static.nodes.2 is "tcp://": expected an address such as tcp://rosa:4371 ("tcp://": the host is empty)',
        "discovery.static.nodes.3 is 7: expected a node name (b@rosa)",
        'discovery.static.nodes.4 is "rosa:0": expected somebody who can be dialed: a port that is not 0'
      ]
    ],
    [
      { nodes: ["rosa:443/gc"] },
      ['discovery.static.nodes.0 is "rosa:443/gc": expected a host with a port such as rosa:4371']
    ],
    [
      { nodes: ["b@rosa:1"], protocol: "t c p" },
      ['discovery.static.protocol is "t c p": expected a protocol that the transport dials, such as "tcp"']
    ]
  ])("%j is refused, and each wrong value is named", ([entry, says]) =>
    Effect.gen(function* () {
      const said = yield* TestConfiguration.problems(
        TestConfiguration.fromFile(plugins, { discovery: { static: entry } })
      )
      assert.lengthOf(said, says.length, said.join("\n"))
      for (const [index, text] of says.entries()) assert.include(said[index], text)
    })
  )
})

describe("the environment", () => {
  it.effect("gives the nodes with commas between them", () =>
    Effect.gen(function* () {
      const env = { GC_DISCOVERY_STATIC_NODES: "rosa:1, c@rosa", GC_DISCOVERY_STATIC_PROTOCOL: "ws" }
      assert.deepStrictEqual(yield* Effect.flatMap(TestConfiguration.fromEnvironment(plugins, env), found), [
        "ws://rosa:1",
        "c@rosa"
      ])
    })
  )

  it.effect("names its variable where a node is wrong", () =>
    Effect.gen(function* () {
      const [said, ...others] = yield* TestConfiguration.problems(
        TestConfiguration.fromEnvironment(plugins, { GC_DISCOVERY_STATIC_NODES: "b@rosa,rosa" })
      )
      assert.deepStrictEqual(others, [])
      assert.match(said ?? "", /^GC_DISCOVERY_STATIC_NODES.* is "rosa": expected a node name/)
    })
  )
})
