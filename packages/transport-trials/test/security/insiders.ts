/**
 * Somebody who holds the cookie and says what no node says: under the right MAC, with fields that nobody may have.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as G from "./gch1.ts"
import { dialAs, acceptAs, party } from "./handshakes.ts"
import { startVictim, cluster, type Victim } from "./victim.ts"
import { plainTo, plainServer } from "./wire.ts"
import { until, withOwnMetrics } from "../support.ts"
import type { Kit } from "../kit.ts"

export const insiders = (kit: Kit): void => {
  const who = { cluster, name: "mallory@127.0.0.1" }

  /** A dial with this identity; gives whether it was let in. */
  const dial = (victim: Victim, identity: Uint8Array, meta?: Buffer) =>
    Effect.promise(async () => {
      const wire = await plainTo(kit, victim.port)
      const heard = await dialAs(wire, party(wire, 0, { identity }), undefined, meta)
      wire.socket.destroy()
      await wire.closed
      return heard.length > 0
    })

  const addresses = (count: number) =>
    Buffer.concat(Array.from({ length: count }, () => Buffer.concat([Buffer.of(9), Buffer.from("tcp://h:1")])))

  const text = (length: number) => Buffer.alloc(length, "a")

  const oversize: ReadonlyArray<readonly [what: string, identity: Buffer]> = [
    ["a name of 256 bytes", G.identity(who, { 1: Buffer.concat([text(250), Buffer.from("@h.abc")]) })],
    ["a name of 4,000 bytes", G.identity(who, { 1: text(4_000) })],
    ["an instance of 17 bytes", G.identity(who, { 2: text(17) })],
    ["a generation of 9 bytes", G.identity(who, { 3: Buffer.alloc(9) })],
    ["a generation of 2^53", G.identity(who, { 3: G.int(8, 2n ** 53n) })],
    ["a generation of the day after tomorrow", G.identity(who, { 3: G.int(8, Date.now() + 172_800_000) })],
    ["an attempt of 5 bytes", G.identity(who, { 4: Buffer.alloc(5) })],
    ["a cluster of 65 bytes", G.identity(who, { 5: text(65) })],
    ["a dialed name of 256 bytes", G.identity(who, { 6: text(256) })],
    ["capabilities of 9 bytes", G.identity(who, { 7: Buffer.alloc(9) })],
    ["9 addresses", G.identity(who, { 8: addresses(9) })],
    ["an address of no bytes", G.identity(who, { 8: Buffer.of(0) })],
    ["an application's version of 65 bytes", G.identity(who, { 9: text(65) })],
    ["required capabilities of 9 bytes", G.identity(who, { 10: Buffer.alloc(9) })],
    ["a record longer than a frame", G.identity(who, { 200: text(4_096) })],
    ["a record of 60,000 bytes", G.identity(who, { 200: text(60_000) })],
    ["a field that promises more than there is", Buffer.concat([G.identity(who), Buffer.of(200, 0xff, 0xff, 1)])]
  ]

  describe("an identity under the right MAC", () => {
    for (const [what, identity] of oversize) {
      it.live(`with ${what} is refused, dialing and dialed, and nothing changes`, () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const victim = yield* startVictim(kit, { security: "plain" })
            const heard: Array<number | undefined> = []
            const port = yield* plainServer(kit, (wire) => {
              void acceptAs(wire, party(wire, 0, { identity })).then((frames) => {
                heard.push(...frames.map(G.typeOf))
                wire.socket.destroy()
              })
            })
            yield* victim.unchangedBy(
              Effect.gen(function* () {
                assert.isFalse(yield* dial(victim, identity))
                yield* Effect.flip(victim.connect(port))
              }),
              1
            )
            // READY may come: with a refusal in it, for what only the membership can judge.
            assert.notInclude(heard, 0x10)
          })
        )
      )
    }

    it.live("with a field that is unknown below 128, or missing, or there twice, is refused; nothing changes", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          const unknown = Array.from({ length: 128 }, (_, type) => type).filter((type) => type === 0 || type > 11)
          const wrong = [
            ...unknown.map((type) => G.identity(who, { [type]: Buffer.alloc(0) })),
            ...[1, 2, 3, 4, 5, 7].map((type) => G.identity(who, { [type]: undefined })),
            ...[1, 2, 3, 4, 5, 7].map((type) => Buffer.concat([G.identity(who), twice(type)])),
            Buffer.concat([G.identity(who), G.field(200, text(1)), G.field(200, text(1))]),
            Buffer.alloc(0)
          ]
          const letIn = yield* victim.unchangedBy(
            Effect.forEach(wrong, (identity) => dial(victim, identity), { concurrency: 8 })
          )
          assert.lengthOf(letIn, 131)
          assert.notInclude(letIn, true)
        })
      )
    )

    it.live("with unknown fields from 128 on is let in, and they are ignored", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          const more = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [128 + index, text(3)]))
          assert.isTrue(yield* dial(victim, G.identity(who, more)))
          yield* until(() => victim.events.some(({ member }) => member.name === who.name))
        })
      )
    )
  })

  /** A field of an identity once more. */
  const twice = (type: number): Buffer => {
    const record = G.identity(who)
    for (let at = 0; at < record.length; at += 3 + record.readUInt16BE(at + 1)) {
      if (record[at] === type) return record.subarray(at, at + 3 + record.readUInt16BE(at + 1))
    }
    throw new Error(`there is no field ${type}`)
  }

  describe("metadata", () => {
    it.live("with __proto__ and its like are entries like any other, and change no object of the node", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const entries = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]
            .toSorted()
            .map((key): [string, string] => [key, `polluted ${key}`])
          const victim = yield* startVictim(kit, { security: "plain" })
          assert.isTrue(yield* dial(victim, G.identity(who), G.metaOf(entries)))
          yield* until(() => victim.events.some(({ member }) => member.name === who.name))
          const up = victim.events.find(({ member }) => member.name === who.name)!
          assert.deepStrictEqual(Object.entries(up.member.metadata), entries)
          assert.notProperty({}, "polluted")
          assert.strictEqual(Object.prototype.toString.call({}), "[object Object]")
          assert.strictEqual(Object.getPrototypeOf({}), Object.prototype)
          const own = victim.events[0]!.member.metadata
          assert.isEmpty(Object.keys(own))
        })
      )
    )

    it.live("given by a program as __proto__ reaches the others as an entry", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const metadata = JSON.parse('{"__proto__":"mine","zone":"z1"}') as Record<string, string>
          const a = yield* startVictim(kit, { security: "plain", node: "a@127.0.0.1", metadata })
          const b = yield* startVictim(kit, { security: "plain", node: "b@127.0.0.1" })
          const member = yield* b.connect(a.port)
          assert.deepStrictEqual(Object.entries(member.metadata), [
            ["__proto__", "mine"],
            ["zone", "z1"]
          ])
        })
      )
    )

    it.live("that nobody may have ends the link before there is a member", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const victim = yield* startVictim(kit, { security: "plain" })
          const wrong: ReadonlyArray<Buffer> = [
            G.metaOf([["a b", "x"]]),
            G.metaOf([["", "x"]]),
            G.metaOf([["k".repeat(65), "x"]]),
            G.metaOf([
              ["a", "1"],
              ["a", "2"]
            ]),
            G.metaOf([
              ["__proto__", "1"],
              ["__proto__", "2"]
            ]),
            G.metaOf([["a", "x".repeat(4_100)]]),
            G.frame(0x10, G.int(4, 1), G.int(2, 9)),
            G.frame(0x11, G.int(4, 1), Buffer.of(0), G.int(4, 0))
          ]
          for (const meta of wrong) yield* dial(victim, G.identity(who), meta)
          yield* Effect.sleep("50 millis")
          assert.deepStrictEqual(
            victim.events.map(({ member }) => member.name),
            ["victim@127.0.0.1"]
          )
          assert.lengthOf(yield* victim.service.members, 1)
        })
      )
    )
  })
}
