import { assert, describe, it } from "@effect/vitest"
import * as Epmd from "@gc/discovery-epmd"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { contextOf, run } from "../test/context.ts"
import { freePort, namesAt } from "../test/processes.ts"
import { erl, evaluate, start, startEpmd, until } from "./programs.ts"

const host = "127.0.0.1"

interface World {
  readonly name: string
  readonly start: (port: number) => Effect.Effect<unknown, unknown, Scope.Scope>
}

/** Who is epmd on this host. */
const worlds: ReadonlyArray<World> = [
  { name: "at Erlang's epmd", start: startEpmd },
  { name: "at a gc node's daemon", start: () => Effect.void }
]

const node = (name: string, port: number, listens: number) =>
  Effect.flatMap(Epmd.make({ port }), (source) =>
    run(source, contextOf(`${name}@127.0.0.1`, [`tcp://127.0.0.1:${listens}`]))
  )

for (const world of worlds) {
  describe(`nodes ${world.name}`, () => {
    it.live("Erlang sees gc nodes, and their ports", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        yield* world.start(port)
        const looks = yield* node("a", port, 5_001)
        yield* node("b", port, 5_002)
        yield* until(
          "both are registered",
          Effect.map(namesAt(port), (names) => names === "a b")
        )
        assert.strictEqual(
          yield* evaluate(port, "{ok, Names} = net_adm:names(), lists:sort(Names)"),
          '[{"a",5001},{"b",5002}]'
        )
        assert.strictEqual(yield* evaluate(port, 'erl_epmd:port_please("a", {127,0,0,1})'), "{port,5001,6}")
        assert.strictEqual(yield* evaluate(port, 'erl_epmd:port_please("c", {127,0,0,1})'), "noport")
        yield* until(
          "a finds b",
          Effect.sync(() => looks.at(-1) === "b@127.0.0.1 at tcp://127.0.0.1:5002")
        )
      })
    )

    it.live("a node of Erlang is registered, is listed, and is never a peer", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        yield* world.start(port)
        const looks = yield* node("a", port, 5_001)
        yield* until(
          "a is registered",
          Effect.map(namesAt(port), (names) => names === "a")
        )
        yield* erl(port, ["-sname", "x@localhost"])
        yield* until(
          "x is registered",
          Effect.map(namesAt(port), (names) => names === "a x")
        )
        const [x] = (yield* Client.names(host, { port })).filter(({ name }) => name === "x")
        assert.isAbove(x?.port ?? 0, 0)
        const said = looks.length
        yield* until(
          "six more looks",
          Effect.sync(() => looks.length >= said + 6)
        )
        assert.deepStrictEqual([...new Set(looks)], [""])
      })
    )

    it.live("a node of Erlang does not get the name of a gc node, and the other way round", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        yield* world.start(port)
        yield* node("a", port, 5_001)
        yield* until(
          "a is registered",
          Effect.map(namesAt(port), (names) => names === "a")
        )
        const second = yield* erl(port, ["-sname", "a@localhost"])
        yield* until(
          "it ends",
          Effect.sync(() => second.child.exitCode !== null)
        )
        assert.notStrictEqual(second.child.exitCode, 0)
        assert.include(second.output(), "seems to be in use")
        yield* erl(port, ["-sname", "x@localhost"])
        yield* until(
          "x is registered",
          Effect.map(namesAt(port), (names) => names === "a x")
        )
        const error = yield* Effect.flip(Client.register({ name: "x", port: 1 }, host, { port }))
        assert.strictEqual(error.reason._tag, "NameTaken")
      })
    )

    it.live("a node of Erlang that pings a gc node gets no answer, and both go on", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        yield* world.start(port)
        // Somebody listens there, as a gc node does: who speaks another protocol is closed.
        const { port: listens } = yield* Daemon.serve({ port: 0 })
        yield* node("a", port, listens)
        yield* until(
          "a is registered",
          Effect.map(namesAt(port), (names) => names === "a")
        )
        assert.strictEqual(yield* evaluate(port, "net_adm:ping('a@127.0.0.1')", ["-name", "x@127.0.0.1"]), "pang")
        assert.strictEqual(yield* namesAt(port), "a")
      })
    )

    it.live("is as it was when an Erlang node was killed", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        yield* world.start(port)
        yield* node("a", port, 5_001)
        const { child } = yield* erl(port, ["-sname", "x@localhost"])
        yield* until(
          "x is registered",
          Effect.map(namesAt(port), (names) => names === "a x")
        )
        child.kill("SIGKILL")
        yield* until(
          "x is gone",
          Effect.map(namesAt(port), (names) => names === "a")
        )
      })
    )
  })
}

describe("a node that starts while nobody is epmd", () => {
  it.live("serves, and Erlang's own epmd then cannot start, and a later node uses what is there", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      yield* node("a", port, 5_001)
      yield* until(
        "a is registered",
        Effect.map(namesAt(port), (names) => names === "a")
      )
      const child = yield* start("epmd", ["-port", String(port), "-address", host])
      yield* until(
        "epmd gives up",
        Effect.sync(() => child.exitCode !== null)
      )
      yield* node("b", port, 5_002)
      yield* until(
        "both are registered",
        Effect.map(namesAt(port), (names) => names === "a b")
      )
    })
  )

  it.live("is registered again at Erlang's epmd when that comes in its place", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const looks = yield* Effect.flatMap(Epmd.make({ port, daemon: false }), (source) =>
        run(source, contextOf("a@127.0.0.1", ["tcp://127.0.0.1:5001"]))
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* startEpmd(port)
          yield* until(
            "a is registered",
            Effect.map(namesAt(port), (names) => names === "a")
          )
        })
      )
      yield* until(
        "looks fail",
        Effect.sync(() => looks.at(-1)?.startsWith("failed") === true)
      )
      yield* startEpmd(port)
      yield* until(
        "a is registered again",
        Effect.map(namesAt(port), (names) => names === "a")
      )
    })
  )
})
