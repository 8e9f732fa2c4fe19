import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import * as Redis from "../src/index.ts"
import { contextOf, run, until } from "./nodes.ts"
import { type RedisServer, redisServer } from "./redisServer.ts"

type Running = Effect.Success<ReturnType<typeof run>>

const says = ({ looks }: Running, look: string) =>
  until(
    `"${look}"`,
    () => looks.at(-1) === look,
    () => looks.slice(-5)
  )

/** A node at this server, with a lease of a second. */
const start = (server: RedisServer, name: string) =>
  Effect.flatMap(Redis.make({ url: server.url, lease: "1 second" }), (source) => run(source, contextOf(name)))

/** What stands at this address and is no Redis. */
const impostor = (onSocket: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on("error", () => {}).on("close", () => sockets.delete(socket))
        onSocket(socket.resume())
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      const address = server.address()
      return { server, sockets, port: typeof address === "object" && address !== null ? address.port : 0 }
    }),
    ({ server, sockets }) =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )

const answering = (answer: string, then?: (socket: Socket) => void) => (socket: Socket) =>
  socket.on("data", () => {
    socket.write(answer)
    then?.(socket)
  })

const impostors: ReadonlyArray<readonly [does: string, onSocket: (socket: Socket) => void]> = [
  ["says nothing", () => {}],
  ["closes", (socket) => socket.end()],
  ["resets", (socket) => socket.resetAndDestroy()],
  ["speaks HTTP", answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
  ["writes half a text", answering("$100\r\nabc")],
  ["writes half a list", answering("*2\r\n$1\r\n0\r\n*3\r\n$3\r\nabc\r\n")],
  ["writes half a list and closes", answering("*2\r\n$1", (socket) => socket.end())],
  ["answers more than it was asked", answering("+OK\r\n+OK\r\n+OK\r\n+OK\r\n")],
  ["answers with numbers", answering(":1\r\n")],
  ["answers with nothing", answering("$-1\r\n")],
  ["nests lists", answering("*1\r\n".repeat(10_000))]
]

describe.concurrent("what is no Redis", () => {
  it.live.each(impostors)("and %s is a look that failed, and keeps no socket", ([, onSocket]) =>
    Effect.gen(function* () {
      const { port, sockets } = yield* impostor(onSocket)
      const source = yield* Redis.make({ url: `redis://u:hidden@127.0.0.1:${port}`, timeout: "200 millis" })
      const a = yield* run(source, contextOf("a"))
      yield* until("three looks", () => a.looks.length >= 3)
      yield* a.stop
      for (const look of a.looks) assert.match(look, /^discovery redis: /)
      assert.notInclude(a.looks.join(), "hidden")
      yield* until("the end of every socket", () => sockets.size === 0)
    })
  )
})

describe.concurrent("a server", () => {
  it.live("that takes the password later is looked at, and is told", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const source = yield* Redis.make({ url: `redis://node:other@127.0.0.1:${server.port}` })
      const a = yield* run(source, contextOf("a"))
      yield* until("a look that failed", () => a.looks.length > 0)
      yield* server.use((client) => client.sendCommand(["ACL", "SETUSER", "node", ">other"]))
      yield* says(a, "")
      const b = yield* start(server, "b")
      yield* says(b, "a")
    })
  )

  it.live("that ends each connection soon keeps nobody listed who is gone", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const [a, b] = [yield* start(server, "a"), yield* start(server, "b")]
      yield* says(a, "b")
      const drop = server.use((client) => client.sendCommand(["CLIENT", "KILL", "USER", "node"]))
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(drop, Effect.sleep("300 millis"))))
      yield* Effect.sleep("1 second")
      yield* b.stop
      yield* says(a, "")
    })
  )

  it.live("that forgot is not believed for a lease, whatever happens to the clock", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const clock = yield* Clock.Clock
      let set = 0
      const moved: Clock.Clock = Object.assign(Object.create(clock) as Clock.Clock, {
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + set,
        currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe() + set)
      })
      const a = yield* Effect.provideService(start(server, "a"), Clock.Clock, moved)
      for (const days of [-1, 1]) {
        const b = yield* start(server, "b")
        yield* says(a, "b")
        yield* server.use((client) => client.flushAll())
        set = days * 86_400_000
        const from = a.looks.length
        yield* Effect.sleep("1500 millis")
        assert.deepStrictEqual([...new Set(a.looks.slice(from))], ["b"])
        yield* b.stop
        yield* says(a, "")
      }
    })
  )

  it.live("where a value is large gives no more of it than a node writes", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const a = yield* start(server, "a")
      yield* says(a, "")
      yield* server.use(async (client) => {
        for (let index = 0; index < 8; index++)
          await client.setRange(`gc:test:${`${index}`.padStart(32, "e")}`, 64_000_000, "x")
        await client.sendCommand(["CONFIG", "RESETSTAT"])
      })
      const from = a.looks.length
      yield* until("ten looks", () => a.looks.length > from + 10)
      const stats = yield* server.use((client) => client.info("stats"))
      assert.isBelow(Number(/total_net_output_bytes:(\d+)/.exec(stats)?.[1]), 2_000_000)
      assert.deepStrictEqual([...new Set(a.looks)], [""])
    })
  )

  it.live("of clusters whose keys begin alike keeps them apart", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer
      const a = yield* run(yield* Redis.make({ url }), contextOf("a", { cluster: "x" }))
      const b = yield* run(yield* Redis.make({ url, prefix: "gc:x" }), contextOf("b", { cluster: "y" }))
      for (const { looks } of [a, b]) {
        yield* until("five looks", () => looks.length >= 5)
        assert.deepStrictEqual([...new Set(looks)], [""])
      }
    })
  )

  it.live("is given any time that is asked for", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer
      for (const timeout of [Duration.infinity, Duration.days(60)]) {
        const a = yield* run(yield* Redis.make({ url, timeout }), contextOf("a"))
        yield* until("a look", () => a.looks.length > 0)
        assert.strictEqual(a.looks[0], "")
        yield* a.stop
      }
    })
  )
})
