import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import type * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import { NameResolver } from "@gc/core/NameResolver"
import * as NodeName from "@gc/core/NodeName"
import * as Epmd from "@gc/discovery-epmd"
import { Client, Daemon } from "@gc/discovery-epmd"
import { TestConfiguration } from "@gc/testkit"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { contextOf, run, until } from "./context.ts"
import { freePort, namesAt } from "./processes.ts"

const plugins = { discovery: [Epmd.plugin], resolver: [Epmd.resolverPlugin] }
const context = contextOf("a@rosa", ["tcp://127.0.0.1:5001"])

const sourceOf = (configuration: Configuration.Configuration) =>
  Effect.map(Layer.build(TestConfiguration.discovery(configuration)), (services) =>
    Context.get(services, Discovery.Discovery)
  )

const epmd = (entry: object) => TestConfiguration.fromFile(plugins, { discovery: { epmd: entry } })

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const { discoveries, resolver } = yield* TestConfiguration.fromFile(
        plugins,
        TestConfiguration.sample(new URL("../README.md", import.meta.url))
      )
      assert.deepStrictEqual(
        discoveries.map(({ settings }) => settings),
        [{ hosts: ["127.0.0.1", "rosa"], daemon: { host: "10.0.0.7" } }]
      )
      assert.deepStrictEqual(resolver?.settings, { fallbackPort: 4_370 })
    })
  )

  it.live("is the source, which serves where there is no epmd", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const entry = {
        port,
        interval: "50 millis",
        timeout: "3 seconds",
        daemon: { maxNames: 1, idleTimeout: "1 second" }
      }
      yield* run(yield* Effect.flatMap(epmd(entry), sourceOf), context)
      yield* until("it is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      const second = yield* Effect.flip(Client.register({ name: "b", port: 1 }, "127.0.0.1", { port }))
      assert.strictEqual(second.reason._tag, "NameTaken", "the daemon holds one name, as it is configured")
    })
  )

  it.live("registers and serves nothing when it is not to", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      for (const entry of [
        { port, register: false },
        { port, daemon: false }
      ]) {
        const looks = yield* run(yield* Effect.flatMap(epmd(entry), sourceOf), context)
        yield* until("two looks", () => looks.length > 1)
      }
      assert.strictEqual(yield* namesAt(port), "none")
    })
  )

  it.effect.each<readonly [entry: object, says: ReadonlyArray<string>]>([
    [{ host: "rosa" }, ["host is no setting: expected one of hosts, port,"]],
    [{ hosts: [] }, ["hosts is a list of 0: expected a list of at least one host"]],
    [
      {
        hosts: ["rosa", "rosa:4369", "0.0.0.0"],
        port: 0,
        register: "yes",
        interval: 0,
        timeout: "soon",
        daemon: { prot: 1, host: "a b", maxConnections: 1.5, maxNames: 0, idleTimeout: "25 hours" }
      },
      [
        'hosts.1 is "rosa:4369": expected a host such as "127.0.0.1"',
        'hosts.2 is "0.0.0.0": expected a host that can be asked',
        "port is 0: expected a port from 1 to 65535",
        'register is "yes": expected true or false',
        "interval is 0: expected a time above zero",
        'timeout is "soon": expected a time above zero',
        "daemon.prot is no setting: expected one of host, maxConnections,",
        'daemon.host is "a b": expected a host',
        "daemon.maxConnections is 1.5: expected a whole number from 1",
        "daemon.maxNames is 0: expected a whole number from 1",
        'daemon.idleTimeout is "25 hours": expected a day at most'
      ]
    ],
    [{ daemon: "yes" }, ['daemon is "yes": expected true, false, or settings']]
  ])("%j is refused, and each wrong value is named", ([entry, says]) =>
    Effect.gen(function* () {
      const said = yield* TestConfiguration.problems(epmd(entry))
      assert.lengthOf(said, says.length, said.join("\n"))
      for (const text of says) {
        assert.isTrue(
          said.some((each) => each.startsWith(`discovery.epmd.${text}`)),
          `${text}\nin\n${said.join("\n")}`
        )
      }
    })
  )
})

describe("the resolver's entry", () => {
  const name = NodeName.make("b@127.0.0.1")
  const resolved = Effect.gen(function* () {
    const resolver = yield* NameResolver
    return (yield* resolver.resolve(name, ["tcp"])).map(Address.format)
  })

  it.live("is the resolver", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const extra = Buffer.from("gc1 - b@127.0.0.1 tcp://127.0.0.1:5002")
      yield* Client.register({ name: "b", port: 5_002, extra }, "127.0.0.1", { port })
      const entry = { port, timeout: "1 second", fallbackPort: 4_370 }
      const { resolver } = yield* TestConfiguration.fromFile(plugins, { resolver: { epmd: entry } })
      assert.isDefined(resolver)
      assert.deepStrictEqual(yield* Effect.provide(resolved, resolver!.layer), ["tcp://127.0.0.1:5002"])
      const env = { GC_EPMD: String(port) }
      const layer = Epmd.layerResolverConfig({ port: Config.Port("GC_EPMD") }).pipe(
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      )
      assert.deepStrictEqual(yield* Effect.provide(resolved, layer), ["tcp://127.0.0.1:5002"])
    })
  )

  it.effect("is refused with each wrong value", () =>
    Effect.gen(function* () {
      const entry = { port: 0, timeout: 0, fallbackport: 1 }
      const said = yield* TestConfiguration.problems(TestConfiguration.fromFile(plugins, { resolver: { epmd: entry } }))
      assert.lengthOf(said, 3, said.join("\n"))
      assert.include(said.join("\n"), 'did you mean "resolver.epmd.fallbackPort"?')
    })
  )
})

describe("the environment", () => {
  it.effect("gives the hosts, and names each variable that is wrong", () =>
    Effect.gen(function* () {
      const right = { GC_DISCOVERY_EPMD_HOSTS: "127.0.0.1, rosa", GC_DISCOVERY_EPMD_DAEMON: "false" }
      const source = yield* Effect.flatMap(TestConfiguration.fromEnvironment(plugins, right), sourceOf)
      assert.deepStrictEqual(
        source.sources?.map((each) => each.name),
        ["epmd:127.0.0.1", "epmd:rosa"]
      )
      const wrong = { GC_DISCOVERY_EPMD_HOSTS: "rosa,a b", GC_DISCOVERY_EPMD_DAEMON_MAX_NAMES: "0" }
      const said = yield* TestConfiguration.problems(TestConfiguration.fromEnvironment(plugins, wrong))
      assert.lengthOf(said, 2, said.join("\n"))
      assert.isTrue(said.some((text) => text.startsWith("GC_DISCOVERY_EPMD_DAEMON_MAX_NAMES is 0: expected a whole")))
    })
  )
})
