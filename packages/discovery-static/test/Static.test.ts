import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Static from "@gc/discovery-static"
import * as Arbitrary from "effect/Arbitrary"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const context: Discovery.DiscoveryContext = {
  self: { cluster: "test", name: NodeName.make("a@rosa"), instance: "00".repeat(16), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => []
}

const looks = (source: Discovery.Source) => Stream.runCollect(source.looks(context))

/** What the list says, each peer as its text. */
const said = Effect.fnUntraced(function* (entries: ReadonlyArray<Static.Entry>, options?: Static.Options) {
  const all = yield* Effect.flatMap(Static.make(entries, options), looks)
  return all.flatMap((look) => (look._tag === "Peers" ? look.peers.map(Peer.format) : []))
})

const refusal = (entries: ReadonlyArray<Static.Entry>, options?: Static.Options) =>
  Effect.flip(Static.make(entries, options))

const of = (layer: Layer.Layer<Discovery.Discovery, unknown>) =>
  Effect.map(Layer.build(layer), (services) => Context.get(services, Discovery.Discovery))

describe("the source", () => {
  it.effect("says its list once, and that is final", () =>
    Effect.gen(function* () {
      const source = yield* Static.make(["b@rosa", "c@rosa"])
      const peers = ["b@rosa", "c@rosa"].map((name) => ({ name: NodeName.make(name), source: "static" }))
      assert.deepStrictEqual(yield* looks(source), [{ _tag: "Peers", source: "static", peers }])
    })
  )

  it.effect("may be empty", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.flatMap(Static.make([]), looks), [
        { _tag: "Peers", source: "static", peers: [] }
      ])
    })
  )

  it.effect("has each node once, in the order of the list, however it is spelled", () =>
    Effect.gen(function* () {
      const rosa = Peer.fromName(NodeName.make("b@rosa"))
      const entries = ["c@h:1", "b@rosa", " b@ROSA ", rosa, "h:1", "tcp://H:1", "TCP://h:1", "c@h:1"]
      assert.deepStrictEqual(yield* said(entries), ["c@h at tcp://h:1", "b@rosa", "tcp://h:1"])
    })
  )

  it.effect("keeps the entries of two lists apart in a merge", () =>
    Effect.gen(function* () {
      const both = yield* of(Discovery.layerMerge(Static.layer(["b@rosa"]), Static.layer(["c@rosa"])))
      assert.deepStrictEqual(
        (yield* looks(both)).map((look) => look.source),
        ["static", "static#2"]
      )
    })
  )
})

describe("an entry", () => {
  it.effect.each([
    ["b@rosa", "b@rosa"],
    ["B@Rosa.Example.", "B@rosa.example."],
    ["b@127.0.0.1", "b@127.0.0.1"],
    ["b@[::1]", "b@[::1]"],
    ["b@::1", "b@[::1]"],
    ["b@fe80::1%eth0", "b@[fe80::1%eth0]"],
    ["b@2001:db8:0:0:0:0:0:1", "b@[2001:db8:0:0:0:0:0:1]"],
    ["b@rosa:4371", "b@rosa at tcp://rosa:4371"],
    ["b@Rosa:4371", "b@rosa at tcp://rosa:4371"],
    ["b@127.0.0.1:4371", "b@127.0.0.1 at tcp://127.0.0.1:4371"],
    ["b@[::1]:4371", "b@[::1] at tcp://[::1]:4371"],
    ["tcp://rosa:4371", "tcp://rosa:4371"],
    ["tls://[2001:DB8::1]:4371", "tls://[2001:db8::1]:4371"],
    ["wss://rosa:443/gc?a=b@c", "wss://rosa:443/gc?a=b@c"],
    ["quic://rosa:4371", "quic://rosa:4371"],
    ["rosa:4371", "tcp://rosa:4371"],
    ["127.0.0.1:4371", "tcp://127.0.0.1:4371"],
    ["[::1]:4371", "tcp://[::1]:4371"],
    ["  rosa:4371\t", "tcp://rosa:4371"]
  ] as const)("%s is taken", ([entry, peer]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* said([entry]), [peer])
    })
  )

  it.effect.each([
    [
      "",
      "expected a node name (b@rosa), a name with a port (b@rosa:4371), a host with a port (rosa:4371) or an address"
    ],
    ["rosa", "expected a node name (b@rosa), a name with a port"],
    ["[::1]:", "expected a host with a port such as rosa:4371 or [::1]:4371"],
    ["rosa:", `"tcp://rosa:" has no port`],
    ["::1:4371", "expected a host with a port such as rosa:4371 or [::1]:4371"],
    ["rosa:99999", "a port is 0..65535"],
    ["rosa:4371/path", "a tcp address ends with its port"],
    ["@rosa", `has nothing before the "@"`],
    ["b@", "the host is empty"],
    ["b@rosa:", "expected a name with a port such as b@rosa:4371"],
    ["b@rosa:port", "a port is 0..65535"],
    ["b@c@rosa:1", `exactly one "@"`],
    ["b@rosa,c@rosa", `exactly one "@"`],
    ["b@ro sa", "printable ASCII without blanks"],
    ["b@[::1", "is not closed"],
    ["tcp://rosa", `expected an address such as tcp://rosa:4371 ("tcp://rosa" has no port)`],
    ["tcp://b@rosa:4371", "has a user in it"],
    ["http://rosa/", "has no port"]
  ] as const)("%s is refused", ([entry, says]) =>
    Effect.gen(function* () {
      const error = yield* refusal([entry])
      assert.isTrue(error.reason._tag === "EntryInvalid" && error.reason.entry === entry)
      assert.include(error.message, `discovery static: ${JSON.stringify(entry)} is no peer: expected `)
      assert.include(error.message, says)
    })
  )

  it.effect.each(["rosa:0", "b@rosa:0", "tcp://rosa:0", "tcp://0.0.0.0:4371", "[::]:4371", "b@0.0.0.0", "b@[::]:4371"])(
    "%s is refused, for nobody can dial it",
    (entry) =>
      Effect.gen(function* () {
        assert.include((yield* refusal([entry])).message, "expected somebody who can be dialed: a port that is not 0")
      })
  )

  it.effect("with an IPv6 host whose end may be a port is refused, and its two readings are told", () =>
    Effect.gen(function* () {
      const { message } = yield* refusal(["b@2001:db8::1:4371"])
      assert.include(message, "expected the IPv6 host in brackets, [2001:db8::1:4371] or [2001:db8::1]:4371")
      assert.deepStrictEqual(yield* said(["b@[2001:db8::1:4371]", "b@[2001:db8::1]:4371"]), [
        "b@[2001:db8::1:4371]",
        "b@[2001:db8::1] at tcp://[2001:db8::1]:4371"
      ])
    })
  )

  it.effect("that is a peer is taken as it is, unless nobody can dial it", () =>
    Effect.gen(function* () {
      const name = NodeName.make("b@rosa")
      const peers: ReadonlyArray<Peer.Peer> = [{ name, address: Address.make("tls", "proxy", 1) }, { name }]
      assert.deepStrictEqual(yield* said(peers), ["b@rosa at tls://proxy:1", "b@rosa"])
      const error = yield* refusal([{ name, address: Address.make("tcp", "rosa", 0) }])
      assert.include(error.message, `"b@rosa at tcp://rosa:0" is no peer`)
    })
  )

  it.effect.prop(
    "with a name and a port is that name at that port",
    {
      basename: Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[!-.0-9;-?A-~]{1,12}$/))),
      host: Schema.Literals(["rosa", "10.0.0.7", "[::1]", "[2001:db8::7:4371]", "a.b-c.example"]),
      port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
    },
    ({ basename, host, port }) =>
      Effect.gen(function* () {
        const [peer] = yield* said([`${basename}@${host}:${port}`])
        assert.strictEqual(peer, `${basename}@${host} at tcp://${host}:${port}`)
      })
  )

  it.effect.prop("of any text is a peer or a refusal, never a defect", [Schema.String], ([text]) =>
    Effect.gen(function* () {
      const read = yield* Effect.result(Static.make([text, `b@${text}`, `tcp://${text}`, `${text}:1`]))
      assert.include(["Success", "Failure"], read._tag)
    })
  )
})

describe("the protocol option", () => {
  it.effect("is that of entries with a port that name none", () =>
    Effect.gen(function* () {
      const entries = ["b@rosa:1", "rosa:2", "tcp://rosa:3", "c@rosa"]
      assert.deepStrictEqual(yield* said(entries, { protocol: "ws" }), [
        "b@rosa at ws://rosa:1",
        "ws://rosa:2",
        "tcp://rosa:3",
        "c@rosa"
      ])
    })
  )

  it.effect("that is none fails at the entries that need it", () =>
    Effect.gen(function* () {
      assert.include((yield* refusal(["rosa:2"], { protocol: "t c p" })).message, `"rosa:2" is no peer`)
    })
  )
})

describe("a list with wrong entries", () => {
  it.effect("names all of them at once", () =>
    Effect.gen(function* () {
      const error = yield* refusal(["b@rosa", "rosa", "c@rosa", "tcp://rosa", "d@"])
      assert.strictEqual(error._tag, "DiscoveryError")
      assert.strictEqual(error.source, "static")
      assert.isTrue(error.reason._tag === "EntryInvalid")
      if (error.reason._tag !== "EntryInvalid") return
      assert.deepStrictEqual(
        [error.reason, ...(error.reason.others ?? [])].map(({ entry }) => entry),
        ["rosa", "tcp://rosa", "d@"]
      )
      for (const entry of ["rosa", "tcp://rosa", "d@"]) assert.include(error.message, `"${entry}" is no peer: expected`)
    })
  )

  it.effect("fails the layer when it is built", () =>
    Effect.gen(function* () {
      const layer = Static.layer(["b@rosa", "rosa"])
      expectTypeOf(layer).toEqualTypeOf<Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>>()
      const error = yield* Effect.flip(Layer.build(layer))
      assert.strictEqual(error.reason._tag, "EntryInvalid")
    })
  )
})

describe("layer", () => {
  it.effect("is the source", () =>
    Effect.gen(function* () {
      const [look] = yield* Effect.flatMap(of(Static.layer(["b@rosa:1"], { protocol: "ws" })), looks)
      assert.deepStrictEqual(look?._tag === "Peers" ? look.peers.map(Peer.format) : [], ["b@rosa at ws://rosa:1"])
    })
  )
})

describe("layerConfig", () => {
  const layer = Static.layerConfig({ nodes: Config.Array(Schema.String, "GC_SEEDS") })
  const withEnv = (env: Record<string, string>) => Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

  it.effect("reads the list from the environment", () =>
    Effect.gen(function* () {
      const [look] = yield* Effect.flatMap(of(layer), looks)
      assert.deepStrictEqual(look?._tag === "Peers" ? look.peers.map(Peer.format) : [], [
        "b@rosa at tcp://rosa:1",
        "c@rosa"
      ])
    }).pipe(withEnv({ GC_SEEDS: "b@rosa:1, c@rosa" }))
  )

  it.effect("reads the whole from one object", () =>
    Effect.gen(function* () {
      const settings = Schema.Struct({
        nodes: Schema.Array(Schema.String),
        protocol: Schema.optionalKey(Schema.String)
      })
      const source = yield* of(Static.layerConfig(Config.schema(settings, "static")))
      const [look] = yield* looks(source)
      assert.deepStrictEqual(look?._tag === "Peers" ? look.peers.map(Peer.format) : [], ["ws://rosa:1"])
    }).pipe(
      Effect.provide(
        ConfigProvider.layer(ConfigProvider.fromUnknown({ static: { nodes: ["rosa:1"], protocol: "ws" } }))
      )
    )
  )

  it.effect("fails with the Config's error, or with that of a wrong entry", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(Layer.build(layer)).pipe(withEnv({}))
      assert.strictEqual(missing._tag, "ConfigError")
      const wrong = yield* Effect.flip(Layer.build(layer)).pipe(withEnv({ GC_SEEDS: "rosa" }))
      assert.strictEqual(wrong._tag, "DiscoveryError")
    })
  )
})
