import { assert, describe, it } from "@effect/vitest"
import { Discovery } from "@gc/core/Discovery"
import * as Epmd from "@gc/discovery-epmd"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { contextOf, run, until } from "./context.ts"
import { namesAt } from "./processes.ts"

const refusal = (options: unknown) =>
  Effect.map(Effect.flip(Epmd.make(options as Epmd.Options)), ({ message }) => message)

const wrong: ReadonlyArray<readonly [options: unknown, says: string]> = [
  [{ host: "rosa" }, '"host" is no option: expected one of hosts, port,'],
  [{ hosts: [] }, 'option "hosts" is a value of the type object: expected a list of at least one host'],
  [{ hosts: "rosa" }, 'option "hosts" is "rosa": expected a list'],
  [{ hosts: ["rosa:4369"] }, 'option "hosts" is "rosa:4369": expected a host'],
  [{ hosts: [""] }, 'option "hosts" is "": expected a host'],
  [{ hosts: ["0.0.0.0"] }, 'option "hosts" is "0.0.0.0": expected a host that can be asked'],
  [{ hosts: [7] }, 'option "hosts" is 7'],
  [{ port: 0 }, 'option "port" is 0: expected a whole number from 1 to 65535'],
  [{ port: "4369" }, 'option "port" is "4369"'],
  [{ register: "no" }, 'option "register" is "no": expected true or false'],
  [{ interval: "soon" }, 'option "interval" is "soon": expected a time above zero'],
  [{ timeout: 0 }, 'option "timeout" is 0: expected a time above zero'],
  [{ daemon: "yes" }, 'option "daemon" is "yes": expected an object'],
  [{ daemon: { prot: 1 } }, '"daemon.prot" is no option'],
  [{ daemon: { maxNames: 0 } }, 'option "daemon.maxNames"'],
  [{ daemon: { maxConnections: 1.5 } }, 'option "daemon.maxConnections"'],
  [{ daemon: { idleTimeout: "x" } }, 'option "daemon.idleTimeout" is "x"'],
  [{ daemon: { idleTimeout: "Infinity" } }, 'option "daemon.idleTimeout" is "Infinity": expected a day at most'],
  [{ daemon: { host: "a b" } }, 'option "daemon.host" is "a b"'],
  [null, 'option "options" is'],
  [7, 'option "options" is']
]

describe("a wrong option", () => {
  for (const [options, says] of wrong) {
    it.effect(`is refused with its name: ${JSON.stringify(options)}`, () =>
      Effect.gen(function* () {
        const message = yield* refusal(options)
        assert.isTrue(message.startsWith(`discovery epmd: ${says}`), message)
      })
    )
  }

  it.live("of a client or a daemon, and a node that cannot be, is an error that names it, and nothing is sent", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const register = (node: object) => Client.register(node as Client.Node, "127.0.0.1", { port })
      const cases: ReadonlyArray<
        readonly [asked: Effect.Effect<unknown, Client.EpmdError, Scope.Scope>, says: string]
      > = [
        [Client.names("127.0.0.1", { port: 70_000 }), 'option "port" is 70000: expected a whole number'],
        [Client.names("127.0.0.1", { port: Number.NaN }), 'option "port" is NaN'],
        [Client.names("127.0.0.1", { timeout: "soon" as "1 second" }), 'option "timeout" is "soon"'],
        [Client.names("127.0.0.1", { prt: 1 } as Client.Options), '"prt" is no option: expected one of port, timeout'],
        [Client.names("127.0.0.1", null as never), 'option "options" is null'],
        [Client.names("a\0b", { port }), 'option "host" is'],
        [Client.port("n".repeat(70_000), "127.0.0.1", { port }), 'option "name" is'],
        [register({ name: "a", port: 70_000 }), 'option "port" is 70000'],
        [register({ name: "a".repeat(256), port: 1 }), 'option "name" is'],
        [register({ name: "a", port: 1, extra: new Uint8Array(1_021) }), 'option "extra" is'],
        [Daemon.serve({ port: 70_000 }), 'option "port" is 70000'],
        [Daemon.serve({ port: 0, idleTimeout: "25 hours" }), 'option "idleTimeout" is "25 hours": expected a day'],
        [Daemon.serve({ port: 0, names: 1 } as Daemon.Options), '"names" is no option']
      ]
      for (const [asked, says] of cases) {
        const { message, reason } = yield* Effect.flip(asked)
        assert.strictEqual(reason._tag, "OptionInvalid", message)
        assert.include(message, says)
      }
    })
  )

  it.effect("of the resolver, too", () =>
    Effect.gen(function* () {
      for (const [options, says] of [
        [{ fallback: 1 }, '"fallback" is no option'],
        [{ fallbackPort: 70_000 }, 'option "fallbackPort"'],
        [{ timeout: "x" }, 'option "timeout" is "x"']
      ] as const) {
        const { message } = yield* Effect.flip(Epmd.makeResolver(options as Epmd.ResolverOptions))
        assert.isTrue(message.startsWith(`discovery epmd: ${says}`), message)
      }
    })
  )
})

describe("right options", () => {
  it.effect("name a source for each host, once", () =>
    Effect.gen(function* () {
      const source = yield* Epmd.make({ hosts: ["Rosa", "rosa", " 10.0.0.7 ", "::1", "[::1]"] })
      assert.deepStrictEqual(
        source.sources?.map(({ name }) => name),
        ["epmd:rosa", "epmd:10.0.0.7", "epmd:[::1]"]
      )
      assert.strictEqual((yield* Epmd.make()).name, "epmd:127.0.0.1")
    })
  )
})

const environment = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env }))

describe("the environment", () => {
  it.live("says the port, and the hosts where they are asked of it", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const layer = Epmd.layerConfig({ hosts: Config.Array(Schema.String, "GC_EPMD_HOSTS") })
      const env = { ERL_EPMD_PORT: String(port), GC_EPMD_HOSTS: "127.0.0.1,127.0.0.2" }
      const services = yield* Layer.build(Layer.provide(layer, environment(env)))
      const source = Context.get(services, Discovery)
      assert.deepStrictEqual(
        source.sources?.map(({ name }) => name),
        ["epmd:127.0.0.1", "epmd:127.0.0.2"]
      )
      yield* run(source, contextOf("a@rosa", ["tcp://127.0.0.1:5001"]))
      yield* until("it is registered there", () => Effect.map(namesAt(port), (names) => names === "a"))
    })
  )

  it.effect("whose port is wrong is refused with its name, unless the port is an option", () =>
    Effect.gen(function* () {
      const env = environment({ ERL_EPMD_PORT: "many" })
      const { message } = yield* Effect.flip(Effect.provide(Epmd.make(), env))
      assert.isTrue(message.startsWith("discovery epmd: ERL_EPMD_PORT is wrong: expected a port such as 4369"), message)
      yield* Effect.provide(Epmd.make({ port: 4_369 }), env)
    })
  )
})
