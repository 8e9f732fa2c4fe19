import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import * as Dns from "@gc/discovery-dns"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { context, pods, serving } from "./looking.ts"

describe("options", () => {
  it.effect.each([
    [undefined, "domain", 'such as { domain: "web.shop" }'],
    [{}, "domain", 'such as "web.shop"'],
    [{ domain: [] }, "domain", "1 to 64 domains"],
    [{ domain: "" }, "domain", "at least one label"],
    [{ domain: "a b" }, "domain", "letters, digits"],
    [{ domain: ["web", "1.2.3"] }, "domain", "it is no IPv4 address"],
    [{ domain: "0.0.0.0" }, "domain", "somebody who can be dialed"],
    [{ domain: "web", type: "MX" }, "type", '"A", "AAAA", "SRV"'],
    [{ domain: "web", type: [] }, "type", '"A", "AAAA", "SRV"'],
    [{ domain: "web", hostType: "name" }, "hostType", '"ip" or "hostname"'],
    [{ domain: "web", port: 0 }, "port", "1 to 65535"],
    [{ domain: "web", protocol: "t c p" }, "protocol", '"tcp"'],
    [{ domain: "web", basename: "a@b" }, "basename", 'before the "@"'],
    [{ domain: "web", respectTtl: 1 }, "respectTtl", "true or false"],
    [{ domain: "web", refreshInterval: "soon" }, "refreshInterval", "longer than none"],
    [{ domain: "web", lookupTimeout: "Infinity" }, "lookupTimeout", "longer than none"],
    [{ domain: "web", servers: ["x"] }, "servers", "an IP address"],
    [{ domain: "web", domian: "x" }, "domian", 'did you mean "domain"?']
  ] as const)("%o are refused when the layer is built", ([options, option, says]) =>
    Effect.gen(function* () {
      const layer = Dns.layer(options as unknown as Dns.Options)
      expectTypeOf(layer).toEqualTypeOf<Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>>()
      const error = yield* Effect.flip(Layer.build(layer))
      assert.strictEqual(error.code, "option_wrong")
      assert.include(error.message, `discovery dns: option "${option}": expected`)
      assert.include(error.message, says)
    })
  )

  it.live("come from the environment", () =>
    Effect.gen(function* () {
      const { address } = yield* serving(pods)
      const layer = Dns.layerConfig({
        domain: Config.String("GC_DNS"),
        servers: Config.Array(Schema.String, "GC_DNS_SERVERS")
      })
      const env = { GC_DNS: "web.shop", GC_DNS_SERVERS: address }
      const provider = ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      const source = yield* Effect.provide(Discovery.Discovery, Layer.provide(layer, provider))
      const [look] = yield* Stream.runCollect(Stream.take(source.looks(context), 1))
      assert.lengthOf(look?._tag === "Peers" ? look.peers : [], 3)
    })
  )

  it.effect("of the environment that are wrong are refused as others are", () =>
    Effect.gen(function* () {
      const layer = Dns.layerConfig({
        domain: Config.String("GC_DNS"),
        refreshInterval: Config.Duration("GC_DNS_INTERVAL")
      })
      const built = (env: Record<string, string>) =>
        Layer.build(Layer.provide(layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
      yield* built({ GC_DNS: "web.shop", GC_DNS_INTERVAL: "5 seconds" })
      assert.strictEqual((yield* Effect.flip(built({ GC_DNS: "web", GC_DNS_INTERVAL: "soon" })))._tag, "ConfigError")
      const error = yield* Effect.flip(built({ GC_DNS: "a..b", GC_DNS_INTERVAL: "5 seconds" }))
      assert.include(error.message, 'option "domain": expected a domain, and not "a..b": a name has no empty label')
    })
  )
})
