import { assert, describe, it } from "@effect/vitest"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { connect, type Socket } from "node:net"
import { answer } from "../src/internal/answering.ts"
import { Table } from "../src/internal/table.ts"
import { frame, inhabit, observe, rows } from "./behaviour.ts"
import { codeOf, until } from "./context.ts"
import { entryOf } from "./fakeEpmd.ts"
import { namesAt } from "./processes.ts"

const host = "127.0.0.1"

interface Open {
  readonly socket: Socket
  readonly closed: () => boolean
}

/** A connection that says nothing. */
const open = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Open>((resume) => {
      const socket = connect({ host, port })
      let closed = false
      socket.on("error", () => {})
      socket.on("close", () => {
        closed = true
      })
      socket.on("connect", () => resume(Effect.succeed({ socket, closed: () => closed })))
      socket.resume()
    }),
    ({ socket }) => Effect.sync(() => socket.destroy())
  )

describe("the daemon", () => {
  it.live(`answers as Erlang's to each of ${rows.length} things`, () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      yield* inhabit(port)
      for (const row of rows) assert.strictEqual(yield* observe(port, row), row.expected, row.name)
    })
  )

  it.live("ends by KILL while there are no names", () =>
    Effect.gen(function* () {
      const daemon = yield* Daemon.serve({ port: 0 })
      const killed = yield* Effect.forkChild(daemon.killed)
      const { socket } = yield* open(daemon.port)
      const said: Array<string> = []
      socket.on("data", (chunk) => said.push(String(chunk)))
      socket.write(frame("k"))
      yield* Fiber.join(killed)
      yield* until("its answer", () => said.join("") === "OK")
      yield* until("nobody listens", () => Effect.map(namesAt(daemon.port), (names) => names === "none"))
    })
  )

  it.live("closes what is silent too long, and no registration", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0, idleTimeout: "60 millis" })
      yield* Client.register({ name: "a", port: 1 }, host, { port })
      const silent = yield* open(port)
      yield* until("it is closed", silent.closed)
      const again = yield* open(port)
      yield* until("it is closed, too", again.closed)
      assert.strictEqual(yield* namesAt(port), "a")
    })
  )

  it.live("closes the oldest connection without a name when it is full, and never one with a name", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0, maxConnections: 3 })
      yield* Client.register({ name: "a", port: 1 }, host, { port })
      const first = yield* open(port)
      const second = yield* open(port)
      const third = yield* open(port)
      yield* until("the first is closed", first.closed)
      assert.isFalse(second.closed() || third.closed())
      assert.strictEqual(yield* namesAt(port), "a")
      yield* Client.register({ name: "b", port: 1 }, host, { port })
      yield* until("the second is closed", second.closed)
    })
  )

  it.live("leaves connections to those who ask, however many register", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0, maxConnections: 3 })
      for (const name of ["a", "b"]) yield* Client.register({ name, port: 1 }, host, { port })
      const error = yield* Effect.flip(Effect.scoped(Client.register({ name: "c", port: 1 }, host, { port })))
      assert.strictEqual(error.reason._tag, "NameTaken")
      assert.strictEqual(yield* namesAt(port), "a b")
    })
  )

  it.live("takes as many names as it may", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0, maxNames: 2 })
      for (const name of ["a", "b"]) yield* Client.register({ name, port: 1 }, host, { port })
      const error = yield* Effect.flip(Effect.scoped(Client.register({ name: "c", port: 1 }, host, { port })))
      assert.strictEqual(error.reason._tag, "NameTaken")
      assert.strictEqual(yield* namesAt(port), "a b")
    })
  )

  it.live("takes 500 registrations at once, and lists them", () =>
    Effect.gen(function* () {
      const daemon = yield* Daemon.serve({ port: 0 })
      yield* Effect.forEach(
        Array.from({ length: 500 }, (_, index) => `n${index}`),
        (name) => Client.register({ name, port: 1 }, host, { port: daemon.port, timeout: "20 seconds" }),
        { concurrency: 100 }
      )
      assert.strictEqual(yield* daemon.names, 500)
      assert.lengthOf(yield* Client.names(host, { port: daemon.port }), 500)
    })
  )

  it.live("cannot listen where another one does, and frees its port at its end", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* Scope.provide(Daemon.serve({ port: 0 }), scope)
      const error = yield* Effect.flip(Daemon.serve({ port }))
      assert.strictEqual(codeOf(error), "BindFailed EADDRINUSE")
      const stuck = yield* open(port)
      yield* Scope.close(scope, Exit.void)
      yield* until("its connections are closed", stuck.closed)
      yield* Daemon.serve({ port })
    })
  )

  it.live("serves 127.0.0.1 whatever its host is", () =>
    Effect.gen(function* () {
      for (const each of ["127.0.0.2", "0.0.0.0"]) {
        const { port } = yield* Daemon.serve({ host: each, port: 0 })
        yield* Client.register({ name: "a", port: 1 }, host, { port })
        assert.deepStrictEqual(yield* Client.names("127.0.0.2", { port }), [{ name: "a", port: 1 }])
      }
      const error = yield* Effect.flip(Daemon.serve({ host: "192.0.2.1", port: 0 }))
      assert.strictEqual(codeOf(error), "BindFailed EADDRNOTAVAIL")
    })
  )
})

describe("another host", () => {
  it("may list and ask, and neither register nor dump nor kill", () => {
    const table = new Table(10, 1)
    const ask = (request: Parameters<typeof answer>[2], local: boolean) =>
      answer(table, 4369, request, { handle: 1, local })?.bytes.toString("hex")
    const register = { _tag: "Alive2", entry: entryOf("a", 1) } as const
    assert.isUndefined(ask(register, false))
    assert.isUndefined(ask({ _tag: "Kill" }, false))
    assert.isUndefined(ask({ _tag: "Dump" }, false))
    assert.strictEqual(ask(register, true), "760000000002")
    assert.strictEqual(ask({ _tag: "Names" }, false), "00001111" + Buffer.from("name a at port 1\n").toString("hex"))
    assert.match(ask({ _tag: "PortPlease2", name: "a" }, false) ?? "", /^7700/)
  })
})
