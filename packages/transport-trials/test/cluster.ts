import { assert, describe, it } from "@effect/vitest"
import type * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as net from "node:net"
import type { Duplex } from "node:stream"
import { declared, until } from "./support.ts"
import { start, sees, healthy } from "./clusterNodes.ts"
import { addressAt, type Kit } from "./kit.ts"

export const clusters = (kit: Kit): void => {
  /** A connection that does something and waits until the other side has closed it. */
  const attack = (address: Address.Address, act: (socket: net.Socket) => void) =>
    Effect.callback<void>((resume) => {
      const socket = net.connect({ host: address.host, port: address.port, noDelay: true }, () => act(socket))
      socket.on("error", () => {})
      socket.on("data", () => {})
      socket.on("close", () => resume(Effect.void))
      return Effect.sync(() => socket.destroy())
    })

  /** What it says in the stream. */
  const attackWithin = (address: Address.Address, act: (stream: Duplex) => void) =>
    attack(address, (socket) => {
      kit.client(socket).then(
        (stream) => act(stream.resume()),
        () => socket.destroy()
      )
    })

  const garbage = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 167 + 13) & 0xff)

  describe.concurrent(`a cluster over ${kit.name}`, () => {
    for (const security of ["plain", "psk"] as const) {
      it.live(`three nodes form, talk and part in ${security} mode`, () =>
        Effect.gen(function* () {
          const { a, b } = yield* healthy(kit, security)
          const c = yield* start(kit, "c", { security, peers: [b.address] })
          for (const node of [a, b, c]) yield* sees(node, "a", "b", "c")
          const [from, to] = [yield* c.cluster.openChannel("x"), yield* a.cluster.openChannel("x")]
          const large = garbage(1_000_000)
          yield* from.sendAll(NodeName.make("a@127.0.0.1"), [Uint8Array.of(1), large])
          const received: Array<Uint8Array> = []
          while (received.length < 2) received.push(...(yield* to.receive).map(({ message }) => message))
          assert.deepStrictEqual(received[1], large)
          yield* c.stop
          for (const node of [a, b]) {
            yield* sees(node, "a", "b")
            const last = node.events.at(-1)
            assert.deepStrictEqual([last?._tag, last?.member.name], ["Left", "c@127.0.0.1"])
          }
        })
      )

      it.live(`a node with another cookie is refused in ${security} mode, and knows why`, () =>
        Effect.gen(function* () {
          const { a, b, unimpressed } = yield* healthy(kit, security)
          const stranger = yield* start(kit, "x", {
            security,
            peers: [a.address, b.address],
            cookie: `hex:${"f".repeat(64)}`
          })
          const error = yield* Effect.flip(stranger.cluster.connect(Peer.fromAddress(a.address)))
          assert.strictEqual(error.reason, "auth_failed")
          yield* unimpressed
          assert.lengthOf(yield* stranger.cluster.members, 1)
        })
      )

      it.live(`a node of another cluster is refused in ${security} mode`, () =>
        Effect.gen(function* () {
          const { a, unimpressed } = yield* healthy(kit, security)
          const stranger = yield* start(kit, "x", { security, peers: [a.address], cluster: "another" })
          const error = yield* Effect.flip(stranger.cluster.connect(Peer.fromAddress(a.address)))
          assert.include(["cluster_mismatch", "auth_failed"], error.reason)
          yield* unimpressed
        })
      )
    }

    it.live("bytes that are no handshake close their connection and nothing else", () =>
      Effect.gen(function* () {
        const { a, b, unimpressed } = yield* healthy(kit)
        const writes: ReadonlyArray<Uint8Array> = [
          garbage(10),
          garbage(100_000),
          new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
          declared(0),
          declared(1, 0x01),
          declared(4_096, ...garbage(4_096)),
          declared(4_097),
          declared(2 ** 32 - 1),
          declared(5, 0x7f, 0, 4, 0, 0, 0, 0)
        ]
        const attacks = writes.flatMap((bytes) =>
          [attack, attackWithin].flatMap((one) => [
            one(a.address, (stream) => void stream.write(bytes)),
            one(b.address, (stream) => void stream.end(bytes))
          ])
        )
        const drop = attackWithin(a.address, (stream) => stream.destroy())
        const drip = attackWithin(b.address, (stream) => {
          // As slow as a stream can be: each byte in a segment of its own.
          const bytes = declared(100, ...garbage(100))
          const next = (index: number): void => {
            if (index < bytes.length)
              stream.write(bytes.subarray(index, index + 1), () => setImmediate(next, index + 1))
          }
          next(0)
        })
        yield* Effect.all([...attacks, drop, drip], { concurrency: "unbounded" })
        yield* unimpressed
      })
    )

    it.live("connections that say nothing keep no newcomer out", () =>
      Effect.gen(function* () {
        const { a, b } = yield* healthy(kit)
        const silent = yield* Effect.forkChild(
          Effect.all(
            Array.from({ length: 150 }, () => attack(a.address, () => {})),
            { concurrency: "unbounded" }
          )
        )
        const c = yield* start(kit, "c", { security: "plain", peers: [a.address] })
        for (const node of [a, b, c]) yield* sees(node, "a", "b", "c")
        yield* Fiber.interrupt(silent)
        assert.isTrue([a, b].every(({ events }) => events.every((event) => event._tag === "Up")))
      })
    )

    it.live("its own address in the list does no harm", () =>
      Effect.gen(function* () {
        const peers: Array<Address.Address> = []
        const a = yield* start(kit, "a", { peers })
        const b = yield* start(kit, "b", { peers })
        peers.push(a.address, b.address)
        for (const node of [a, b]) yield* sees(node, "a", "b")
        const error = yield* Effect.flip(a.cluster.connect(Peer.fromAddress(a.address)))
        assert.strictEqual(error.reason, "self_connect")
      })
    )

    it.live("the second node of a name stays out", () =>
      Effect.gen(function* () {
        const { a, b } = yield* healthy(kit, "psk")
        const twin = yield* start(kit, "b", { peers: [a.address] })
        const error = yield* Effect.flip(twin.cluster.connect(Peer.fromAddress(a.address)))
        assert.strictEqual(error.reason, "name_conflict")
        yield* until(() => a.events.some((event) => event._tag === "NameConflict"))
        const member = (yield* a.cluster.members).find((each) => each.name === "b@127.0.0.1")
        assert.strictEqual(member?.instance, b.cluster.self.instance)
        assert.isTrue(
          [a, b].every(({ events }) => events.every(({ _tag }) => _tag === "Up" || _tag === "NameConflict"))
        )
      })
    )

    it.live("a node whose clock went back takes a later generation, and shows it", () =>
      Effect.gen(function* () {
        const b = yield* start(kit, "b")
        const before = yield* start(kit, "a", { peers: [b.address] })
        yield* sees(b, "a", "b")
        const { generation } = before.cluster.self
        yield* before.stop
        const clock = yield* Clock.Clock
        const behind: Clock.Clock = Object.assign(Object.create(clock), {
          currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() - 3_600_000
        })
        const again = yield* start(kit, "a", { peers: [b.address] }).pipe(Effect.provideService(Clock.Clock, behind))
        yield* sees(b, "a", "b")
        const member = (yield* b.cluster.members).find(({ name }) => name === again.cluster.self.name)
        assert.isAbove(again.cluster.self.generation, generation)
        assert.strictEqual(member?.generation, again.cluster.self.generation)
        assert.strictEqual((yield* again.cluster.members)[0]?.generation, again.cluster.self.generation)
      })
    )

    it.live("a port that is taken is a typed error", () =>
      Effect.gen(function* () {
        const { a, unimpressed } = yield* healthy(kit)
        const error = yield* Effect.flip(
          start(kit, "c", { transport: kit.make({ host: "127.0.0.1", port: a.address.port }) })
        )
        assert.strictEqual(error.reason._tag, "ListenFailed")
        if (error.reason._tag === "ListenFailed") assert.strictEqual(error.reason.error.reason._tag, "AddressInUse")
        assert.include(error.message, String(a.address.port))
        yield* unimpressed
      })
    )

    it.live("nobody there, and somebody who speaks something else, are typed errors", () =>
      Effect.gen(function* () {
        const { a } = yield* healthy(kit, "plain")
        const server = yield* Effect.acquireRelease(
          Effect.callback<net.Server>((resume) => {
            const server = net.createServer((socket) => {
              socket.on("error", () => {})
              socket.end("220 mail.example ESMTP\r\n")
            })
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        )
        const { port } = server.address() as net.AddressInfo
        const mail = yield* Effect.flip(a.cluster.connect(Peer.fromAddress(addressAt(kit, port))))
        assert.include(["failed", "malformed"], mail.reason)
        server.close()
        yield* until(() => !server.listening)
        const refused = yield* Effect.flip(a.cluster.connect(Peer.fromAddress(addressAt(kit, port))))
        assert.strictEqual(refused.reason, "refused")
      })
    )
  })
}
