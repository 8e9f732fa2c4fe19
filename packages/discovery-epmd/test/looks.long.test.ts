import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Epmd from "@gc/discovery-epmd"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { tagOf } from "../src/internal/extra.ts"
import { contextOf, run, until } from "./context.ts"
import { entryOf, type FakeEpmd, fakeEpmd } from "./fakeEpmd.ts"
import { freePort, namesAt } from "./processes.ts"

const host = "127.0.0.1"
const tag = tagOf("test")
const context = contextOf("a@rosa", ["tcp://127.0.0.1:5001"])

const gc = (name: string, port: number, { address = `tcp://127.0.0.1:${port}`, cluster = tag } = {}) =>
  entryOf(name, port, `gc1 ${cluster} ${name}@rosa ${address}`)

/** What the source that only asks says of a listing. */
const saidOf = Effect.fnUntraced(function* (listed: FakeEpmd["listed"]) {
  const epmd = yield* fakeEpmd
  epmd.listed = listed
  const source = yield* Epmd.make({ port: epmd.port, register: false })
  const looks = yield* run(source, context, Duration.infinity)
  yield* until("a look", () => looks.length > 0)
  return { said: looks[0], asked: epmd.asked }
})

/** What is logged, each as its text. */
const logs = () => {
  const lines: Array<string> = []
  return { lines, layer: Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))]) }
}

describe("a look", () => {
  it.live("finds the gc nodes of this cluster, and neither others nor this node", () =>
    Effect.gen(function* () {
      const { asked, said } = yield* saidOf([
        gc("a", 5_001),
        gc("b", 5_002),
        gc("c", 5_003, { cluster: tagOf("other") }),
        gc("d", 5_004, { cluster: "-" }),
        gc("e", 5_005, { address: "wss://10.0.0.7:5005/gc" }),
        entryOf("erlang", 5_006),
        entryOf("forged", 5_007, `gc1 ${tag} other@rosa tcp://127.0.0.1:5007`)
      ])
      assert.strictEqual(
        said,
        "b@rosa at tcp://127.0.0.1:5002, d@rosa at tcp://127.0.0.1:5004, e@rosa at wss://10.0.0.7:5005/gc"
      )
      assert.strictEqual(asked.PortPlease2, 7)
    })
  )

  it.live("does not ask for names that no gc node has", () =>
    Effect.gen(function* () {
      const { asked, said } = yield* saidOf([
        gc("b", 5_002),
        entryOf("with blank", 1),
        entryOf("with@at", 1),
        entryOf("", 1),
        entryOf("line\nname forged at port 1\nname more", 1),
        entryOf("zero", 0),
        entryOf("n".repeat(255), 1),
        entryOf("n\xc3\xa4me", 1)
      ])
      assert.strictEqual(said, "b@rosa at tcp://127.0.0.1:5002")
      // The two that are made up are asked for, and nobody has them.
      assert.strictEqual(asked.PortPlease2, 3)
    })
  )

  it.live("asks for a name once, as long as its line is the same", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.listed = [gc("b", 5_002), entryOf("erlang", 5_003)]
      const looks = yield* run(yield* Epmd.make({ port: epmd.port, register: false }), context, Duration.millis(10))
      yield* until("six looks", () => looks.length >= 6)
      assert.strictEqual(epmd.asked.PortPlease2, 2)
      epmd.listed = [gc("b", 5_004), entryOf("erlang", 5_003)]
      yield* until("b is elsewhere", () => looks.at(-1) === "b@rosa at tcp://127.0.0.1:5004")
      assert.strictEqual(epmd.asked.PortPlease2, 3)
    })
  )

  it.live("fails when one of its questions does, and is no smaller set", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.listed = [gc("b", 5_002), gc("c", 5_003)]
      epmd.answer = (request) =>
        request._tag === "Names" ? Buffer.from("\0\0\0\0name b at port 5002\nname c at port 5003\n") : Buffer.of(119)
      const looks = yield* run(yield* Epmd.make({ port: epmd.port, register: false }), context)
      yield* until("two looks", () => looks.length >= 2)
      assert.isTrue(looks.every((look) => look.startsWith(`failed: discovery epmd:127.0.0.1: epmd at 127.0.0.1:`)))
    })
  )

  it.live("at a host that is down fails, and neither stops nor changes those at others", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.listed = [gc("b", 5_002)]
      const source = yield* Epmd.make({ port: epmd.port, hosts: ["127.0.0.2", host], register: false })
      assert.deepStrictEqual(
        source.sources?.map(({ name }) => name),
        ["epmd:127.0.0.2", "epmd:127.0.0.1"]
      )
      const looks = yield* run(source, context)
      yield* until("looks at both", () => looks.length >= 6 && new Set(looks).size === 2)
      const [down, up] = [...new Set(looks)].toSorted((left) => (left.startsWith("failed") ? -1 : 1))
      assert.match(down ?? "", /^failed: discovery epmd:127\.0\.0\.2: epmd at 127\.0\.0\.2:\d+: nobody listens there/)
      assert.strictEqual(up, "b@rosa at tcp://127.0.0.1:5002")
    })
  )

  it.live("waits for the node's own registration first, at whatever host it is", () =>
    Effect.gen(function* () {
      const own = yield* fakeEpmd
      const source = yield* Epmd.make({ port: own.port, hosts: ["localhost", "127.0.0.2"], timeout: "600 millis" })
      own.answer = () => undefined
      const looks = yield* run(source, context)
      yield* Effect.sleep("100 millis")
      assert.strictEqual(own.asked.Alive2, 1)
      assert.deepStrictEqual([looks.length, own.asked.Names], [0, 0])
      own.answer = undefined
      yield* until(
        "looks at both",
        () => looks.some((look) => look === "") && looks.some((look) => look.startsWith("failed"))
      )
    })
  )

  it.live("without a daemon of its own fails where no epmd is, and works once there is one", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const looks = yield* run(yield* Epmd.make({ port, daemon: false }), context)
      yield* until("two looks", () => looks.length >= 2)
      assert.isTrue(looks.every((look) => look.startsWith("failed")))
      assert.strictEqual(yield* namesAt(port), "none")
      yield* Daemon.serve({ port })
      yield* until("it is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      yield* until("a look that works", () => looks.at(-1) === "")
    })
  )
})

describe("a node", () => {
  it.live("is registered as a hidden node, with what others need", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      yield* run(yield* Epmd.make({ port }), contextOf("a@rosa", ["tcp://0.0.0.0:1", "tls://10.0.0.7:5001"]))
      yield* until("it is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      const found = Option.getOrThrow(yield* Client.port("a", host, { port }))
      assert.deepStrictEqual(
        { ...found, extra: Buffer.from(found.extra).toString() },
        {
          name: "a",
          port: 5_001,
          hidden: true,
          protocol: 0,
          versions: [5, 6],
          extra: `gc1 ${tag} a@rosa tls://10.0.0.7:5001`
        }
      )
    })
  )

  it.live("registers anew where it listens when that changes", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const moving = contextOf("a@rosa", [])
      yield* run(yield* Epmd.make({ port }), moving)
      const listed = Effect.map(Effect.orDie(Client.names(host, { port })), (lines) =>
        lines.map((line) => line.port).join()
      )
      yield* Effect.sleep("50 millis")
      assert.strictEqual(yield* listed, "")
      for (const next of [5_001, 5_002]) {
        moving.self.addresses = [Address.make("tcp", "127.0.0.1", next)]
        yield* until(`it is registered at ${next}`, () => Effect.map(listed, (ports) => ports === String(next)))
      }
    })
  )

  it.live("whose name is taken says so once, and is registered when it is free", () => {
    const { layer, lines } = logs()
    return Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const other = yield* Scope.make()
      yield* Scope.provide(Client.register({ name: "a", port: 1 }, host, { port }), other)
      yield* run(yield* Epmd.make({ port }), context)
      yield* until("it is said", () => lines.length > 0)
      yield* Effect.sleep("700 millis")
      const said = `this node is not registered: epmd at 127.0.0.1:${port}: the name "a" is taken on this epmd: give this node another name, or end the other program; it tries again`
      assert.deepStrictEqual(lines, [said])
      yield* Scope.close(other, Exit.void)
      yield* until("it is registered", () =>
        Effect.map(Client.names(host, { port }), (names) => names[0]?.port === 5_001)
      )
      yield* until("that is said", () => lines.length > 1)
      assert.deepStrictEqual(lines.slice(1), ["this node is registered at epmd"])
    }).pipe(Effect.provide(layer))
  })

  it.live("stays registered when it looks only once", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const looks = yield* run(yield* Epmd.make({ port }), context, Duration.infinity)
      yield* until("the look", () => looks.length === 1)
      yield* Effect.sleep("100 millis")
      assert.strictEqual(yield* namesAt(port), "a")
    })
  )
})
