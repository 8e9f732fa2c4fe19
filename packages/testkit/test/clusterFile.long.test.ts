import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as NameResolver from "@gc/core/NameResolver"
import * as Plugin from "@gc/core/Plugin"
import { TestDiscovery } from "@gc/testkit"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { cookie, makeMachine, peerAt, see } from "./support/configured.ts"
import { addressOf, until } from "./support/world.ts"

const fileOf = (name: string, hosts: ReadonlyArray<string>, rest: object = {}) => ({
  cluster: "orders",
  node: `${name}@${name}`,
  cookie,
  transport: { memory: { host: name } },
  discovery: { phonebook: { hosts } },
  ...rest
})

const quiet = { peerExchange: false }

describe("a program that starts from a configuration file", () => {
  it.effect("joins the others: three nodes from three files, by a third party's source", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const a = yield* machine.start(fileOf("a", []))
      const b = yield* machine.start(fileOf("b", ["a"], { metadata: { role: "api" } }))
      const c = yield* machine.start(`// the third\n${JSON.stringify(fileOf("c", ["a", "b"]))}`)
      yield* until("the mesh is full", see([a, b, c], "a,b,c"))
      const members = yield* a.cluster.members
      assert.deepStrictEqual({ ...members.find(({ name }) => name === "b@b")?.metadata }, { role: "api" })
      yield* c.stop
      yield* until("c has left", see([a, b], "a,b"), 1_000)
    })
  )

  it.effect("joins from the environment alone", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const a = yield* machine.start(fileOf("a", []))
      const b = yield* machine.boot(Cluster.layerEnvironment(machine.plugins), {
        GC_CLUSTER: "orders",
        GC_NODE_NAME: "b@b",
        GC_COOKIE: cookie,
        GC_TRANSPORT_MEMORY_HOST: "b",
        GC_DISCOVERY_PHONEBOOK_HOSTS: "nobody,a"
      })
      yield* until("they see each other", see([a, b], "a,b"))
    })
  )

  it.effect("takes several sources for their union: a peer goes when all of them dropped it", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const sources = yield* Effect.forEach(["one", "two"], (name) => TestDiscovery.make({ name }))
      const [one, two] = sources as [TestDiscovery.TestDiscovery, TestDiscovery.TestDiscovery]
      const plugins = {
        ...machine.plugins,
        discovery: sources.map(({ layer, source }) =>
          Plugin.discovery({ key: source.name, schema: Schema.Struct({}), layer: () => layer })
        )
      }
      const both = { discovery: { one: {}, two: {} }, onRemoved: "disconnect", ...quiet }
      const b = yield* machine.start(fileOf("b", [], quiet))
      const c = yield* machine.start(fileOf("c", [], quiet))
      const a = yield* machine.start(fileOf("a", [], both), plugins)
      yield* one.awaitRunning(1)
      yield* two.awaitRunning(1)
      yield* one.set([peerAt("b")])
      yield* two.set([peerAt("b"), peerAt("c")])
      yield* until("a sees b and c", see([a], "a,b,c"))
      yield* one.set([])
      yield* TestClock.adjust("60 seconds")
      assert.isTrue(yield* see([a], "a,b,c"), "two still vouches for b")
      yield* two.fail("no answer")
      yield* TestClock.adjust("60 seconds")
      assert.isTrue(yield* see([a], "a,b,c"), "a source that fails keeps its set")
      yield* two.set([peerAt("c")])
      yield* until("a parts from b", see([a], "a,c"))
      yield* until("b is told", see([b], "b"), 1_000)
      assert.isTrue(yield* see([c], "a,c"))
    })
  )

  it.effect("gives each transport the mode of its entry", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const other = { ...machine.memory, key: "other" }
      const plugins = { ...machine.plugins, transport: [machine.memory, other] }
      const content = {
        security: "plain",
        transport: { memory: { host: "a" }, other: { host: "a2", security: "psk" } }
      }
      const a = yield* machine.start(fileOf("a", ["nobody"], content), plugins)
      assert.lengthOf(a.cluster.self.addresses, 2)
      const b = yield* machine.start(fileOf("b", ["a2"]))
      const c = yield* machine.start(fileOf("c", ["a"], { security: "plain" }))
      yield* until("both have come in", see([a], "a,b,c"))
      assert.deepStrictEqual(
        machine.modes.filter((each) => each.includes("listens")),
        ["a listens plain", "a2 listens psk", "b listens psk", "c listens plain"]
      )
      assert.includeMembers(machine.modes, ["a dials plain", "b dials psk", "c dials plain"])
      yield* b.stop
      yield* c.stop
    })
  )

  it.effect("resolves names with the resolver that the file names", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const asked: Array<string> = []
      const table = Plugin.resolver({
        key: "table",
        schema: Schema.Struct({ to: Schema.String }),
        layer: ({ to }) =>
          Layer.succeed(NameResolver.NameResolver, {
            resolve: (name) => Effect.sync(() => (asked.push(name), [addressOf(to)]))
          })
      })
      const plugins = { ...machine.plugins, resolver: [table] }
      const b = yield* machine.start(fileOf("b", [], { transport: { memory: { host: "somewhere" } } }))
      const a = yield* machine.start(fileOf("a", ["b@b"], { resolver: { table: { to: "somewhere" } } }), plugins)
      yield* until("they see each other", see([a, b], "a,b"))
      assert.include(asked, "b@b")
    })
  )

  it.effect("looks once and dials once where the interval is infinity, unless it reconnects", () =>
    Effect.gen(function* () {
      for (const key of ["refreshInterval", "refresh_interval_ms"]) {
        const machine = yield* makeMachine()
        const dials = () => machine.happened.filter((each) => each.startsWith("dialing memory://b:")).length
        const a = yield* machine.start(fileOf("a", ["b"], { [key]: "infinity" }))
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual([machine.looks(), dials()], [1, 1], key)
        const b = yield* machine.start(fileOf("b", [], quiet))
        yield* TestClock.adjust("2 minutes")
        assert.isTrue((yield* see([a], "a")) && (yield* see([b], "b")), "nobody dials")
        yield* Effect.forkChild(a.cluster.connect(peerAt("b")))
        yield* until("they are connected", see([a, b], "a,b"))
        yield* b.stop
        yield* TestClock.adjust("1 second")
        yield* machine.start(fileOf("b", [], quiet))
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(yield* see([a], "a"), "nobody dials again")
        yield* a.stop
        yield* TestClock.adjust("1 second")
        const again = yield* machine.start(fileOf("a", ["b"], { [key]: "infinity", reconnect: { max: "1 second" } }))
        yield* until("a reconnects", see([again], "a,b"))
      }
    })
  )

  it.effect("does not start with wrong values, and nothing of it is left", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const wrong = yield* Effect.flip(machine.start(fileOf("a", [], { detector: "lann", maxMembers: 0 })))
      assert.strictEqual(wrong._tag, "ConfigurationError")
      assert.include(wrong.message, 'gc.json has 2 wrong values:\n  detector is "lann"')
      const broken = yield* Effect.flip(machine.start(fileOf("a", ["broken"])))
      assert.strictEqual(broken.message, "discovery discovery.phonebook: the book is torn")
      assert.deepStrictEqual(machine.modes, [])
      const a = yield* machine.start(fileOf("a", []))
      const taken = yield* Effect.exit(machine.start(fileOf("b", [], { transport: { memory: { host: "a" } } })))
      assert.isTrue(Exit.isFailure(taken))
      assert.isTrue(yield* see([a], "a"))
    })
  )

  it.effect("is warned of what is not wise", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      yield* machine.boot(Cluster.layerFile(machine.write("gc.json", fileOf("a", [])), machine.plugins), {
        GC_TRANSPORT_MEMORY_PROT: "1"
      })
      const warnings = machine.lines.filter((line) => line.startsWith("Warn"))
      assert.deepStrictEqual(warnings, [
        "Warn the variable GC_TRANSPORT_MEMORY_PROT is not used; did you mean GC_TRANSPORT_MEMORY_PORT?"
      ])
    })
  )
})

describe("events of a program that starts from a file", () => {
  it.effect("begin with itself and end when it leaves", () =>
    Effect.gen(function* () {
      const machine = yield* makeMachine()
      const { cluster } = yield* machine.start(fileOf("a", []))
      const first = yield* Stream.runHead(cluster.events)
      assert.strictEqual(Option.getOrThrow(first)._tag, "Up")
      yield* cluster.leave
      assert.deepStrictEqual(yield* Stream.runCollect(cluster.events), [])
    })
  )
})
