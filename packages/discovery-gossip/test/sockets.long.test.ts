import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import { createSocket, type Socket } from "node:dgram"
import { beaconOf, contextOf, freeGroup } from "./support/network.ts"
import { run, type Running, textOf, until, untilLook } from "./support/running.ts"

const loopback = "127.0.0.1"
const textAt = (name: string, port: number) => `${name}@127.0.0.1 at tcp://127.0.0.1:${port}`

const bound = (port: number) =>
  Effect.callback<Socket>((resume) => {
    const socket = createSocket("udp4")
    socket.bind(port, () => resume(Effect.succeed(socket)))
  })

describe("the port", () => {
  it.live("that another program has for itself is a failed look, and taken when it is free", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const other = yield* bound(group.port)
      const source = yield* Gossip.make(group)
      const running = yield* run(source, contextOf("a", { port: 1 }))
      yield* until("a failed look", () => running.looks.length > 0)
      assert.include(
        textOf(running.looks[0]),
        `unknown: discovery gossip: could not bind 0.0.0.0 port ${group.port} (UDP): EADDRINUSE; it is tried again`
      )
      other.close()
      const peer = yield* run(source, contextOf("b", { port: 2 }))
      yield* untilLook(running, textAt("b", 2))
      yield* untilLook(peer, textAt("a", 1))
    })
  )

  it.live("is shared by all nodes of a host with broadcasts, too", () =>
    Effect.gen(function* () {
      const { port } = yield* freeGroup
      const source = yield* Gossip.make({ port, broadcastOnly: true, multicastIf: loopback })
      const nodes: Array<Running> = []
      for (const [index, name] of ["a", "b", "c"].entries()) {
        nodes.push(yield* run(source, contextOf(name, { port: index + 1 })))
      }
      const all = [textAt("a", 1), textAt("b", 2), textAt("c", 3)]
      for (const [index, node] of nodes.entries()) {
        yield* untilLook(node, all.filter((_, at) => at !== index).join(", "))
      }
    })
  )

  it.live("hands a packet to one node alone that is sent to it alone: it counts as any other", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const running = yield* run(yield* Gossip.make(group), contextOf("a"))
      const socket = yield* Effect.acquireRelease(bound(0), (each) => Effect.sync(() => each.close()))
      yield* until("b", () => {
        socket.send(beaconOf("b", { addresses: ["tcp://h:1"] }), group.port, loopback)
        return textOf(running.looks.at(-1)) === "b@127.0.0.1 at tcp://h:1"
      })
    })
  )

  it.live("is free again when the source ends", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const source = yield* Gossip.make(group)
      const first = yield* run(source, contextOf("a"))
      const second = yield* run(source, contextOf("b"))
      yield* until("b", () => first.looks.length > 0)
      yield* first.stop
      yield* second.stop
      const exclusive = yield* bound(group.port)
      exclusive.close()
    })
  )
})
