/**
 * Frames and whole streams that were recorded, said again to who said them or to who heard them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as net from "node:net"
import * as G from "./gch1.ts"
import { dialAs, acceptAs, party, reach, secrets, type Message, type Tamper } from "./handshakes.ts"
import { startVictim, cluster, type Victim } from "./victim.ts"
import { bindingOf, plainTo, plainServer, secureServer, servingKey, type Wire } from "./wire.ts"
import { untilCounted, withOwnMetrics, apart } from "../support.ts"
import { serving } from "../peers.ts"
import type { Kit } from "../kit.ts"

export const replays = (kit: Kit): void => {
  const modes = ["plain", "psk"] as const

  /** Hands bytes on and keeps them. */
  const recorder = Effect.fnUntraced(function* (target: number) {
    const [up, down]: [Array<Buffer>, Array<Buffer>] = [[], []]
    const server = net.createServer((near) => {
      const far = net.connect({ host: "127.0.0.1", port: target })
      far.on("error", () => {})
      for (const [from, into, kept] of [
        [near, far, up],
        [far, near, down]
      ] as const) {
        from.on("data", (chunk: Buffer) => {
          kept.push(chunk)
          into.write(chunk)
        })
        from.on("close", () => into.destroy())
      }
    })
    return { port: yield* serving(server), up, down }
  })

  /** Says this to a port, and nothing more; answers what was heard until the other end hung up. */
  const say = (port: number, bytes: Buffer): Promise<Buffer> =>
    new Promise((resolve) => {
      const heard: Array<Buffer> = []
      const socket = net.connect({ host: "127.0.0.1", port }, () => socket.end(bytes))
      socket.on("error", () => {})
      socket.on("data", (chunk: Buffer) => heard.push(chunk))
      socket.once("close", () => resolve(Buffer.concat(heard)))
    })

  /** The types of the frames in a stream. */
  const typesIn = (stream: Buffer): ReadonlyArray<number> => {
    const types: Array<number> = []
    for (let at = 0; at + 5 <= stream.length; at += 4 + stream.readUInt32BE(at)) types.push(stream[at + 4]!)
    return types
  }

  /** A member that came and left through a recorder: everything that either side said, from HELLO to LEAVE. */
  const recorded = Effect.fnUntraced(function* (victim: Victim, security: "plain" | "psk") {
    const tape = yield* recorder(victim.port)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const member = yield* startVictim(kit, { security, node: "member@127.0.0.1", peerExchange: false })
        yield* member.connect(tape.port, security)
        yield* victim.service.awaitMembers(2)
      })
    )
    yield* untilCounted("gc_events_total", 1, { node: victim.name, event: "events_Left" })
    assert.deepStrictEqual(
      victim.events.map(({ _tag, member }) => `${_tag} ${member.name}`),
      ["Up victim@127.0.0.1", "Up member@127.0.0.1", "Left member@127.0.0.1"]
    )
    return { up: Buffer.concat(tape.up), down: Buffer.concat(tape.down) }
  })

  describe("a recorded stream", () => {
    for (const security of modes) {
      it.live(`is refused by the node that heard it, in ${security} mode: no Up and no LEAVE of its member`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security })
            const { up } = yield* recorded(victim, security)
            yield* victim.unchangedBy(
              Effect.promise(async () => {
                for (const cut of [up.length, Math.floor(up.length / 2)]) {
                  const types = typesIn(kit.unwrapped(await say(victim.port, up.subarray(0, cut))))
                  assert.isFalse(types.some((type) => [4, 0x10].includes(type)))
                }
                if (security !== "plain") return
                const wire = await plainTo(kit, victim.port)
                wire.send(kit.unwrapped(up))
                wire.end()
                const heard = await wire.rest()
                assert.deepStrictEqual(heard.slice(0, 1).map(G.typeOf), [2], "its HELLO is as good as new")
                assert.isFalse(heard.some((frame) => [4, 0x10].includes(G.typeOf(frame) ?? 0)))
              })
            )
          })
        )
      )

      it.live(`is refused by a node that dials, in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const { down } = yield* apart(
              Effect.flatMap(startVictim(kit, { security }), (node) => recorded(node, security))
            )
            const onSocket = yield* serving(
              net.createServer(
                (socket) =>
                  void socket
                    .resume()
                    .on("error", () => {})
                    .write(down)
              )
            )
            const inStream = yield* plainServer(kit, (wire) => {
              wire.send(kit.unwrapped(down))
              void wire.rest()
            })
            const victim = yield* startVictim(kit, { security, node: "other@127.0.0.1" })
            for (const port of [onSocket, inStream]) {
              yield* victim.unchangedBy(Effect.flip(victim.connect(port, security)), 1)
            }
          })
        )
      )
    }
  })

  describe("a recorded frame", () => {
    for (const [mode, security] of modes.entries()) {
      it.live(`in a handshake that is otherwise right is refused, in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const play = (node: Victim, tamper: Tamper, meta?: Buffer) =>
              Effect.promise(async () => {
                const wire = await reach(kit, node.port, security)
                const heard = await dialAs(wire, party(wire, mode as 0 | 1), tamper, meta)
                wire.socket.destroy()
                await wire.closed
                return heard.map(G.typeOf)
              })
            const old = new Map<Message, Buffer>()
            const noted: Tamper = (message, frame) => {
              old.set(message, Buffer.from(frame))
              return frame
            }
            const first = yield* apart(Effect.flatMap(startVictim(kit, { security }), (node) => play(node, noted)))
            assert.deepStrictEqual(first, [0x10], "the recorded handshake went well")
            const victim = yield* startVictim(kit, { security })
            const again = (...messages: ReadonlyArray<Message>) =>
              play(victim, (message, frame) => (messages.includes(message) ? old.get(message)! : frame))
            yield* victim.unchangedBy(
              Effect.gen(function* () {
                for (const messages of [
                  ["HELLO"],
                  ["AUTH"],
                  ["READY"],
                  ["HELLO", "AUTH"],
                  ["AUTH", "READY"]
                ] as const) {
                  assert.notInclude(yield* again(...messages), 0x10, messages.join())
                }
              })
            )
          })
        )
      )
    }
  })

  describe("a node's own words", () => {
    for (const [mode, security] of modes.entries()) {
      it.live(`sent back to it are refused where it listens and where it dials, in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security })
            const echo = (wire: Wire, retype: (type: number) => number) => {
              const next = async (): Promise<void> => {
                const frame = await wire.next()
                if (frame === undefined) return
                frame[4] = retype(frame[4]!)
                wire.send(frame)
                return next()
              }
              void next().then(() => wire.socket.destroy())
            }
            let retype = (type: number) => type
            const act = (wire: Wire) => echo(wire, (type) => retype(type))
            const port = yield* mode === 0 ? plainServer(kit, act) : secureServer(kit, servingKey(secrets.psk), act)
            yield* victim.unchangedBy(
              Effect.gen(function* () {
                yield* Effect.flip(victim.connect(port, security))
                retype = (type) => type + 1
                yield* Effect.flip(victim.connect(port, security))
                yield* Effect.promise(async () => {
                  const wire = await reach(kit, victim.port, security)
                  const us = party(wire, mode as 0 | 1)
                  wire.send(G.helloOf(us))
                  const challenge = (await wire.next())!
                  wire.send(challenge)
                  const heard = await wire.rest()
                  assert.isFalse(heard.some((frame) => G.typeOf(frame) === 4))
                })
              }),
              2
            )
          })
        )
      )

      it.live(`of a dial are refused as the AUTH of another stream, and as its WELCOME, in ${security} mode`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security })
            let answered: number | undefined
            // The node dials the attacker; what it proves there the attacker sends to the node's own listener, and back as WELCOME.
            const act = (wire: Wire) => {
              const turned = async () => {
                const hello = (await wire.next())!
                const target = await reach(kit, victim.port, security)
                target.send(hello)
                const challenge = (await target.next())!
                wire.send(challenge)
                const auth = await wire.next()
                if (auth === undefined) return
                if (mode === 1) assert.notDeepEqual(bindingOf(wire), bindingOf(target))
                target.send(auth)
                const answer = await target.next()
                answered = G.typeOf(answer)
                const back = Buffer.from(auth)
                back[4] = 4
                wire.send(back)
                await wire.rest()
                target.socket.destroy()
              }
              void turned().then(() => wire.socket.destroy())
            }
            const port = yield* mode === 0 ? plainServer(kit, act) : secureServer(kit, servingKey(secrets.psk), act)
            yield* victim.unchangedBy(Effect.flip(victim.connect(port, security)), 1)
            // A plain stream has no binding: it hears, under a MAC, that it talks to itself. In TLS the two streams differ.
            assert.strictEqual(answered, mode === 0 ? 4 : 0x7f)
          })
        )
      )
    }

    it.live("joined with its own listener by somebody between are self_connect, in psk mode", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit)
          const tape = yield* recorder(victim.port)
          const error = yield* victim.unchangedBy(Effect.flip(victim.connect(tape.port, "psk")), 1)
          assert.strictEqual(error.reason, "self_connect")
          assert.isAbove(tape.up.length, 0)
          assert.strictEqual(victim.service.self.cluster, cluster)
        })
      )
    )
  })

  describe("a relay without a change", () => {
    it.live("lets the same handshake in: what is refused above is refused for what was done to it", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          const ready: Array<number | undefined> = []
          const port = yield* plainServer(kit, (wire) => {
            void acceptAs(wire, party(wire, 0)).then(([frame]) => {
              ready.push(G.typeOf(frame))
              wire.socket.destroy()
            })
          })
          yield* Effect.exit(victim.connect(port))
          assert.deepStrictEqual(ready, [5])
        })
      )
    )
  })
}
