import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "@gc/core/Configuration"
import type { ConfigurationError } from "@gc/core/Plugin"
import * as Transport from "@gc/core/Transport"
import * as Tcp from "@gc/transport-tcp"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { createPrivateKey } from "node:crypto"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fixture, plain, psk } from "@gc/transport-trials/security"
import { addressOf } from "@gc/transport-trials/support"

const plugins = { transport: [Tcp.plugin] }
const files = { certFile: "node.pem", keyFile: "node.key", caFile: "ca.pem" }

/** What a file says whose transport is this one, beside these other files. */
const configured = Effect.fnUntraced(function* (tcp: object, beside: Readonly<Record<string, string>> = {}) {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  if ("open.key" in beside) chmodSync(join(folder, "open.key"), 0o644)
  writeFileSync(join(folder, "gc.json"), JSON.stringify({ cluster: "test", transport: { tcp } }))
  return Option.getOrThrow(yield* Configuration.read(join(folder, "gc.json"), plugins))
})

const transportOf = ({ transports: [only] }: Configuration.Configuration) =>
  only === undefined
    ? Effect.die("no transport")
    : Effect.map(Layer.build(only.layer), (services) => Context.get(services, Transport.Transport))

const problems = <A, R>(read: Effect.Effect<A, ConfigurationError, R>) =>
  Effect.map(Effect.flip(read), ({ reason }) =>
    reason._tag === "ValuesInvalid"
      ? reason.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
      : [reason.message]
  )

const nodeFiles = (name: string, ca = "ca") => ({
  "node.pem": fixture(`${name}.pem`),
  "node.key": fixture(`${name}.key`),
  "ca.pem": fixture(`${ca}.pem`)
})

describe("the entry of a file", () => {
  it.effect("is that of the README", () =>
    Effect.gen(function* () {
      const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
      const [, sample = "{}"] = /^```json\n(.*?)^```$/ms.exec(readme) ?? []
      const { transports } = yield* configured(JSON.parse(sample).transport.tcp, nodeFiles("node-a"))
      assert.deepStrictEqual(
        transports.map(({ security, settings }) => ({ security, settings })),
        [{ security: "mtls", settings: { advertise: "10.0.0.7", tls: files } }]
      )
    })
  )

  it.live("is the transport, with every setting of it", () =>
    Effect.gen(function* () {
      const tcp = {
        host: "127.0.0.1",
        port: 0,
        advertise: "rosa:4371",
        connectTimeout: "200 millis",
        keepAlive: "infinity",
        maxPending: 8,
        highWaterMark: 65_536,
        security: "plain"
      }
      const { listen } = yield* Effect.flatMap(configured(tcp), transportOf)
      assert.deepStrictEqual((yield* listen(psk)).addresses, [{ protocol: "tcp", host: "rosa", port: 4_371, path: "" }])
      const usual = yield* Effect.flatMap(configured({ host: "127.0.0.1", port: 0 }), transportOf)
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
      const said = yield* problems(configured(entry))
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

describe("the files of tls", () => {
  it.live("make a transport that proves both ends", () =>
    Effect.gen(function* () {
      const tcp = { host: "127.0.0.1", port: 0, security: "mtls", tls: files }
      const [one, other] = [
        yield* Effect.flatMap(configured(tcp, nodeFiles("node-a")), transportOf),
        yield* Effect.flatMap(configured(tcp, nodeFiles("node-b")), transportOf)
      ]
      const listener = yield* one.listen(psk)
      const { proof } = yield* other.dial(addressOf(listener), psk)
      assert(proof._tag === "Mtls")
      assert.deepStrictEqual(proof.names.dns, ["a.test", "localhost"])
    })
  )

  it.effect.each<readonly [what: string, tcp: object, says: ReadonlyArray<string>]>([
    [
      "wanted, and none are named",
      { port: 0, security: "mtls" },
      ['tls is missing: expected { certFile, keyFile, caFile }, where security is "mtls"']
    ],
    [
      "not as they should be",
      { security: "mtls", tls: { certFile: "node.pem", keyFile: "open.key", caFile: "no.pem" } },
      [
        'tls.certFile is "*/node.pem", which cannot be read (it does not exist): expected the path of a file',
        'tls.keyFile is "*/open.key", a file that others can read (mode 0644): expected one that only its owner can',
        'tls.caFile is "*/no.pem", which cannot be read (it does not exist): expected the path of a file'
      ]
    ]
  ])("that are %s are named while the configuration is read", ([, tcp, says]) =>
    Effect.gen(function* () {
      const said = yield* problems(configured(tcp, { "open.key": "hunter2" }))
      const bare = said.map((text) => text.replace(/"\/.*\/(.*)"/, '"*/$1"'))
      assert.lengthOf(bare, says.length)
      for (const [index, text] of says.entries()) assert.include(bare[index], `transport.tcp.${text}`)
    })
  )

  it.effect("that are not used are warned of", () =>
    Effect.gen(function* () {
      const { warnings } = yield* configured({ port: 0, tls: files }, nodeFiles("node-a"))
      assert.deepStrictEqual(warnings, [
        'transport.tcp.tls is not used, as security is "psk": take it out, or set security to "mtls"'
      ])
      const used = yield* configured({ port: 0, tls: files, security: "mtls" }, nodeFiles("node-a"))
      assert.deepStrictEqual(used.warnings, [])
    })
  )

  const pem = nodeFiles("node-a")
  const encrypted = createPrivateKey(pem["node.key"])
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "hunter2" })
    .toString()
  const noCertificate = /certFile is ".*node\.pem": expected a file with a certificate in PEM form$/
  const damaged = "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----"
  const noKey = /keyFile is ".*node\.key": expected a file with a private key in PEM form that is not encrypted$/
  const other = /keyFile is ".*node\.key": expected the private key of the certificate in .*node\.pem$/
  const noRoots = /caFile is ".*ca\.pem": expected a file with certificates in PEM form$/

  it.effect.each<readonly [what: string, beside: Record<string, string>, says: RegExp, tls?: object]>([
    ["no PEM in place of the certificate", { "node.pem": "hunter2" }, noCertificate],
    ["a key in place of the certificate", { "node.pem": pem["node.key"] }, noCertificate],
    ["a damaged certificate", { "node.pem": damaged }, noCertificate],
    ["no PEM in place of the key", { "node.key": "hunter2" }, noKey],
    ["an encrypted key", { "node.key": encrypted }, noKey],
    ["the key of another certificate", { "node.key": fixture("node-b.key") }, other],
    ["no certificate of an authority", { "ca.pem": "" }, noRoots],
    [
      "a certificate that is not there",
      {},
      /certFile is ".*no\.pem", which cannot be read \(it/,
      { certFile: "no.pem" }
    ],
    ["a key that is not there", {}, /keyFile is ".*no\.key", which cannot be read/, { keyFile: "no.key" }],
    [
      "a key that others can read",
      { "open.key": pem["node.key"] },
      /keyFile is ".*open\.key", .*0644.*: expected .*chmod 600/,
      { keyFile: "open.key" }
    ]
  ])("that are %s are refused at the start", ([, beside, says, tls]) =>
    Effect.gen(function* () {
      const read = configured({ security: "mtls", tls: { ...files, ...tls } }, { ...pem, ...beside })
      const said = yield* problems(Effect.flatMap(read, transportOf))
      assert.lengthOf(said, 1)
      assert.match(said[0] ?? "", says)
      assert.isTrue(said[0]?.startsWith("transport.tcp.tls."))
      assert.notInclude(said[0], "hunter2")
    })
  )

  it.effect("that are all wrong are named at once", () =>
    Effect.gen(function* () {
      const beside = { "node.pem": "hunter2", "node.key": "hunter2", "ca.pem": "hunter2" }
      const read = configured({ tls: files }, beside)
      const said = yield* problems(Effect.flatMap(read, transportOf))
      assert.deepStrictEqual(
        said.map((text) => text.split(" ")[0]),
        ["certFile", "caFile", "keyFile"].map((name) => `transport.tcp.tls.${name}`)
      )
    })
  )

  it.live("with a certificate that is out of date are taken, with a warning that names it", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logs = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      const read = configured({ port: 0, security: "mtls", tls: files }, nodeFiles("expired"))
      yield* Effect.provide(Effect.flatMap(read, transportOf), logs)
      assert.lengthOf(lines, 1)
      assert.match(
        lines[0] ?? "",
        /^transport\.tcp\.tls\.certFile: the certificate "CN=expired" in .*node\.pem has expired \(2024-01-02T.*replace it$/
      )
    })
  )
})

describe("a plain configuration", () => {
  it.live("listens on loopback alone", () =>
    Effect.gen(function* () {
      const transport = yield* Effect.flatMap(configured({ port: 0, security: "plain" }), transportOf)
      assert.strictEqual(addressOf(yield* transport.listen(plain)).host, "127.0.0.1")
    })
  )
})
