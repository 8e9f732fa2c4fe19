import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as Redis from "../src/index.ts"
import { contextOf, run, until } from "./nodes.ts"
import { type RedisServer, redisServer } from "./redisServer.ts"

const sourceAt = ({ url }: RedisServer, options: Redis.Options = {}) =>
  Redis.make({ url, lease: "3 seconds", ...options })

/** Three nodes that have found each other. */
const three = Effect.fnUntraced(function* (server: RedisServer, options?: Redis.Options) {
  const source = yield* sourceAt(server, options)
  const nodes = yield* Effect.forEach(["a", "b", "c"], (name) => run(source, contextOf(name)))
  for (const [index, others] of ["b c", "a c", "a b"].entries()) yield* found(nodes[index]!, others)
  return nodes
})

type Running = Effect.Success<ReturnType<typeof run>>

/** A look from now on that found exactly these. */
const found = ({ looks }: Running, names: string) => {
  const from = looks.length
  return until(
    `a look that finds "${names}"`,
    () => looks.slice(from).includes(names),
    () => looks.slice(from)
  )
}

const keysOf = ({ use }: RedisServer) => use((client) => client.keys("*"))

/** A process that runs the source. */
const startProcess = ({ url }: RedisServer, name: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const program = fileURLToPath(new URL("process.ts", import.meta.url))
      return spawn(process.execPath, [program, url, name], { stdio: ["ignore", "inherit", "inherit"] })
    }),
    (child) =>
      Effect.promise(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill("SIGKILL")
        await once(child, "exit")
      })
  )

describe.concurrent("a node", () => {
  it.live("that is killed is found for one lease more; one that ends is taken out at once", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const a = yield* run(yield* sourceAt(server), contextOf("a"))
      const b = yield* run(yield* sourceAt(server, { lease: "1 hour" }), contextOf("b"))
      const c = yield* startProcess(server, "c")
      yield* found(a, "b c")
      yield* b.stop
      yield* found(a, "c")
      c.kill("SIGKILL")
      yield* found(a, "c")
      yield* found(a, "")
      assert.lengthOf(yield* keysOf(server), 1)
    })
  )

  it.live("that is not to be announced writes nothing, and finds the others", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* sourceAt(server)
      const watching = yield* run(source, contextOf("c", { announce: false }))
      yield* found(watching, "")
      assert.deepStrictEqual(yield* keysOf(server), [])
      const a = yield* run(source, contextOf("a"))
      yield* found(watching, "a")
      yield* found(a, "")
      const clients = yield* server.use((client) => client.clientList())
      assert.deepStrictEqual(
        clients.map(({ name }) => name),
        ["", "", ""],
        "no connection says whose it is"
      )
    })
  )

  it.live("that looks once stays listed, and one that only looks ends", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* sourceAt(server, { lease: "2 seconds" })
      const a = yield* run(source, contextOf("a"), Duration.infinity)
      yield* until("a look", () => a.looks.length > 0)
      yield* Effect.sleep("3 seconds")
      const c = yield* run(source, contextOf("c", { announce: false }), Duration.infinity)
      yield* until("the end", c.ended)
      assert.deepStrictEqual([a.looks, a.ended(), c.looks], [[""], false, ["a"]])
    })
  )

  it.live("is listed before it looks, as the later of two that start at once must see the earlier", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      yield* server.use((client) => client.sendCommand(["CLIENT", "PAUSE", "1000", "WRITE"]))
      const a = yield* run(yield* sourceAt(server), contextOf("a"))
      yield* until("a look", () => a.looks.length > 0)
      assert.lengthOf(yield* keysOf(server), 1)
    })
  )

  it.live("that listens elsewhere now is found there", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* sourceAt(server)
      const [context, b] = [contextOf("a"), yield* run(source, contextOf("b"))]
      yield* run(source, context)
      yield* until("where it was", () => b.peers.join() === "a@127.0.0.1 at tcp://127.0.0.1:5001")
      context.self.addresses = [Address.make("tcp", "127.0.0.1", 6_001), Address.make("ws", "127.0.0.1", 6_002, "/gc")]
      const both = "a@127.0.0.1 at tcp://127.0.0.1:6001,a@127.0.0.1 at ws://127.0.0.1:6002/gc"
      yield* until(
        "where it is",
        () => b.peers.join() === both,
        () => b.peers
      )
    })
  )

  it.live("finds nobody of another cluster, whatever its name", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* sourceAt(server)
      const clusters = ["*", "orders", "order?", "o:r", "o", "[a-z]*"]
      const nodes = yield* Effect.forEach(clusters, (cluster) => run(source, contextOf("a", { cluster })))
      for (const { looks } of nodes) {
        yield* until("five looks", () => looks.length >= 5)
        assert.deepStrictEqual([...new Set(looks)], [""])
      }
      assert.lengthOf(yield* keysOf(server), clusters.length)
    })
  )
})

describe.concurrent("a server", () => {
  it.live("that lost everything is told again, and nobody is taken for gone", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const nodes = yield* three(server)
      const from = nodes.map(({ looks }) => looks.length)
      yield* server.use((client) => client.flushAll())
      yield* Effect.sleep("4 seconds")
      for (const [index, { looks }] of nodes.entries()) {
        assert.lengthOf([...new Set(looks.slice(from[index]))], 1, looks.slice(from[index]).join("|"))
      }
      assert.lengthOf(yield* keysOf(server), 3)
    })
  )

  it.live("that is killed and started anew is told again, and nobody is taken for gone", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const [a, b, c] = yield* three(server)
      const watching = yield* run(yield* sourceAt(server), contextOf("d", { announce: false }))
      yield* found(watching, "a b c")
      const nodes = [a!, b!, c!, watching]
      const from = nodes.map(({ looks }) => looks.length)
      yield* Effect.promise(server.kill)
      for (const [index, { looks }] of nodes.entries()) {
        yield* until("a look that failed", () => looks.slice(from[index]).some((look) => look.includes("ECONNREFUSED")))
      }
      yield* Effect.promise(server.start)
      for (const [index, others] of ["b c", "a c", "a b", "a b c"].entries()) yield* found(nodes[index]!, others)
      yield* Effect.sleep("4 seconds")
      for (const [index, { looks }] of nodes.entries()) {
        const sets = looks.slice(from[index]).filter((look) => !look.startsWith("discovery redis: "))
        assert.lengthOf([...new Set(sets)], 1, sets.join("|"))
      }
      assert.lengthOf(yield* keysOf(server), 3)
      yield* c!.stop
      yield* found(a!, "b")
    })
  )

  it.live("that is frozen is a look that failed; few connections wait for it, and a node ends in time", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const [a, b] = yield* three(server, { timeout: "200 millis", lease: "1 hour" })
      const patient = yield* run(yield* sourceAt(server, { timeout: "1 hour" }), contextOf("a", { cluster: "other" }))
      yield* found(patient, "")
      const from = a!.looks.length
      server.freeze()
      yield* until("ten that failed", () => a!.looks.slice(from).filter((look) => look.includes("200 ms")).length >= 10)
      yield* Effect.timeout(patient.stop, "10 seconds")
      server.thaw()
      yield* found(a!, "b c")
      yield* found(b!, "a c")
      // The lease of one that could not be taken out ends by itself, and no connection is left of those that were given up.
      const clients = yield* server.use((client) => client.clientList())
      assert.isAtMost(clients.length, 4)
    })
  )

  it.live("that refuses says why and what to do, and no password", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const answers: ReadonlyArray<readonly [url: string, ...said: ReadonlyArray<string>]> = [
        [`redis://127.0.0.1:${server.port}`, "NOAUTH", "give the password in the url"],
        [`redis://node:wrong-word@127.0.0.1:${server.port}`, "WRONGPASS", "another user or password"],
        ["redis://node:wrong-word@127.0.0.1:1", "redis://127.0.0.1:1: ", "ECONNREFUSED"]
      ]
      for (const [url, ...said] of answers) {
        const { looks } = yield* run(yield* Redis.make({ url }), contextOf("a"))
        yield* until("a look", () => looks.length > 0)
        for (const part of said) assert.include(looks[0], part)
        assert.notInclude(looks.join(), "wrong-word")
      }
    })
  )

  it.live("where others write, too: what is no node is left out, and a flood of it is a look that failed", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* sourceAt(server)
      const a = yield* run(source, contextOf("a"))
      yield* run(source, contextOf("b"))
      yield* found(a, "b")
      const from = a.looks.length
      const entry = (addresses: ReadonlyArray<string>) => JSON.stringify({ name: "x@rosa", addresses })
      const odd = [
        "",
        "{}",
        entry(["nowhere"]),
        entry(["tcp://0.0.0.0:1"]),
        entry(Array(9).fill("tcp://rosa:1")),
        "x".repeat(5_000)
      ]
      const keyOf = (text: string) => `gc:test:${text.padStart(32, "f")}`
      yield* server.use(async (client) => {
        for (const [index, value] of odd.entries()) await client.set(keyOf(`odd${index}`), value)
        await client.hSet(keyOf("hash"), "name", "x@rosa")
        await client.set("gc:test:short", entry(["tcp://rosa:1"]))
        await client.set(keyOf("right"), entry(["tcp://rosa:1"]))
      })
      yield* found(a, "b x")
      assert.deepStrictEqual(
        a.looks.slice(from).filter((look) => look !== "b" && look !== "b x"),
        []
      )
      const flood = Array.from({ length: 4_100 }, (_, index) => [keyOf(`more${index}`), "{}"])
      yield* server.use((client) => client.mSet(flood.flat()))
      yield* until(
        "a look that failed",
        () => a.looks.at(-1)?.includes("more than 4096 keys") === true,
        () => a.looks.at(-1)
      )
    })
  )
})
