import { assert, describe, it } from "@effect/vitest"
import type { ByteChannel } from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { addressOf, makeWorld } from "./support/world.ts"

const cookie = `hex:${"0123456789abcdef".repeat(4)}`

/** What a program that no compiler has seen may give. */
const make = (options: unknown) =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make()
    return yield* Cluster.make(options as Cluster.Options).pipe(
      Effect.provideService(Transport, network.transport("a")),
      Effect.provideService(Discovery.Discovery, Discovery.empty)
    )
  })

const joined = (options: object) => make({ cluster: "test", cookie, ...options })

const cyclic: Record<string, unknown> = {}
cyclic["self"] = cyclic

const wrong: ReadonlyArray<readonly [options: object, key: string, value: string, expected: string]> = [
  [{ cluster: undefined }, "cluster", "undefined", "1-64 bytes of UTF-8"],
  [{ cluster: 42 }, "cluster", "42", "1-64 bytes of UTF-8"],
  [{ node: 42 }, "node", "42", "basename@host, for example a@10.0.0.7"],
  [{ node: null }, "node", "null", "basename@host, for example a@10.0.0.7"],
  [{ cookie: 42 }, "cookie", "a number", "a text"],
  [{ cookie: null }, "cookie", "null", "a text"],
  [{ cookie: ["hunter2"] }, "cookie", "a list with a string in it", "{ label, cookie }"],
  [{ cookie: [{ label: "a" }] }, "cookie", "undefined", "environment variable"],
  [{ cookie: [{ label: "a", cookie: 42 }] }, "cookie", "a number", "a text"],
  [{ cookie: [{ label: 42, cookie }] }, "cookie", "labelled 42", "a label of 1-64"],
  [{ cookie: { label: "a", cookie: "hunter2" } }, "cookie", "an object", "a list of one or two"],
  [{ cookie: Redacted.make(undefined) }, "cookie", "Redacted, undefined", "environment variable"],
  [{ cookie: undefined, cookieFile: 42 }, "cookieFile", "42", "the path of a file"],
  [{ cokie: "hunter2" }, "cokie", "not an option", 'did you mean "cookie"?'],
  [{ refreshIntervall: 5 }, "refreshIntervall", "not an option", 'did you mean "refreshInterval"?'],
  [{ reconnect: { inital: 5 } }, "reconnect.inital", "not an option", 'did you mean "reconnect.initial"?'],
  [{ reconnect: { initial: Infinity, max: Infinity } }, "reconnect.initial", "Infinity", "a finite duration"],
  [{ reconnect: { max: Infinity } }, "reconnect.max", "Infinity", "a finite duration"],
  [{ reconnect: { factor: "2" } }, "reconnect.factor", '"2"', "a number of 1 to 10"],
  [{ reconnect: [] }, "reconnect", "[]", "never"],
  [{ onRemoved: { disconnectAfter: Number.NaN } }, "onRemoved.disconnectAfter", "NaN", "a duration"],
  [{ onRemoved: { disconnectAfter: {} } }, "onRemoved.disconnectAfter", "{}", "a duration"],
  [{ refreshInterval: 5n }, "refreshInterval", "5", "at least 10 milliseconds"],
  [{ refreshInterval: { second: 5 } }, "refreshInterval", '{"second":5}', "a duration"],
  [{ refreshInterval: cyclic }, "refreshInterval", "an object", "a duration"],
  [
    { detector: { heartbeat: 20_000_000n, suspectAfter: 20_000_000n, downAfter: Infinity } },
    "detector",
    '{"heartbeat":"20000000","suspectAfter":"20000000","downAfter":"Infinity"}',
    "at least 20 milliseconds and finite"
  ],
  [{ metadata: "abc" }, "metadata", '"abc"', "{ key:"],
  [{ metadata: ["a"] }, "metadata", '["a"]', "{ key:"],
  [{ metadata: 5 }, "metadata", "5", "{ key:"],
  [{ metadata: new Map([["a", "b"]]) }, "metadata", "{}", "{ key:"],
  [{ metadata: { a: 5n } }, "metadata", '{"a":"5"}', "is not a text"],
  [{ appVersion: 42 }, "appVersion", "42", "at most 64 bytes"],
  [{ appVersion: "\ud800" }, "appVersion", '"\\ud800"', "at most 64 bytes"],
  [{ appVersion: "1\n2" }, "appVersion", '"1\\n2"', "without control characters"],
  [{ allowPlaintext: "no" }, "allowPlaintext", '"no"', "true or false"],
  [{ peerExchange: "no" }, "peerExchange", '"no"', "true or false"],
  [{ admit: true }, "admit", "true", "a function"],
  [{ maxMembers: Number.NaN }, "maxMembers", "NaN", "a whole number above 0"],
  [{ maxMembers: 5n }, "maxMembers", "5", "a whole number above 0"],
  [{ maxMembers: Symbol("x") }, "maxMembers", "Symbol(x)", "a whole number above 0"]
]

describe("an option of a program that no compiler has seen", () => {
  for (const [options, key, value, expected] of wrong) {
    it.effect(`is an error that names it: ${key} ${value}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(joined(options))
        assert(error._tag === "ClusterError" && error.reason._tag === "OptionInvalid")
        assert.deepStrictEqual([error.reason.key, error.reason.value], [key, value])
        assert.include(error.reason.expected, expected)
        assert.notInclude(error.message, "hunter2")
      })
    )
  }

  it.effect("may be the whole of them", () =>
    Effect.gen(function* () {
      for (const options of [undefined, null, 42, "test", []]) {
        assert.include((yield* Effect.flip(make(options))).message, 'expected an object such as { cluster: "orders" }')
      }
      const network = yield* SimulatedNetwork.make()
      const layer = Cluster.layer(undefined as never).pipe(
        Layer.provide(Layer.succeed(Transport, network.transport("a"))),
        Layer.provide(Layer.succeed(Discovery.Discovery, Discovery.empty))
      )
      assert.strictEqual((yield* Effect.flip(Layer.build(layer)))._tag, "ClusterError")
    })
  )

  it.effect("that is a duration may be bigint nanoseconds", () =>
    joined({
      refreshInterval: 10_000_000n,
      detector: { heartbeat: 100_000_000n, suspectAfter: [0, 300_000_000], downAfter: { milliseconds: 600 } }
    })
  )
})

describe("admit", () => {
  const thrown = () => {
    throw new Error("no list of nodes")
  }
  for (const [kind, admit, said] of [
    ["a promise of false", async () => false, "a promise is not waited for"],
    ["a promise that is rejected", async () => thrown(), "a promise is not waited for"],
    ["a text", () => "yes", "something else than true or false"],
    ["an error", thrown, "the option admit threw"]
  ] as const) {
    it.effect(`that answers ${kind} lets nobody in, and says so once a minute`, () => {
      const logs: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void logs.push(`${logLevel} ${String(message)}`))
      return Effect.gen(function* () {
        const world = yield* makeWorld()
        yield* world.start("a", { admit: admit as never })
        const b = yield* world.start("b")
        for (let time = 0; time < 2; time++) {
          const connecting = yield* Effect.forkChild(Effect.flip(b.cluster.connect(Peer.fromAddress(addressOf("a")))))
          yield* TestClock.adjust("2 seconds")
          assert.strictEqual((yield* Fiber.join(connecting)).reason, "not_admitted")
        }
        assert.lengthOf(
          logs.filter((line) => line.startsWith("Warn") && line.includes(said)),
          1
        )
        assert.isEmpty(logs.filter((line) => line.startsWith("Error")))
      }).pipe(Effect.provide(Logger.layer([logger])))
    })
  }
})

describe("a call of a program that no compiler has seen", () => {
  const noPeers: ReadonlyArray<unknown> = [{}, null, "b@b", { name: 42 }, { address: "tcp://b:1" }, { name: "b" }]

  it.effect("with somebody who is no peer is told so", () =>
    Effect.gen(function* () {
      const cluster = yield* joined({})
      for (const peer of noPeers) {
        const diagnosis = yield* cluster.diagnose(peer as Peer.Peer)
        assert.isFalse(diagnosis.ok)
        assert.include(diagnosis.steps[0]?.detail, "is no peer")
        assert.include(diagnosis.steps[0]?.remedy, "Peer.fromName")
        assert.include((yield* Effect.flip(cluster.connect(peer as Peer.Peer))).message, "Peer.fromName")
      }
    })
  )

  it.effect("that waits for what nobody understands fails at once", () =>
    Effect.gen(function* () {
      const { awaitMembers } = yield* joined({})
      const late = yield* Effect.flip(awaitMembers(2, { timeout: "5 parsecs" as never }))
      assert.strictEqual(late._tag, "AwaitTimeout")
      assert.include(late.message, '2 members (the timeout is "5 parsecs": expected a duration')
      for (const wanted of ["b@b", null, Number.NaN, [42]]) {
        assert.include((yield* Effect.flip(awaitMembers(wanted as never))).message, "expected a number of members")
      }
    })
  )

  it.effect("that gives wrong metadata is told so", () =>
    Effect.gen(function* () {
      const { updateMetadata } = yield* joined({})
      for (const metadata of [{ a: 5n }, cyclic, "abc", null, ["a"]]) {
        assert.strictEqual((yield* Effect.flip(updateMetadata(metadata as never))).key, "metadata")
      }
    })
  )

  it.effect("that opens a channel without a name is told so", () =>
    Effect.gen(function* () {
      const { openChannel } = yield* joined({})
      for (const name of [42, undefined, "\ud800", Symbol("x")]) {
        const { reason } = yield* Effect.flip(openChannel(name as never))
        assert.strictEqual(reason._tag, "ChannelUnavailable")
        assert.include(reason.message, "a well-formed text of 1-")
      }
    })
  )

  it.effect("that sends no bytes is told so", () =>
    Effect.gen(function* () {
      const { openChannel, self } = yield* joined({})
      const channel = yield* openChannel("c")
      const given: ReadonlyArray<(channel: ByteChannel, value: never) => ReturnType<ByteChannel["send"]>> = [
        ({ send }, value) => send(self.name, value),
        ({ send }, value) => send(42 as never, value),
        ({ sendAll }, value) => sendAll(NodeName.make("b@b"), [value]),
        ({ sendAll }, value) => sendAll(self.name, value),
        ({ broadcast }, value) => Effect.asVoid(broadcast(value))
      ]
      for (const value of [null, undefined, "text", new Uint16Array(1)]) {
        for (const send of given) {
          const { reason } = yield* Effect.flip(send(channel, value as never))
          assert.strictEqual(reason._tag, "EncodeFailed")
          assert.include(reason.message, "a channel of bytes takes Uint8Array")
          assert.include(reason.message, "use Channel.make with a schema")
          assert.notInclude(reason.message, "does not fit")
        }
      }
      assert.strictEqual((yield* Effect.flip(channel.send(42 as never, new Uint8Array(1)))).node, "42")
    })
  )
})
