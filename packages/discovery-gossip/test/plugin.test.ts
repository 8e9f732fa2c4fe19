import { assert, describe, it } from "@effect/vitest"
import type * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import * as Gossip from "@gc/discovery-gossip"
import { TestConfiguration } from "@gc/testkit"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { contextOf, freeGroup } from "./support/network.ts"
import { run, untilLook } from "./support/running.ts"

const plugins = { discovery: [Gossip.plugin] }

const sourceOf = (configuration: Configuration.Configuration) =>
  Effect.map(Layer.build(TestConfiguration.discovery(configuration)), (services) =>
    Context.get(services, Discovery.Discovery)
  )

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const { discoveries } = yield* TestConfiguration.fromFile(
        plugins,
        TestConfiguration.sample(new URL("../README.md", import.meta.url))
      )
      assert.deepStrictEqual(
        discoveries.map(({ settings }) => settings),
        [{ multicastAddr: "239.1.2.3", multicastIf: ["eth0"] }]
      )
    })
  )

  it.live("is the source", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const gossip = { ...group, ifAddr: "0.0.0.0", multicastTtl: 0, interval: "100 millis", lifetime: "5 seconds" }
      const source = yield* Effect.flatMap(TestConfiguration.fromFile(plugins, { discovery: { gossip } }), sourceOf)
      const nodes = [yield* run(source, contextOf("a", { port: 1 })), yield* run(source, contextOf("b", { port: 2 }))]
      yield* untilLook(nodes[0]!, "b@127.0.0.1 at tcp://127.0.0.1:2")
      yield* untilLook(nodes[1]!, "a@127.0.0.1 at tcp://127.0.0.1:1")
    })
  )

  it.live("takes a secret of libcluster", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const gossip = { ...group, format: "libcluster", secret: "somepassword", insecure: true, interval: "50 millis" }
      const source = yield* Effect.flatMap(TestConfiguration.fromFile(plugins, { discovery: { gossip } }), sourceOf)
      const told = yield* run(source, contextOf("a"))
      yield* run(source, contextOf("b"))
      yield* untilLook(told, "b@127.0.0.1")
    })
  )

  it.effect.each<readonly [entry: object, says: ReadonlyArray<string>]>([
    [{ prot: 1 }, ["prot is no setting: expected one of port, ifAddr,"]],
    [
      {
        port: 0,
        ifAddr: "eth0",
        multicastAddr: "230.1.1",
        multicastTtl: 256,
        multicastIf: [""],
        broadcastOnly: "yes",
        interval: 5,
        lifetime: "2 days",
        format: "elixir",
        insecure: 1
      },
      [
        "port is 0: expected a port from 1 to 65535",
        'ifAddr is "eth0": expected an IPv4 or IPv6 address',
        'multicastAddr is "230.1.1": expected an IPv4 or IPv6 address',
        "multicastTtl is 256: expected a whole number from 0 to 255",
        'multicastIf.0 is "": expected the name or address of an interface',
        'broadcastOnly is "yes": expected true or false',
        "interval is 5: expected a duration of 10 milliseconds to a day",
        'lifetime is "2 days": expected a duration of 10 milliseconds to a day',
        'format is "elixir": expected "gc" or "libcluster"',
        "insecure is 1: expected true or false"
      ]
    ],
    [
      { port: 0, intervall: 1, lifetime: "1 second", secret: "hunter2" },
      [
        "port is 0: expected a port from 1 to 65535",
        "intervall is no setting: expected one of",
        "secret is a text: expected a text with the format"
      ]
    ],
    [
      { multicastAddr: "10.0.0.1", lifetime: "10 seconds", format: "libcluster" },
      [
        'multicastAddr is "10.0.0.1": expected a group, 224.0.0.0 to 239.255.255.255 or ff00::/8, unless broadcastOnly',
        'lifetime is "10 seconds": expected at least 15000 milliseconds: three of the longest intervals',
        'insecure is missing: expected true (format "libcluster" needs insecure: true'
      ]
    ],
    [{ ifAddr: "::" }, ['ifAddr is "::": expected an IPv4 address, as the group is one']],
    [
      { broadcastOnly: true, multicastAddr: "230.1.1.251" },
      ['multicastAddr is "230.1.1.251": expected an IPv4 broadcast']
    ],
    [{ multicastIf: ["all", "eth0"] }, ["multicastIf is a list of 2: expected the name or address of an interface"]]
  ])("%j is refused, and each wrong value is named", ([entry, says]) =>
    Effect.gen(function* () {
      const said = yield* TestConfiguration.problems(
        TestConfiguration.fromFile(plugins, { discovery: { gossip: entry } })
      )
      assert.lengthOf(said, says.length, said.join("\n"))
      for (const text of says) {
        assert.isTrue(
          said.some((each) => each.startsWith(`discovery.gossip.${text}`)),
          `${text}\nin\n${said.join("\n")}`
        )
      }
    })
  )

  it.effect("never shows the secret", () =>
    Effect.gen(function* () {
      const said = [
        ...(yield* TestConfiguration.problems(
          TestConfiguration.fromFile(plugins, { discovery: { gossip: { secret: "hunter2" } } })
        )),
        ...(yield* TestConfiguration.problems(
          TestConfiguration.fromFile(plugins, { discovery: { gossip: { secret: ["hunter2"] } } })
        )),
        ...(yield* TestConfiguration.problems(
          TestConfiguration.fromFile(plugins, { discovery: { gossip: { sercet: "hunter2" } } })
        ))
      ].join("\n")
      assert.include(
        said,
        'discovery.gossip.secret is a text: expected a text with the format "libcluster", and none with "gc"'
      )
      assert.include(said, 'did you mean "discovery.gossip.secret"?')
      assert.notInclude(said, "hunter2")
    })
  )
})

describe("the environment", () => {
  it.effect("gives the source, and names each variable that is wrong", () =>
    Effect.gen(function* () {
      const source = yield* Effect.flatMap(
        TestConfiguration.fromEnvironment(plugins, { GC_DISCOVERY_GOSSIP: "{}" }),
        sourceOf
      )
      assert.strictEqual(source.name, "gossip")
      const env = {
        GC_DISCOVERY_GOSSIP_MULTICAST_ADDR: "10.0.0.1",
        GC_DISCOVERY_GOSSIP_LIFETIME: "10 seconds"
      }
      const said = yield* TestConfiguration.problems(TestConfiguration.fromEnvironment(plugins, env))
      assert.lengthOf(said, 2, said.join("\n"))
      assert.isTrue(
        said.some((text) => text.startsWith('GC_DISCOVERY_GOSSIP_MULTICAST_ADDR is "10.0.0.1": expected a'))
      )
      assert.isTrue(
        said.some((text) => text.startsWith('GC_DISCOVERY_GOSSIP_LIFETIME is "10 seconds": expected at least'))
      )
    })
  )
})
