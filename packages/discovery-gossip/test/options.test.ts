import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import * as Gossip from "@gc/discovery-gossip"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { egresses } from "../src/internal/egresses.ts"
import { readOptions, type Settings, sentence } from "../src/internal/settings.ts"

const settingsOf = (options: Gossip.Options = {}): Settings =>
  Result.getOrThrowWith(readOptions(options), (wrong) => new Error(sentence(wrong)))

describe("options", () => {
  it("are those of the original by default", () => {
    assert.deepStrictEqual(settingsOf(), {
      port: 45_892,
      family: "IPv4",
      bindTo: "0.0.0.0",
      target: "230.1.1.251",
      ttl: 1,
      broadcast: false,
      interfaces: undefined,
      shortest: 1,
      longest: 5_000,
      lifetime: 30_000,
      format: "gc",
      secret: undefined,
      insecure: false
    })
  })

  it("follow from each other", () => {
    const { bindTo, family, interfaces, target } = settingsOf({ multicastAddr: "ff02::4370%eth0" })
    assert.deepStrictEqual([bindTo, family, interfaces, target], ["::", "IPv6", ["eth0"], "ff02::4370"])
    assert.strictEqual(settingsOf({ interval: "1 minute" }).lifetime, 432_000)
    assert.strictEqual(settingsOf({ broadcastOnly: true }).interfaces, "all")
    assert.strictEqual(settingsOf({ broadcastOnly: true }).target, undefined)
    assert.deepStrictEqual(settingsOf({ multicastIf: ["a", "a", "b"] }).interfaces, ["a", "b"])
  })

  it.effect.each<readonly [options: object, says: string]>([
    [{ prot: 1 }, `option "prot" is not an option: expected one of port, ifAddr,`],
    [{ port: 0 }, `option "port" is 0: expected a port`],
    [{ port: "45892" }, `option "port" is "45892": expected a port`],
    [{ ifAddr: "eth0" }, `option "ifAddr" is "eth0": expected an IPv4 address`],
    [{ ifAddr: "::" }, "expected an IPv4 address"],
    [{ multicastAddr: "10.0.0.1" }, "expected a group, 224.0.0.0 to 239.255.255.255 or ff00::/8"],
    [{ multicastAddr: "230.1.1" }, "expected an IPv4 or IPv6 address"],
    [{ multicastAddr: "230.1.1.1%eth0" }, "expected an IPv4 or IPv6 address"],
    [{ multicastAddr: "230.1.1.251", broadcastOnly: true }, "expected an IPv4 broadcast address"],
    [{ multicastTtl: 256 }, `option "multicastTtl" is 256`],
    [{ multicastIf: [] }, `option "multicastIf" is an object: expected the name or address of an interface`],
    [{ multicastIf: ["all", "eth0"] }, `option "multicastIf"`],
    [{ broadcastOnly: "yes" }, `option "broadcastOnly" is "yes": expected true or false`],
    [{ interval: "soon" }, `option "interval" is "soon": expected a duration`],
    [{ interval: 0 }, `option "interval" is 0: expected a duration`],
    [{ lifetime: "1 second" }, "expected at least 15000 milliseconds: three of the longest intervals"],
    [{ format: "elixir" }, `option "format" is "elixir": expected "gc" or "libcluster"`],
    [{ format: "libcluster" }, `format "libcluster" needs insecure: true`],
    [{ secret: Redacted.make("s") }, `expected none with the format "gc"`],
    [{ format: "libcluster", insecure: true, secret: "plain" }, `option "secret" is wrong: expected a Redacted text`]
  ])("%j are refused", ([options, says]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Gossip.make(options as Gossip.Options))
      assert.strictEqual(error.code, "option_wrong")
      assert.include(error.message, "discovery gossip: ")
      assert.include(error.message, says)
    })
  )

  it.effect("that are wrong fail the layer, and the environment can give them", () =>
    Effect.gen(function* () {
      const layer = Gossip.layerConfig({
        port: Config.Port("GC_PORT"),
        format: Config.succeed("libcluster" as const),
        secret: Config.Redacted("GC_SECRET"),
        insecure: Config.succeed(true)
      })
      const built = (env: Record<string, string>) =>
        Layer.build(layer).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
      const context = yield* built({ GC_PORT: "45892", GC_SECRET: "somepassword" })
      assert.strictEqual(Context.get(context, Discovery.Discovery).name, "gossip")
      assert.strictEqual((yield* Effect.flip(built({ GC_PORT: "45892" })))._tag, "ConfigError")
      const error = yield* Effect.flip(Layer.build(Gossip.layer({ port: -1 })))
      assert.include(error.message, `option "port" is -1`)
    })
  )
})

const v4 = (address: string, netmask = "255.255.255.0", internal = false) =>
  ({ address, netmask, family: "IPv4", mac: "", internal, cidr: null }) as const
const v6 = (address: string, scopeid = 0) =>
  ({
    address,
    netmask: "ffff:ffff:ffff:ffff::",
    family: "IPv6",
    mac: "",
    internal: false,
    cidr: null,
    scopeid
  }) as const
const machine = {
  lo: [v4("127.0.0.1", "255.0.0.0", true)],
  eth0: [v4("10.0.0.5"), v4("10.0.0.6"), v6("fe80::1", 2), v6("2001:db8::5")],
  eth1: [v4("172.16.3.9", "255.255.240.0")]
}

const ways = (options: Gossip.Options, interfaces: Parameters<typeof egresses>[1] = machine) => {
  const { found, missing } = egresses(settingsOf(options), interfaces)
  return [...found.map(({ bindTo, target, via }) => `${via ?? "route"} ${bindTo} > ${target}`), ...missing]
}

describe("interfaces", () => {
  it("are the routing table's business when none is named", () => {
    assert.deepStrictEqual(ways({}), ["route 0.0.0.0 > 230.1.1.251"])
  })

  it("are taken by name, by address, or all of them, each once", () => {
    assert.deepStrictEqual(ways({ multicastIf: "eth0" }), ["10.0.0.5 10.0.0.5 > 230.1.1.251"])
    assert.deepStrictEqual(ways({ multicastIf: "10.0.0.6" }), ["10.0.0.6 10.0.0.6 > 230.1.1.251"])
    assert.deepStrictEqual(ways({ multicastIf: ["eth1", "lo", "eth7"] }), [
      "127.0.0.1 127.0.0.1 > 230.1.1.251",
      "172.16.3.9 172.16.3.9 > 230.1.1.251",
      "eth7"
    ])
    assert.deepStrictEqual(ways({ multicastIf: "all" }), [
      "10.0.0.5 10.0.0.5 > 230.1.1.251",
      "172.16.3.9 172.16.3.9 > 230.1.1.251"
    ])
    assert.deepStrictEqual(ways({ multicastIf: "all" }, { lo: machine.lo }), ["127.0.0.1 127.0.0.1 > 230.1.1.251"])
    assert.deepStrictEqual(ways({ multicastIf: "all" }, {}), [])
  })

  it("are named by their zone where the group is IPv6", () => {
    assert.deepStrictEqual(ways({ multicastAddr: "ff02::1:2", multicastIf: "all" }), ["::%eth0 :: > ff02::1:2%eth0"])
    assert.deepStrictEqual(ways({ multicastAddr: "ff02::1:2%eth1" }), ["eth1"])
  })

  it("have each a broadcast address", () => {
    assert.deepStrictEqual(ways({ broadcastOnly: true }), [
      "10.0.0.5 10.0.0.5 > 10.0.0.255",
      "10.0.0.6 10.0.0.6 > 10.0.0.255",
      "172.16.3.9 172.16.3.9 > 172.16.15.255"
    ])
    assert.deepStrictEqual(ways({ broadcastOnly: true, multicastIf: "127.0.0.1" }), [
      "127.0.0.1 127.0.0.1 > 127.255.255.255"
    ])
    assert.deepStrictEqual(ways({ broadcastOnly: true, multicastAddr: "10.0.0.255", multicastIf: "10.0.0.5" }), [
      "10.0.0.5 10.0.0.5 > 10.0.0.255"
    ])
  })
})
