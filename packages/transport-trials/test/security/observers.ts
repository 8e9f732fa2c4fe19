/**
 * Somebody who holds the cookie and came to watch, and says what only members may.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as G from "./gch1.ts"
import { dialAs, acceptAs, party, reach } from "./handshakes.ts"
import { startVictim, cluster, type Victim } from "./victim.ts"
import { plainTo, plainServer } from "./wire.ts"
import { until, withOwnMetrics } from "../support.ts"
import type { Kit } from "../kit.ts"

export const meddlingObservers = (kit: Kit): void => {
  /** An identity with the bit that says: I watch. */
  const watching = (name = "mallory@127.0.0.1") => G.identity({ cluster, name }, { 7: G.int(8, 1) })

  const heartbeat = (ackRequested: 0 | 1) => G.frame(0x11, G.int(4, 7), Buffer.of(ackRequested), G.int(4, 0))

  const bytes8 = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])

  const peers = G.frame(
    0x15,
    G.int(2, 1),
    bytes8("x@127.0.0.1"),
    Buffer.alloc(16, 1),
    G.int(8, 1),
    Buffer.of(1),
    bytes8("tcp://127.0.0.1:1")
  )

  const forbidden: ReadonlyArray<readonly [what: string, frame: Buffer]> = [
    ["META", G.metaOf()],
    ["CHECK", G.frame(0x13, G.int(4, 1), Buffer.alloc(16))],
    ["VOUCH", G.frame(0x14, G.int(4, 1), Buffer.of(1), G.int(4, 0))],
    ["PEERS", peers],
    ["CHANNEL", G.frame(0x18, G.int(2, 0), Buffer.from("chat"))],
    ["CREDIT", G.frame(0x19, G.int(2, 0), G.int(4, 1))],
    ["EVENT", G.frame(0x1a, Buffer.of(0))],
    ["DATA", G.frame(0x20, G.int(2, 0), Buffer.of(0), Buffer.from("hello"))],
    ["a frame of no type", G.frame(0x42, Buffer.of(1))],
    ["a frame of the handshake", G.frame(0x05, Buffer.alloc(46))]
  ]

  /** Watches, and says these frames; gives the types of all that was heard until the node closed. */
  const say = (victim: Victim, mode: "plain" | "psk", ...frames: ReadonlyArray<Buffer>) =>
    Effect.promise(async () => {
      const wire = await reach(kit, victim.port, mode)
      const us = party(wire, mode === "plain" ? 0 : 1, { identity: watching() })
      // The mark that the snapshot is whole goes before what is said.
      const [first] = await dialAs(wire, us, undefined, Buffer.alloc(0))
      const second = await wire.next()
      wire.send(...frames)
      const rest = await wire.rest()
      return [first, second, ...rest].map((frame) => frame?.subarray(4, 6).toString("hex"))
    })

  const counted = (event: string) =>
    Effect.map(Metric.snapshot, (metrics) => {
      const found = metrics.find(({ attributes }) => attributes?.["event"] === event)
      return found?.type === "Counter" ? Number(found.state.count) : 0
    })

  /** Counters are brought up to date when the node's timer ticks. */
  const untilCounted = (event: string) =>
    Effect.flatMap(Effect.context<never>(), (context) => until(() => Effect.runSyncWith(context)(counted(event)) === 1))

  const up = "1a01"
  const synced = "1a00"
  const protocol = "1705"

  describe("an observer", () => {
    for (const [what, frame] of forbidden) {
      it.live(`that says ${what} loses its link, and is heard no more`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security: "plain", detector: "test" })
            const heard = yield* say(victim, "plain", frame, heartbeat(1), heartbeat(1))
            assert.deepStrictEqual(heard, [up, synced, protocol])
            assert.lengthOf(yield* victim.service.members, 1)
            assert.lengthOf(victim.events, 1)
            yield* untilCounted(what.startsWith("a frame") ? "links_violation" : "observers_violation")
          })
        )
      )
    }

    it.live("may ask whether the link lives, in every mode", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          for (const mode of ["plain", "psk"] as const) {
            const victim = yield* startVictim(kit, { security: mode, node: `${mode}@127.0.0.1` })
            const heard = yield* say(victim, mode, heartbeat(1), heartbeat(0), G.frame(0x17, Buffer.of(2)))
            assert.deepStrictEqual(heard, [up, synced, "1200"])
          }
        })
      )
    )

    it.live("that asks without end and reads no answer loses its link", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          yield* Effect.promise(async () => {
            const wire = await plainTo(kit, victim.port)
            await dialAs(wire, party(wire, 0, { identity: watching() }), undefined, Buffer.alloc(0))
            wire.socket.pause()
            const many = Buffer.concat(Array.from({ length: 10_000 }, () => heartbeat(1)))
            const write = () => wire.socket.destroyed || wire.socket.write(many, () => setImmediate(write))
            write()
            await wire.closed
          })
          assert.lengthOf(victim.events, 1)
        })
      )
    )
  })

  describe("a member", () => {
    it.live("that says EVENT loses its link", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain", detector: "test" })
          const heard = yield* Effect.promise(async () => {
            const wire = await plainTo(kit, victim.port)
            await dialAs(wire, party(wire, 0))
            wire.send(G.frame(0x1a, Buffer.of(0)))
            return (await wire.rest()).map((frame) => frame.subarray(4, 6).toString("hex"))
          })
          assert.strictEqual(heard.at(-1), protocol)
          yield* until(() => victim.events.length >= 2)
          assert.strictEqual(victim.events[1]?._tag, "Up")
        })
      )
    )

    it.live("is nobody who answers a dial and says that it watches: nothing changes", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          const heard: Array<string> = []
          const port = yield* plainServer(kit, (wire) => {
            void acceptAs(wire, party(wire, 0, { identity: watching() })).then((frames) => {
              heard.push(...frames.map((frame) => frame.subarray(4, 7).toString("hex")))
              wire.socket.destroy()
            })
          })
          yield* victim.unchangedBy(
            Effect.gen(function* () {
              const error = yield* Effect.flip(victim.connect(port))
              assert.strictEqual(error.reason, "malformed")
            }),
            1
          )
          assert.deepStrictEqual(heard, ["050003"], "READY with the decision malformed")
        })
      )
    )
  })
}
