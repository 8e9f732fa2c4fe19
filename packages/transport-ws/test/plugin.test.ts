import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Configuration from "@gc/core/Configuration"
import * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { readFileSync } from "node:fs"
import {
  configured as configuredBeside,
  files,
  nodeFiles,
  problems,
  transportOf
} from "@gc/transport-trials/configuring"
import { tlsFiles } from "@gc/transport-trials/tlsFiles"
import { ws } from "./kit.ts"
import { publicAddress, reverseProxy } from "./proxy.ts"
import { addressOf, plain, psk } from "./support.ts"

const plugins = { transport: [Ws.plugin] }

/** An entry of a file beside the files of certificates. */
const configured = (entry: object) => configuredBeside(ws, entry, nodeFiles("node-a"))

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
      const [, sample = "{}"] = /^```json\n(.*?)^```$/ms.exec(readme) ?? []
      const { ws: entry } = JSON.parse(sample).transport
      const { transports } = yield* configured(entry)
      const { security, ...settings } = entry
      assert.deepStrictEqual(
        transports.map((each) => ({ security: each.security, settings: each.settings })),
        [{ security, settings }]
      )
    })
  )

  it.live("is the transport, with every setting of it", () =>
    Effect.gen(function* () {
      const entry = {
        host: "127.0.0.1",
        port: 0,
        path: "/nodes",
        advertise: "wss://rosa/public",
        connectTimeout: "200 millis",
        keepAlive: "infinity",
        maxPending: 8,
        highWaterMark: 65_536,
        allowedOrigins: ["https://app.example"],
        security: "plain"
      }
      const { listen } = yield* Effect.flatMap(configured(entry), transportOf)
      assert.strictEqual(Address.format(addressOf(yield* listen(psk))), "wss://rosa:443/public")
      const usual = yield* Effect.flatMap(configured({ host: "127.0.0.1", port: 0 }), transportOf)
      assert.match(Address.format(addressOf(yield* usual.listen(psk))), /^wss:.*\/gc$/)
    })
  )

  it.live("names files of certificates, for mtls and for proxies", () =>
    Effect.gen(function* () {
      const mtls = { host: "127.0.0.1", port: 0, security: "mtls", tls: files }
      const one = yield* Effect.flatMap(configured(mtls), transportOf)
      const listener = yield* one.listen(psk)
      assert.strictEqual((yield* one.dial(addressOf(listener), psk)).proof._tag, "Mtls")
      const behind = yield* Effect.flatMap(
        configured({ host: "127.0.0.1", port: 0, security: "plain", caFile: "ca.pem" }),
        transportOf
      )
      const proxy = yield* reverseProxy(addressOf(yield* behind.listen(plain)).port)
      assert.strictEqual((yield* behind.dial(publicAddress(proxy), plain)).proof._tag, "Plain")
      const said = yield* problems(configured({ caFile: "no.pem", tls: { ...files, keyFile: "no.key" } }))
      assert.match(
        said.join("\n"),
        /^transport\.ws\.tls\.keyFile is ".*no\.key".*\ntransport\.ws\.caFile is ".*no\.pem"/
      )
      const { warnings } = yield* configured({ caFile: "ca.pem", tls: files })
      assert.match(warnings.join("\n"), /ws\.tls is not used, as security is "psk".*\n.*ws\.caFile is not used/)
      for (const security of ["plain", "mtls"]) {
        assert.deepStrictEqual((yield* configured({ security, tls: files })).warnings, [])
      }
      assert.match((yield* problems(configured({ security: "mtls" }))).join(), /^transport\.ws\.tls is missing/)
    })
  )

  it.effect("that is wrong is refused, and each wrong value is named", () =>
    Effect.gen(function* () {
      const said = yield* problems(
        configured({ pat: "/", path: "gc", advertise: "http://h", allowedOrigins: ["*"], port: 70_000, server: 1 })
      )
      const says = [
        "pat is no setting: expected one of host, port,",
        'path is "gc": expected a path such as "/gc", without a query',
        'advertise is "http://h": expected a host, host:port or ws:// or wss:// address that others can dial',
        'allowedOrigins.0 is "*": expected an origin as browsers send it',
        "port is 70000: expected a port from 0 to 65535",
        "server is no setting"
      ]
      for (const text of says) {
        assert.isTrue(
          said.some((each) => each.startsWith(`transport.ws.${text}`)),
          `${text}\nin\n${said.join("\n")}`
        )
      }
      assert.lengthOf(said, says.length, said.join("\n"))
    })
  )

  it.live("may come from the environment, and options from Config", () =>
    Effect.gen(function* () {
      const env = {
        GC_CLUSTER: "test",
        GC_TRANSPORT_WS_PORT: "0",
        GC_TRANSPORT_WS_HOST: "127.0.0.1",
        GC_TRANSPORT_WS_PATH: "/env",
        GC_TRANSPORT_WS_ALLOWED_ORIGINS: "https://a.example,https://b.example"
      }
      const read = Configuration.read(undefined, plugins).pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      )
      const transport = yield* Effect.flatMap(Effect.map(read, Option.getOrThrow), transportOf)
      assert.strictEqual(addressOf(yield* transport.listen(psk)).path, "/env")
      const layer = Ws.layerConfig({
        host: Config.succeed("127.0.0.1"),
        port: Config.Int("PORT_OF_GC"),
        path: Config.String("PATH_OF_GC")
      })
      const services = yield* Layer.build(layer).pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { PORT_OF_GC: "0", PATH_OF_GC: "/x" } })))
      )
      assert.strictEqual(addressOf(yield* Context.get(services, Transport.Transport).listen(plain)).path, "/x")
    })
  )
})

tlsFiles(ws)
