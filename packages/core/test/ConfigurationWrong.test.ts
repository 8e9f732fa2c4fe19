import { assert, describe, it } from "@effect/vitest"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  listPlugin,
  minimal,
  plugins,
  problems,
  readSome,
  registryPlugin,
  secretText,
  tcpPlugin
} from "./support/configurations.ts"

const duration = 'a duration such as "5 seconds", or a number of milliseconds'
const mode = '"psk", "mtls" or "plain"'
const cookie = '"hex:" and 64 hexadecimal digits, or a passphrase of at least 16 characters'
const texts = '{ key: "text" }, keys of 1-64 letters, digits, "_", "." or "-", at most 4096 bytes'
const backoff = '"never", or { initial, factor, max }'
const removed = '"keep", "disconnect", or { "disconnectAfter": "30 seconds" }'
const figures = '"lan", "lossy", "wan", "test", "erlang", or { heartbeat, suspectAfter, downAfter }'
const positive = "a whole number above 0"
const known =
  "one of $schema, cluster, node, cookie, cookieFile, security, allowPlaintext, refreshInterval, refresh_interval_ms, reconnect, onRemoved, detector, metadata, peerExchange, maxPendingPerHost, maxMembers, maxMessageSize, appVersion, transport, discovery, resolver"

/** What is put into a right file, and what is said of it. */
const cases: ReadonlyArray<readonly [object, string]> = [
  [{ $schema: 5 }, "$schema is a number: expected a text"],
  [{ cluster: "" }, 'cluster is "": expected 1-64 bytes of UTF-8 without NUL (the cluster name is empty)'],
  [{ cluster: 5 }, "cluster is 5: expected 1-64 bytes of UTF-8 without NUL"],
  [{ cluster: null }, "cluster is null: expected 1-64 bytes of UTF-8 without NUL"],
  [
    { node: "a" },
    'node is "a": expected basename@host, for example a@10.0.0.7 ("a" is not basename@host with exactly one "@")'
  ],
  [{ node: ["a@b"] }, "node is a list of 1: expected basename@host, for example a@10.0.0.7"],
  [{ cookie: "short" }, `cookie is a text: expected ${cookie}; or a list of one or two { label, cookie }`],
  [{ cookie: 12345678 }, `cookie is a number: expected ${cookie}; or a list of one or two { label, cookie }`],
  [{ cookie: "" }, `cookie is "": expected ${cookie}; or a list of one or two { label, cookie }`],
  [{ cookie: [] }, "cookie is a list of 0: expected one cookie, or two with different labels"],
  [{ cookie: [{ label: "a", cookie: "short" }] }, `cookie.0.cookie is a text: expected ${cookie}`],
  [
    { cookie: [{ label: "a b", cookie: minimal.cookie }] },
    "cookie is a list of 1: expected a label of 1-64 printable ASCII characters"
  ],
  [{ cookie: undefined, cookieFile: 5 }, "cookieFile is 5: expected the path of a file"],
  [{ security: "tls" }, `security is "tls": expected ${mode}`],
  [{ allowPlaintext: "yes" }, 'allowPlaintext is "yes": expected true or false'],
  [{ refreshInterval: "soon" }, `refreshInterval is "soon": expected ${duration}`],
  [{ refreshInterval: 5 }, "refreshInterval is 5: expected at least 10 milliseconds"],
  [{ refresh_interval_ms: -1 }, 'refresh_interval_ms is -1: expected a number of milliseconds, or "infinity"'],
  [
    { refresh_interval_ms: 5000, refreshInterval: 5000 },
    "refresh_interval_ms is given beside refreshInterval: expected one of the two"
  ],
  [{ reconnect: "always" }, `reconnect is "always": expected ${backoff}`],
  [
    { reconnect: { initial: "infinity" } },
    'reconnect.initial is "infinity": expected a finite duration; reconnect: "never" never dials again'
  ],
  [{ reconnect: { factor: 20 } }, "reconnect.factor is 20: expected a number of 1 to 10"],
  [
    { reconnect: { max: 1 } },
    "reconnect.max is 1: expected a finite duration, at least reconnect.initial, which is at least 1 millisecond"
  ],
  [{ reconnect: { maximum: 1 } }, "reconnect.maximum is no setting: expected one of initial, factor, max"],
  [{ onRemoved: "drop" }, `onRemoved is "drop": expected ${removed}`],
  [{ onRemoved: { disconnectAfter: "late" } }, `onRemoved.disconnectAfter is "late": expected ${duration}`],
  [{ detector: "lann" }, `detector is "lann": expected ${figures}`],
  [{ detector: { heartbeat: 100, suspectAfter: 300 } }, `detector.downAfter is missing: expected ${duration}`],
  [{ metadata: { role: 5 } }, "metadata.role is 5: expected a text"],
  [
    { metadata: { "a b": "x" } },
    `metadata is an object: expected ${texts} (the metadata key "a b" is not 1-64 letters, digits, "_", "." or "-")`
  ],
  [{ metadata: "x" }, 'metadata is a text: expected { "key": "text" }, keys of 1-64 letters, digits, "_", "." or "-"'],
  [{ peerExchange: 1 }, "peerExchange is 1: expected true or false"],
  [{ maxPendingPerHost: 0 }, `maxPendingPerHost is 0: expected ${positive}`],
  [{ maxMembers: 1.5 }, `maxMembers is 1.5: expected ${positive}`],
  [{ maxMessageSize: "16 MiB" }, `maxMessageSize is "16 MiB": expected ${positive}`],
  [{ appVersion: "a\nb" }, 'appVersion is "a\\nb": expected a text of at most 64 bytes without control characters'],
  [{ clutser: "orders" }, `clutser is no setting: expected ${known}; did you mean "cluster"?`],
  [{ admit: true }, `admit is no setting: expected ${known}`],
  [{ transport: "tcp" }, "transport is a text: expected an object with entries: one of tcp"],
  [
    { transport: { tpc: {} } },
    'transport.tpc is no transport of this program: expected one of tcp; did you mean "transport.tcp"?'
  ],
  [
    { transport: { tcp: true } },
    "transport.tcp is a boolean: expected an object with its settings; {} takes the defaults"
  ],
  [
    { transport: { tcp: { port: 70_000 } } },
    "transport.tcp.port is 70000: expected a port from 0 to 65535, where 0 takes any free one"
  ],
  [{ transport: { tcp: { security: "ssl" } } }, `transport.tcp.security is "ssl": expected ${mode}`],
  [
    { transport: { tcp: { prot: 1 } } },
    'transport.tcp.prot is no setting: expected one of host, port, advertise, package, security; did you mean "transport.tcp.port"?'
  ],
  [{ discovery: { redsi: {} } }, "discovery.redsi is no discovery of this program: expected one of static, registry"],
  [
    { discovery: { statik: {} } },
    'discovery.statik is no discovery of this program: expected one of static, registry; did you mean "discovery.static"?'
  ],
  [{ discovery: { static: {} } }, "discovery.static.nodes is missing: expected a list of nodes"],
  [
    { discovery: { static: { nodes: ["b@rosa", "x"] } } },
    'discovery.static.nodes.1 is "x": expected a node such as b@rosa:4371 (it has neither name nor port)'
  ],
  [{ discovery: { static: { nodes: "b@rosa" } } }, "discovery.static.nodes is a text: expected a list of nodes"],
  [
    { discovery: { static: { nodes: [], security: "psk" } } },
    "discovery.static.security is no setting: expected one of nodes, protocol, package"
  ],
  [
    { discovery: { static: { nodes: [], package: 5 } } },
    "discovery.static.package is 5: expected the name of a package"
  ],
  [
    { discovery: { registry: { url: "u", strict: true } } },
    "discovery.registry.tags is missing: expected tags where strict is true"
  ],
  [{ discovery: { registry: { url: "u", tags: ["a", ""] } } }, 'discovery.registry.tags.1 is "": expected a text'],
  [
    { discovery: { registry: { url: "u", tags: 5 } } },
    "discovery.registry.tags is 5: expected a tag, or a list of them"
  ],
  [{ resolver: { mapper: { port: 0 } } }, "resolver.mapper.port is 0: expected a port from 1 to 65535"]
]

describe("a wrong value of a configuration file", () => {
  for (const [wrong, expected] of cases) {
    it.effect(`${JSON.stringify(wrong)} is told by key, value and expectation`, () =>
      Effect.gen(function* () {
        const found = yield* problems(JSON.stringify({ ...minimal, ...wrong }))
        assert.deepStrictEqual(found, [expected])
      })
    )
  }

  it.effect("never comes alone: all are told at once", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({
        node: "a",
        cokie: secretText,
        cookie: secretText.slice(0, 8),
        refreshInterval: "soon",
        reconnect: { initial: "x", factor: 20, maks: 1 },
        onRemoved: "drop",
        detector: { heartbeat: "often", suspectAfter: -1 },
        metadata: { role: 5, other: false },
        transport: { tcp: { port: -1, security: "ssl", prot: 1 }, quic: {} },
        discovery: { static: { nodes: ["x", 5] }, registry: { token: 5, evry: 1 }, statik: {} },
        resolver: { mapper: [] }
      })
      const keys = (yield* problems(text)).map((problem) => problem.replace(/ is .*/, ""))
      assert.deepStrictEqual(
        keys.toSorted((one, other) => one.localeCompare(other)),
        [
          "cluster",
          "cokie",
          "cookie",
          "detector.downAfter",
          "detector.heartbeat",
          "detector.suspectAfter",
          "discovery.registry.evry",
          "discovery.registry.token",
          "discovery.registry.url",
          "discovery.static.nodes.0",
          "discovery.static.nodes.1",
          "discovery.statik",
          "metadata.other",
          "metadata.role",
          "node",
          "onRemoved",
          "reconnect.factor",
          "reconnect.initial",
          "reconnect.maks",
          "refreshInterval",
          "resolver.mapper",
          "transport.quic",
          "transport.tcp.port",
          "transport.tcp.prot",
          "transport.tcp.security"
        ]
      )
    })
  )

  it.effect("is told whole, but no longer than is useful", () =>
    Effect.gen(function* () {
      const [problem] = yield* problems(JSON.stringify({ ...minimal, security: "x".repeat(10_000) }))
      assert.isBelow(problem!.length, 300)
      const [unknown] = yield* problems(JSON.stringify({ ...minimal, ["k".repeat(10_000)]: 1 }))
      assert.isBelow(unknown!.length, 1000)
    })
  )
})

describe("a secret of a configuration file", () => {
  const s = secretText
  const places: ReadonlyArray<object> = [
    { cookie: { [s]: 1 } },
    { cookie: { label: "a", cookie: s } },
    { cookie: [s] },
    { cookie: [{ label: "a", cokie: s }] },
    { cookie: [{ label: "a", cookie: [s] }] },
    {
      cookie: [
        { label: "a", cookie: s },
        { label: "a", cookie: s }
      ]
    },
    { cokie: s },
    { Cookie: { text: s } },
    { cluster: { cookie: s } },
    { security: `hex:${s}` },
    { node: [s] },
    { transport: s },
    { transport: [s] },
    { transport: { tcp: s } },
    { transport: { tcp: { cookie: s } } },
    { transport: { other: { token: s } } },
    { discovery: s },
    { discovery: { registry: s } },
    { discovery: { registry: [s] } },
    { discovery: { registry: { url: 5, token: s } } },
    { discovery: { registry: { url: "u", tokn: s } } },
    { discovery: { registry: { url: "u", token: [s] } } },
    { discovery: { registry: { url: "u", token: { is: s } } } },
    { discovery: { registry: { url: "u", login: s } } },
    { discovery: { registry: { url: "u", login: { user: 5, word: s } } } },
    { discovery: { registry: { url: "u", login: { user: "me", wrod: s } } } },
    { discovery: { registri: { token: s } } },
    { resolver: s }
  ]
  it.effect.each(places)("never stands in an error: %j", (place) =>
    Effect.gen(function* () {
      const text = JSON.stringify({ ...minimal, ...place })
      const found = yield* problems(text)
      assert.isAbove(found.length, 0)
      assert.notInclude(found.join("\n"), s)
    })
  )

  it.effect("does not stand there when a plugin's own check repeats it", () =>
    Effect.gen(function* () {
      const talkative = Setting.of(
        Schema.String.check(Schema.makeFilter((text: string) => `expected something better than ${text}`)),
        { description: "A token.", expected: "a token" }
      ).annotate({ [Setting.secretAnnotation]: true })
      const plugin = Plugin.discovery({
        key: "talkative",
        schema: Schema.Struct({ token: talkative }),
        layer: () => listPlugin.layer({}, undefined as never)
      })
      const text = JSON.stringify({ ...minimal, discovery: { talkative: { token: s } } })
      assert.deepStrictEqual(yield* problems(text, { plugins: { ...plugins, discovery: [plugin] } }), [
        "discovery.talkative.token is a text: expected a token"
      ])
    })
  )

  it.effect("is redacted in what was read", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({
        cluster: "orders",
        cookie: s,
        discovery: { registry: { url: "u", token: s, login: { user: "me", word: s } } }
      })
      const found = yield* readSome(text, { plugins: { discovery: [registryPlugin], transport: [tcpPlugin] } })
      assert.notInclude(JSON.stringify(found), s)
      assert.notInclude(String(found.discoveries[0]!.settings), s)
    })
  )
})
