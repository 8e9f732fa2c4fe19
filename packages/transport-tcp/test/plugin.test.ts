import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "@gc/core/Configuration"
import * as Tcp from "@gc/transport-tcp"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { configured, files, nodeFiles, problems, transportOf } from "@gc/transport-trials/configuring"
import { plain, psk } from "@gc/transport-trials/security"
import { tlsFiles } from "@gc/transport-trials/tlsFiles"
import { addressOf } from "@gc/transport-trials/support"
import { tcp } from "./kit.ts"

const plugins = { transport: [Tcp.plugin] }

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
      const [, sample = "{}"] = /^```json\n(.*?)^```$/ms.exec(readme) ?? []
      const { transports } = yield* configured(tcp, JSON.parse(sample).transport.tcp, nodeFiles("node-a"))
      assert.deepStrictEqual(
        transports.map(({ security, settings }) => ({ security, settings })),
        [{ security: "mtls", settings: { advertise: "10.0.0.7", tls: files } }]
      )
    })
  )

  it.live("is the transport, with every setting of it", () =>
    Effect.gen(function* () {
      const entry = {
        host: "127.0.0.1",
        port: 0,
        advertise: "rosa:4371",
        connectTimeout: "200 millis",
        keepAlive: "infinity",
        maxPending: 8,
        highWaterMark: 65_536,
        security: "plain"
      }
      const { listen } = yield* Effect.flatMap(configured(tcp, entry), transportOf)
      assert.deepStrictEqual((yield* listen(psk)).addresses, [{ protocol: "tcp", host: "rosa", port: 4_371, path: "" }])
      const usual = yield* Effect.flatMap(configured(tcp, { host: "127.0.0.1", port: 0 }), transportOf)
      assert.strictEqual(addressOf(yield* usual.listen(psk)).protocol, "tls")
    })
  )

  it.effect.each<readonly [entry: object, says: ReadonlyArray<string>]>([
    [{ prot: 1 }, ["prot is no setting: expected one of host, port,"]],
    [
      {
        host: "a b",
        port: 70_000,
        advertise: "0.0.0.0",
        connectTimeout: 0,
        keepAlive: "1h",
        maxPending: 0,
        highWaterMark: 1.5,
        tls: { certFile: "", keyFil: "node.key" },
        security: "tls"
      },
      [
        'host is "a b": expected a host name or an IP address',
        "port is 70000: expected a port from 0 to 65535",
        'advertise is "0.0.0.0": expected a host or host:port that others can dial (nobody can dial an unspecified',
        "connectTimeout is 0: expected a duration above 0",
        'keepAlive is "1h": expected a duration above 0',
        "maxPending is 0: expected a whole number from 1 to 65536",
        "highWaterMark is 1.5: expected a whole number from 1 to 1073741824",
        'tls.certFile is "": expected the path of a file in PEM form',
        "tls.keyFil is no setting: expected one of certFile, keyFile, caFile; did you mean",
        "tls.keyFile is missing: expected the path of a file",
        "tls.caFile is missing: expected the path of a file",
        'security is "tls": expected'
      ]
    ],
    [{ advertise: "rosa:0" }, ['advertise is "rosa:0": expected a host or host:port that others can dial (a port is 1']]
  ])("%j is refused, and each wrong value is named", ([entry, says]) =>
    Effect.gen(function* () {
      const said = yield* problems(configured(tcp, entry))
      assert.lengthOf(said, says.length, said.join("\n"))
      for (const text of says) {
        assert.isTrue(
          said.some((each) => each.startsWith(`transport.tcp.${text}`)),
          `${text}\nin\n${said.join("\n")}`
        )
      }
    })
  )

  it.effect("may come from the environment", () =>
    Effect.gen(function* () {
      const env = { GC_CLUSTER: "test", GC_TRANSPORT_TCP_PORT: "0", GC_TRANSPORT_TCP_ADVERTISE: "[::]:1" }
      const said = yield* problems(Configuration.read(undefined, plugins)).pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      )
      assert.deepStrictEqual(said, [
        'GC_TRANSPORT_TCP_ADVERTISE is "[::]:1": expected a host or host:port that others can dial (nobody can dial an unspecified address)'
      ])
    })
  )
})

describe("a plain configuration", () => {
  it.live("listens on loopback alone", () =>
    Effect.gen(function* () {
      const transport = yield* Effect.flatMap(configured(tcp, { port: 0, security: "plain" }), transportOf)
      assert.strictEqual(addressOf(yield* transport.listen(plain)).host, "127.0.0.1")
    })
  )
})

tlsFiles(tcp)
