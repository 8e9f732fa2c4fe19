/**
 * Every single bit of every handshake frame, changed on its way to a node that listens and to a node that dials.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as G from "./gch1.ts"
import { dialAs, acceptAs, party, reach, secrets, flipped, type Message, type Tamper } from "./handshakes.ts"
import { startVictim, type Victim } from "./victim.ts"
import { plainServer, secureServer, servingKey, type Wire } from "./wire.ts"
import { apart, withOwnMetrics } from "../support.ts"
import type { Kit } from "../kit.ts"

export const bitFlips = (kit: Kit): void => {
  const timeout = 60_000

  const modes = [
    { security: "plain", mode: 0 },
    { security: "psk", mode: 1 }
  ] as const

  const flipping =
    (message: Message, bit: number): Tamper =>
    (sent, wire) =>
      sent === message ? flipped(wire, bit) : wire

  /** Over plain streams every bit; in TLS, where each handshake costs more, one bit of every byte. */
  const bitsOf = (bytes: number, security: "plain" | "psk"): ReadonlyArray<number> =>
    Array.from({ length: security === "plain" ? bytes * 8 : bytes }, (_, index) =>
      security === "plain" ? index : index * 8 + (index % 8)
    )

  /** One handshake with a node that listens; gives how many bytes the message had. */
  const dialing = (victim: Victim, { mode, security }: (typeof modes)[number], message: Message, bit?: number) =>
    Effect.promise(async () => {
      let bytes = 0
      const wire = await reach(kit, victim.port, security)
      const believed = await dialAs(wire, party(wire, mode), (sent, frame) => {
        if (sent !== message) return frame
        bytes = frame.length
        return bit === undefined ? frame : flipping(message, bit)(sent, frame)
      })
      wire.socket.destroy()
      await wire.closed
      return { bytes, believed: believed.some((frame) => G.typeOf(frame) === 0x10) }
    })

  describe("a node that listens", () => {
    for (const each of modes) {
      for (const message of ["HELLO", "AUTH", "READY"] as const) {
        it.live(
          `refuses ${message} in ${each.security} mode with ${each.security === "plain" ? "any one bit" : "a bit of any byte"} changed, and nothing changes`,
          () =>
            withOwnMetrics(
              Effect.gen(function* () {
                const { believed, bytes } = yield* apart(
                  Effect.flatMap(startVictim(kit, { security: each.security }), (node) => dialing(node, each, message))
                )
                const victim = yield* startVictim(kit, { security: each.security })
                assert.isTrue(believed, "unchanged, the message is believed")
                const bits = bitsOf(bytes, each.security)
                const results = yield* victim.unchangedBy(
                  Effect.forEach(bits, (bit) => dialing(victim, each, message, bit), { concurrency: 8 })
                )
                assert.deepStrictEqual(
                  bits.filter((_, index) => results[index]?.believed),
                  []
                )
                assert.lengthOf(results, bits.length)
              })
            ),
          timeout
        )
      }
    }
  })

  describe("a node that dials", () => {
    for (const each of modes) {
      for (const message of ["CHALLENGE", "WELCOME"] as const) {
        it.live(
          `refuses ${message} in ${each.security} mode with ${each.security === "plain" ? "any one bit" : "a bit of any byte"} changed, and nothing changes`,
          () =>
            withOwnMetrics(
              Effect.gen(function* () {
                let [bytes, bit]: [number, number | undefined] = [0, undefined]
                let ending: Promise<number | undefined> = Promise.resolve(undefined)
                const act = (wire: Wire) => {
                  const tamper: Tamper = (sent, frame) => {
                    if (sent !== message) return frame
                    bytes = frame.length
                    return bit === undefined ? frame : flipped(frame, bit)
                  }
                  ending = acceptAs(wire, party(wire, each.mode), tamper).then(([first]) => {
                    wire.socket.destroy()
                    return G.typeOf(first)
                  })
                }
                const port = yield* each.security === "plain"
                  ? plainServer(kit, act)
                  : secureServer(kit, servingKey(secrets.psk), act)
                yield* apart(
                  Effect.flatMap(startVictim(kit, { security: each.security }), (node) =>
                    Effect.exit(node.connect(port, each.security))
                  )
                )
                assert.strictEqual(yield* Effect.promise(() => ending), 5, "unchanged, it is answered by READY")
                const victim = yield* startVictim(kit, { security: each.security })
                const bits = bitsOf(bytes, each.security)
                yield* victim.unchangedBy(
                  Effect.forEach(bits, (next) =>
                    Effect.gen(function* () {
                      bit = next
                      yield* Effect.flip(victim.connect(port, each.security))
                      assert.notStrictEqual(yield* Effect.promise(() => ending), 5, `bit ${next}`)
                    })
                  ),
                  bits.length
                )
              })
            ),
          timeout
        )
      }
    }
  })
}
