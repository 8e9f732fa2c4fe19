import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "@gc/core/Configuration"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import {
  file,
  folder,
  inEnvironment,
  minimal,
  plugins,
  problems,
  read,
  readSome,
  secretText
} from "./support/configurations.ts"

const sample = `{
  "cluster": "orders",                       // required: two clusters never merge by accident
  "node": "a@127.0.0.1",                     // default: <basename>@<first non-internal address>
  "cookie": "a passphrase of many words",    // or "cookieFile", or GC_COOKIE; default file ~/.gc.cookie (made with 32 random bytes, mode 0600, as Erlang does); required unless mTLS
  "transport": { "tcp": { "host": "127.0.0.1", "port": 4370, "advertise": "127.0.0.1", "security": "psk" } },   // or "ws", or both
  "discovery": { "static": { "nodes": ["b@127.0.0.1:4371", "tcp://127.0.0.1:4372", "c@rosa"] } },
               // or { "dns": {...} }, { "gossip": {...} }, { "epmd": {...} }, a third party's key, or several keys: the union
  "refreshInterval": "5 seconds",            // gen_cluster's refresh_interval_ms is accepted; "infinity" looks once and, unless "reconnect" is given, never redials
  "reconnect": { "initial": "250 millis", "factor": 2, "max": "30 seconds" },   // or "never"
  "onRemoved": "keep",                       // or "disconnect", or { "disconnectAfter": "30 seconds" }
  "detector": "lan",                         // or "lossy", "wan", "test", "erlang"
  "metadata": { "role": "api" }
}
`

const options = (text: string) => Effect.map(readSome(text), (found) => found.options)

const millis = (duration: unknown) => Duration.toMillis(duration as Duration.Duration)

describe("a configuration file", () => {
  it.effect("is the sample of the design, comments and all", () =>
    Effect.gen(function* () {
      const found = yield* readSome(sample)
      const { cookie, reconnect, refreshInterval, ...rest } = found.options
      assert.deepStrictEqual(
        { ...rest, metadata: { ...rest.metadata } },
        {
          cluster: "orders",
          node: "a@127.0.0.1",
          onRemoved: "keep",
          detector: "lan",
          metadata: { role: "api" },
          security: "psk"
        }
      )
      assert.isTrue(Redacted.isRedacted(cookie))
      assert.strictEqual(Redacted.value(cookie as Redacted.Redacted), "a passphrase of many words")
      assert.strictEqual(millis(refreshInterval), 5_000)
      assert.deepStrictEqual(
        typeof reconnect === "object" && [millis(reconnect.initial), reconnect.factor, millis(reconnect.max)],
        [250, 2, 30_000]
      )
      assert.deepStrictEqual(
        found.transports.map(({ key, security, settings }) => ({ key, security, settings })),
        [{ key: "tcp", security: "psk", settings: { host: "127.0.0.1", port: 4370, advertise: "127.0.0.1" } }]
      )
      assert.deepStrictEqual(
        found.discoveries.map(({ key, settings }) => ({ key, settings })),
        [{ key: "static", settings: { nodes: ["b@127.0.0.1:4371", "tcp://127.0.0.1:4372", "c@rosa"] } }]
      )
      assert.isUndefined(found.resolver)
      assert.deepStrictEqual(found.warnings, [])
      assert.match(found.source, /^\/.*gc\.json$/)
    })
  )

  it.effect("takes gen_cluster's interval, infinity, and figures", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({
        ...minimal,
        refresh_interval_ms: 2500,
        reconnect: "never",
        onRemoved: { disconnectAfter: "30 seconds" },
        detector: { heartbeat: 100, suspectAfter: "300 millis", downAfter: "600 millis" }
      })
      const { detector, onRemoved, reconnect, refreshInterval } = yield* options(text)
      assert.strictEqual(millis(refreshInterval), 2500)
      assert.strictEqual(reconnect, "never")
      assert.strictEqual(typeof onRemoved === "object" && millis(onRemoved.disconnectAfter), 30_000)
      assert.strictEqual(typeof detector === "object" && millis(detector.suspectAfter), 300)
      for (const key of ["refreshInterval", "refresh_interval_ms"]) {
        const { refreshInterval: never } = yield* options(JSON.stringify({ ...minimal, [key]: "infinity" }))
        assert.isFalse(Duration.isFinite(never as Duration.Duration))
      }
    })
  )

  it.effect("takes two cookies with labels", () =>
    Effect.gen(function* () {
      const cookie = [
        { label: "new", cookie: `hex:${"ab".repeat(32)}` },
        { label: "old", cookie: "a passphrase of many words" }
      ]
      const found = yield* options(JSON.stringify({ ...minimal, cookie }))
      const list = found.cookie as ReadonlyArray<{ label: string; cookie: Redacted.Redacted }>
      assert.deepStrictEqual(
        list.map(({ label }) => label),
        ["new", "old"]
      )
      assert.strictEqual(Redacted.value(list[1]!.cookie), "a passphrase of many words")
      assert.notInclude(JSON.stringify(found), "passphrase")
    })
  )

  it.effect("names the mode of each transport, and needs no cookie where all have certificates", () =>
    Effect.gen(function* () {
      const modes = (rest: object) =>
        Effect.map(
          readSome(JSON.stringify({ cluster: "orders", ...rest })),
          ({ options: { security }, transports }) => [security, ...transports.map((each) => each.security)]
        )
      assert.deepStrictEqual(yield* modes({}), ["psk", "psk"])
      assert.deepStrictEqual(yield* modes({ security: "mtls" }), ["mtls", "mtls"])
      assert.deepStrictEqual(yield* modes({ security: "mtls", transport: { tcp: { security: "psk" } } }), [
        "psk",
        "psk"
      ])
      assert.deepStrictEqual(yield* modes({ transport: { tcp: { security: "mtls" } } }), ["mtls", "mtls"])
    })
  )

  it.effect("takes tcp where it names no transport, or the only one", () =>
    Effect.gen(function* () {
      const [transport] = plugins.transport!
      const other = { ...transport!, key: "other" }
      const text = JSON.stringify(minimal)
      const keys = (given: typeof plugins) =>
        Effect.map(readSome(text, { plugins: given }), ({ transports }) => transports.map(({ key }) => key))
      assert.deepStrictEqual(yield* keys({ transport: [other, transport!] }), ["tcp"])
      assert.deepStrictEqual(yield* keys({ transport: [other] }), ["other"])
      assert.deepStrictEqual(yield* problems(text, { plugins: { transport: [other, { ...other, key: "third" }] } }), [
        "transport is missing: expected one of other, third"
      ])
      assert.deepStrictEqual(yield* problems(text, { plugins: {} }), [
        "transport is missing: expected a transport that the program knows, and it knows none"
      ])
    })
  )

  it.effect("that is absent or says nothing is no configuration", () =>
    Effect.gen(function* () {
      for (const text of [
        undefined,
        "",
        " \n\t",
        "// nothing yet\n/* nor here */",
        "{}",
        "\ufeff{ }",
        '{ "$schema": "./gc.json" }'
      ]) {
        assert.isTrue(Option.isNone(yield* read(text)), String(text))
      }
      const absent = Configuration.read(join(yield* folder, "none.json"), plugins)
      assert.isTrue(Option.isNone(yield* inEnvironment({})(absent)))
    })
  )

  it.effect("may begin with a byte order mark", () =>
    Effect.map(readSome(`\ufeff${sample}`), (found) => assert.strictEqual(found.options.cluster, "orders"))
  )

  it.effect("that cannot be read is told with its path, the reason and the remedy", () =>
    Effect.gen(function* () {
      const place = yield* folder
      mkdirSync(join(place, "gc.d"))
      const message = (path: string) =>
        Effect.map(Effect.flip(inEnvironment({})(Configuration.read(path, plugins))), (error) => error.message)
      assert.strictEqual(
        yield* message(join(place, "gc.d")),
        `${join(place, "gc.d")} cannot be read (it is a directory): name a file of at most 1 MiB that this process can read`
      )
      const large = file(join(place, "large.json"), `{}${" ".repeat(1024 * 1024)}`)
      assert.include(yield* message(large), "it has more than 1048576 bytes")
      const full = file(join(place, "full.json"), `{}${" ".repeat(1024 * 1024 - 2)}`)
      assert.isTrue(Option.isNone(yield* inEnvironment({})(Configuration.read(full, plugins))))
      assert.include(
        yield* message(file(join(place, "latin.json"), Uint8Array.of(0x22, 0xe4, 0x22))),
        "it is not UTF-8"
      )
      assert.include(yield* message(join(full, "below.json")), "ENOTDIR")
    })
  )

  it.effect("that is no JSON is told by line and column, and nothing of its text", () =>
    Effect.gen(function* () {
      const at = (text: string) =>
        Effect.map(Effect.flip(read(text)), (error) => error.message.replace(/^.*gc\.json:/, ""))
      const broken: ReadonlyArray<readonly [string, string]> = [
        [`{\n  "cookie": ${secretText}\n}`, "2:13 is no JSON: a value is expected here"],
        [`{\n  "cookie": "${secretText}\n}`, "2:13 is no JSON: a text has no end before the end of the line"],
        [`{ "cookie" "${secretText}" }`, '1:12 is no JSON: ":" is expected behind a key'],
        [`{ cookie: "${secretText}" }`, '1:3 is no JSON: a key in double quotes, or "}", is expected here'],
        [`{ "cookie": "${secretText}" "node": 1 }`, '1:44 is no JSON: "," or "}" is expected here'],
        [`{ "cookie": "\\x${secretText}" }`, "1:13 is no JSON: a text has a control character"],
        [`{ "cluster": 'orders' }`, "1:14 is no JSON: a value is expected here"],
        [`{ "maxMembers": 012 }`, "1:17 is no JSON: a value is expected here"],
        [`{} ${secretText}`, "1:4 is no JSON: nothing but comments can stand behind the value"],
        [`{ /* ${secretText} }`, "1:3 is no JSON: a comment has no end"],
        [`["${secretText}"]`, "1:1 is no JSON: the file is one object"],
        [`"${secretText}"`, "1:1 is no JSON: the file is one object"],
        [`${"[".repeat(100_000)}`, "1:66 is no JSON: values stand in each other more than 64 deep"]
      ]
      for (const [text, expected] of broken) {
        const message = yield* at(text)
        assert.isTrue(message.startsWith(expected), `${message} for ${text.slice(0, 40)}`)
        assert.notInclude(message, secretText)
      }
    })
  )

  it.effect("may have trailing commas, and no key twice", () =>
    Effect.gen(function* () {
      const trailing = '{ "cluster": "orders", "discovery": { "static": { "nodes": ["b@rosa", ], }, }, }'
      assert.lengthOf((yield* readSome(trailing)).discoveries, 1)
      const twice = `{ "cluster": "orders",\n"transport": { "tcp": { "port": 1,\n\n"port": 2 } },\n"cluster": "orders" }`
      assert.deepStrictEqual(yield* problems(twice), [
        "transport.tcp.port is there twice (again in line 4): expected each key once in an object",
        "cluster is there twice (again in line 5): expected each key once in an object"
      ])
    })
  )
})

describe("a cookie's file that a configuration names", () => {
  it.effect("lies beside the configuration, or in the user's home", () =>
    Effect.gen(function* () {
      const place = yield* folder
      file(join(place, "cookie"), "a passphrase of many words\n")
      const path = file(join(place, "gc.json"), JSON.stringify({ cluster: "orders", cookieFile: "cookie" }))
      const found = yield* inEnvironment({})(Configuration.read(path, plugins))
      assert.strictEqual(Option.getOrThrow(found).options.cookieFile, join(place, "cookie"))
      assert.isUndefined(Option.getOrThrow(found).options.cookie)
      const [missing] = yield* problems(JSON.stringify({ cluster: "orders", cookieFile: "~/no/such.cookie" }))
      assert.include(missing, `"${join(homedir(), "no/such.cookie")}", which cannot be read (it does not exist)`)
    })
  )

  it.effect("is refused, with the remedy, when others can read it or it holds no cookie", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "cookie")
      const text = JSON.stringify({ cluster: "orders", cookieFile: path })
      file(path, `${secretText}\n`, 0o644)
      assert.deepStrictEqual(yield* problems(text), [
        `cookieFile is "${path}", a file that others can read (mode 0644): expected one that only its owner can: run chmod 600 ${path}, and change what is in it if somebody may have seen it`
      ])
      file(path, "short", 0o600)
      const [wrong, ...others] = yield* problems(text)
      assert.deepStrictEqual(others, [])
      assert.include(wrong, `cookieFile is "${path}", which holds no cookie: expected a file with "hex:"`)
      assert.notInclude(wrong, "short")
    })
  )

  it.effect("is what one should use when the configuration itself can be read by others", () =>
    Effect.gen(function* () {
      const text = JSON.stringify(minimal)
      const [warning, ...others] = (yield* readSome(text, { mode: 0o644 })).warnings
      assert.deepStrictEqual(others, [])
      assert.match(
        warning!,
        /^others can read \/.*gc\.json \(mode 0644\), and it holds a cookie: run chmod 600 \/.*gc\.json, or /
      )
      assert.notInclude(warning, minimal.cookie)
      assert.deepStrictEqual((yield* readSome(text, { mode: 0o600 })).warnings, [])
      const env = { GC_COOKIE: "another one of many words" }
      assert.deepStrictEqual((yield* readSome(text, { mode: 0o644, env })).warnings, [])
    })
  )
})
