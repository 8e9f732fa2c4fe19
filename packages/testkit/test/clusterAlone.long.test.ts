import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import { Transport } from "@gc/core/Transport"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { basenames, cookie, makeMachine, peerAt, see } from "./support/configured.ts"
import { until } from "./support/world.ts"

/** A home folder without a cookie. */
const emptyHome = Effect.acquireRelease(
  Effect.sync(() => {
    const was = process.env["HOME"]
    const home = mkdtempSync(join(tmpdir(), "gc-home-"))
    process.env["HOME"] = home
    assert.strictEqual(homedir(), home)
    return { home, was }
  }),
  ({ home, was }) =>
    Effect.sync(() => {
      if (was === undefined) delete process.env["HOME"]
      else process.env["HOME"] = was
      rmSync(home, { recursive: true, force: true })
    })
).pipe(Effect.map(({ home }) => home))

describe("a program without a configuration", () => {
  it.effect("starts nothing, and says so once", () =>
    Effect.gen(function* () {
      const home = yield* emptyHome
      const starts: ReadonlyArray<readonly [string | undefined, string]> = [
        [undefined, "gc.json does not exist, and no variable such as GC_CLUSTER is set"],
        ["", "gc.json says nothing, and no variable such as GC_CLUSTER is set"],
        ["// later", "gc.json says nothing, and no variable such as GC_CLUSTER is set"],
        ["{}", "gc.json has no keys, and no variable such as GC_CLUSTER is set"]
      ]
      for (const [content, reason] of starts) {
        const machine = yield* makeMachine()
        const path = content === undefined ? join(machine.folder, "gc.json") : machine.write("gc.json", content)
        const { cluster, stop } = yield* machine.boot(Cluster.layerFile(path, machine.plugins))
        assert.deepStrictEqual(machine.lines, [
          `Warn no cluster is started, this node is alone: ${machine.folder}/${reason}`
        ])
        assert.deepStrictEqual([machine.modes, machine.happened, machine.looks()], [[], [], 0])
        assert.deepStrictEqual(readdirSync(machine.folder), content === undefined ? [] : ["gc.json"])
        assert.strictEqual(cluster.self.name, "nonode@nohost")
        assert.deepStrictEqual(cluster.self.addresses, [])
        yield* stop
      }
      assert.deepStrictEqual(readdirSync(home), [])
    })
  )

  it.effect("says so of the environment, too", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      yield* machine.boot(Cluster.layerEnvironment(machine.plugins), { GC_CLUSTER: "", HOME: "/" })
      assert.deepStrictEqual(machine.lines, [
        "Warn no cluster is started, this node is alone: no file is named, and no variable such as GC_CLUSTER is set"
      ])
    })
  )

  it.effect("has a cluster in which it is alone", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const { cluster, stop } = yield* machine.boot(Cluster.layerEnvironment(machine.plugins))
      const self = NodeName.make("nonode@nohost")
      assert.deepStrictEqual(
        (yield* cluster.members).map(({ name, self, state }) => ({ name, self, state })),
        [{ name: self, self: true, state: "alive" }]
      )
      yield* cluster.awaitMembers(1)
      const events: Array<string> = []
      const reading = yield* Stream.runForEach(cluster.events, (event) =>
        Effect.sync(() => void events.push(`${event._tag} ${event.member.name}`))
      ).pipe(Effect.forkChild({ startImmediately: true }))
      yield* cluster.updateMetadata({ role: "api" })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(events, ["Up nonode@nohost", "Updated nonode@nohost"])

      const connect = yield* Effect.flip(cluster.connect(peerAt("a")))
      assert.include(connect.message, "cannot connect to memory://a:4370: no cluster is configured: no file is named")
      const noPeer = yield* Effect.flip(cluster.connect("a" as never))
      assert.strictEqual(noPeer.message, 'cannot connect to "a": "a" is no peer')
      const diagnosis = yield* cluster.diagnose(peerAt("a"))
      assert.isFalse(diagnosis.ok)
      assert.include(diagnosis.steps[0]!.detail, "no cluster is configured")

      const chat = yield* Effect.provideService(Channel.make("chat", Schema.String), Cluster.Cluster, cluster)
      yield* chat.send(self, "hello")
      const got = yield* Stream.runCollect(Stream.take(chat.messages, 1))
      assert.deepStrictEqual(
        got.map(({ from, message }) => [from, message]),
        [[self, "hello"]]
      )
      assert.deepStrictEqual(yield* chat.broadcast("anybody?"), [])
      const gone = yield* Effect.flip(chat.send(NodeName.make("a@a"), "hello"))
      assert.strictEqual(gone.reason._tag, "NotConnected")

      yield* stop
      assert.strictEqual(reading.pollUnsafe()?._tag, "Success")
    })
  )
})

describe("layerConfig", () => {
  const started = Effect.fnUntraced(function* (options: Config.Wrap<Cluster.Options>, env: Record<string, string>) {
    const machine = yield* makeMachine()
    const layer = Cluster.layerConfig(options).pipe(
      Layer.provide(Layer.succeed(Discovery.Discovery, Discovery.empty)),
      Layer.provide(Layer.succeed(Transport, machine.network.transport("a"))),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
    )
    return yield* Effect.flatMap(Layer.build(layer), (context) => Effect.provideContext(Cluster.Cluster, context))
  })

  const options = {
    cluster: Config.String("ORDERS_CLUSTER"),
    node: Config.succeed("a@a"),
    cookie: Config.Redacted("ORDERS_COOKIE"),
    maxMembers: Config.withDefault(Config.Int("ORDERS_MAX"), 16),
    metadata: Config.all({ role: Config.String("ORDERS_ROLE") })
  }
  const env = { ORDERS_CLUSTER: "orders", ORDERS_COOKIE: cookie, ORDERS_ROLE: "api" }

  it.effect("joins with options from Effect's Config", () =>
    Effect.gen(function* () {
      const cluster = yield* started(options, env)
      assert.strictEqual(cluster.self.cluster, "orders")
      const [self] = yield* cluster.members
      assert.deepStrictEqual({ ...self!.metadata }, { role: "api" })
      yield* until("it is there", see([{ cluster }], "a"))
      assert.strictEqual(yield* basenames(cluster), "a")
    })
  )

  it.effect("fails where a variable is missing or wrong, or an option is", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(started(options, { ...env, ORDERS_CLUSTER: "" }))
      assert.strictEqual(missing._tag, "ConfigError")
      assert.include(missing.message, "ORDERS_CLUSTER")
      const wrong = yield* Effect.flip(started(options, { ...env, ORDERS_MAX: "many" }))
      assert.strictEqual(wrong._tag, "ConfigError")
      const refused = yield* Effect.flip(started(options, { ...env, ORDERS_MAX: "0" }))
      assert.strictEqual(refused.message, 'option "maxMembers" is 0: expected a whole number above 0')
    })
  )
})
