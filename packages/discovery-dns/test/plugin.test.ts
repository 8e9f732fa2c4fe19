import { assert, describe, it } from "@effect/vitest"
import type * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import * as Dns from "@gc/discovery-dns"
import { TestConfiguration } from "@gc/testkit"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { context, pods, serving } from "./looking.ts"

const plugins = { discovery: [Dns.plugin] }

/** Whom the configured source finds. */
const found = (configuration: Configuration.Configuration) =>
  Effect.gen(function* () {
    const source = yield* Discovery.Discovery
    const looks = yield* Stream.runCollect(Stream.take(source.looks(context), 1))
    return looks.flatMap((look) =>
      look._tag === "Peers" ? look.peers.map(Peer.format) : [`unknown: ${look.error.message}`]
    )
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
        [{ domain: "web.shop", type: "A", refreshInterval: Duration.seconds(10) }]
      )
    })
  )

  it.live("is the source, with every setting of it", () =>
    Effect.gen(function* () {
      const { address } = yield* serving(pods)
      const dns = {
        domain: ["web", "10.0.0.9"],
        type: ["A"],
        hostType: "ip",
        basename: "web",
        port: 4_371,
        protocol: "ws",
        refreshInterval: "infinity",
        respectTtl: true,
        servers: [address],
        search: ["shop"],
        ndots: 5,
        attempts: 1,
        patience: 500,
        rotate: false,
        lookupTimeout: "3 seconds"
      }
      assert.deepStrictEqual(
        yield* Effect.flatMap(TestConfiguration.fromFile(plugins, { discovery: { dns } }), found),
        [
          "web@10.0.0.1 at ws://10.0.0.1:4371",
          "web@10.0.0.2 at ws://10.0.0.2:4371",
          "web@10.0.0.9 at ws://10.0.0.9:4371"
        ]
      )
    })
  )

  it.live("has a resolvConf beside the file", () =>
    Effect.gen(function* () {
      const dns = { domain: "web.shop", resolvConf: "conf/resolv.conf" }
      const [said] = yield* Effect.flatMap(TestConfiguration.fromFile(plugins, { discovery: { dns } }), found)
      assert.match(said ?? "", /unknown: .*\/tmp\/gc-[^/]*\/conf\/resolv\.conf.*ENOENT/)
    })
  )

  it.effect.each<readonly [entry: object, says: ReadonlyArray<string>]>([
    [{}, ['domain is missing: expected a domain, such as "web.shop", or a list of 1 to 64']],
    [{ domain: [] }, ["domain is a list of 0: expected a domain"]],
    [
      { domain: ["web", "a..b", "0.0.0.0", 7, "1.2.3"] },
      [
        'domain.1 is "a..b": expected a domain, such as "web.shop" (a name has no empty label)',
        'domain.2 is "0.0.0.0": expected a domain, such as "web.shop" (nobody can dial it',
        'domain.3 is 7: expected a domain, such as "web.shop"',
        'domain.4 is "1.2.3": expected a domain, such as "web.shop" (it is no IPv4 address)'
      ]
    ],
    [{ domian: "web" }, ["domian is no setting: expected one of domain, type,", "domain is missing: expected"]],
    [{ domain: "web", type: "MX" }, ['type is "MX": expected "A", "AAAA", "SRV", or a list of them']],
    [{ domain: "web", type: ["A", "MX"] }, ['type.1 is "MX": expected "A" or "AAAA" or "SRV"']],
    [{ domain: "web", type: [] }, ["type is a list of 0"]],
    [
      {
        domain: "web",
        hostType: "name",
        basename: "a@b",
        port: 0,
        protocol: "t c p",
        refreshInterval: 0,
        respectTtl: "no",
        servers: ["dns.example", "10.0.0.2"],
        search: ["a b"],
        ndots: 16,
        attempts: 0,
        patience: "soon",
        rotate: 1,
        resolvConf: "",
        lookupTimeout: "infinity"
      },
      [
        'hostType is "name": expected "ip" or "hostname"',
        'basename is "a@b": expected what stands before the "@"',
        "port is 0: expected a port from 1 to 65535",
        'protocol is "t c p": expected a protocol that the transport dials',
        'refreshInterval is 0: expected a time longer than none, such as "5 seconds", or "Infinity"',
        'respectTtl is "no": expected true or false',
        'servers.0 is "dns.example": expected an IP address with or without a port',
        'search.0 is "a b": expected a domain',
        "ndots is 16: expected a whole number from 0 to 15",
        "attempts is 0: expected a whole number from 1 to 5",
        'patience is "soon": expected a time longer than none',
        "rotate is 1: expected true or false",
        'resolvConf is "": expected the path of a file',
        'lookupTimeout is "infinity": expected a time longer than none, such as "5 seconds"'
      ]
    ],
    [{ domain: "web", servers: [] }, ["servers is a list of 0: expected 1 to 16 IP addresses"]]
  ])("%j is refused, and each wrong value is named", ([entry, says]) =>
    Effect.gen(function* () {
      const said = yield* TestConfiguration.problems(TestConfiguration.fromFile(plugins, { discovery: { dns: entry } }))
      assert.lengthOf(said, says.length, said.join("\n"))
      for (const text of says) {
        assert.isTrue(
          said.some((each) => each.startsWith(`discovery.dns.${text}`)),
          `${text}\nin\n${said.join("\n")}`
        )
      }
    })
  )
})

describe("the environment", () => {
  it.live("gives the domains, and how they are asked for", () =>
    Effect.gen(function* () {
      const { address } = yield* serving(pods)
      const env = {
        GC_DISCOVERY_DNS_DOMAIN: "web.shop",
        GC_DISCOVERY_DNS_TYPE: "AAAA",
        GC_DISCOVERY_DNS_SERVERS: address,
        GC_DISCOVERY_DNS_PORT: "4371"
      }
      assert.deepStrictEqual(yield* Effect.flatMap(TestConfiguration.fromEnvironment(plugins, env), found), [
        "tcp://[fd00::1]:4371"
      ])
    })
  )

  it.effect("names each variable that is wrong", () =>
    Effect.gen(function* () {
      const env = { GC_DISCOVERY_DNS_DOMAIN: "web.shop,a..b", GC_DISCOVERY_DNS_PORT: "many" }
      const said = yield* TestConfiguration.problems(TestConfiguration.fromEnvironment(plugins, env))
      assert.lengthOf(said, 2, said.join("\n"))
      assert.isTrue(said.some((text) => /^GC_DISCOVERY_DNS_DOMAIN.* is "a\.\.b": expected a domain/.test(text)))
      assert.isTrue(said.some((text) => text.startsWith('GC_DISCOVERY_DNS_PORT is "many": expected a port')))
    })
  )
})
