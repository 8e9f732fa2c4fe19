import { assert, describe, it } from "@effect/vitest"
import type * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { makeWorld, type TestNode } from "./support/world.ts"

const names = ["a", "b", "c"]
const count = 300

const numberIn = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

const numbered = (number: number, size: number) => {
  const bytes = new Uint8Array(4 + size)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

/** The numbers that a node received, by sender. */
const receive = Effect.fnUntraced(function* (node: TestNode) {
  const channel = yield* node.cluster.openChannel("numbers")
  const received = new Map<string, Array<number>>()
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.map(channel.receive, (messages) => {
        for (const { from, message } of messages) {
          received.set(from, [...(received.get(from) ?? []), numberIn(message)])
        }
      })
    )
  )
  return { channel, received }
})

/**
 * Three nodes that all dial each other at once, so that many links are replaced just after they came up. Each sends numbers to
 * each other one from the moment it is up. Gives, for each pair, what was accepted and what arrived.
 */
const run = (seed: number, options: { readonly cuts: boolean; readonly sizes: number }) =>
  Effect.gen(function* () {
    const window = [2_000, 20_000, 262_144][seed % 3]
    const world = yield* makeWorld({
      latency: 1 + (seed % 7),
      jitter: seed % 40,
      seed,
      ...(window !== undefined && { window })
    })
    const nodes = yield* world.startAll(names)
    const flows: Array<{ readonly accepted: Array<number>; readonly arrived: () => ReadonlyArray<number> }> = []
    const inboxes = yield* Effect.forEach(nodes, receive)
    for (const [index, node] of nodes.entries()) {
      const { channel } = inboxes[index]!
      const send = (to: NodeName.NodeName, accepted: Array<number>) => (number: number) =>
        Effect.exit(channel.send(to, numbered(number, (number * 7_919) % options.sizes))).pipe(
          Effect.map((exit) => Exit.isSuccess(exit) && accepted.push(number)),
          Effect.andThen(Effect.sleep("1 millis"))
        )
      yield* Stream.runForEach(node.cluster.events, ({ _tag, member }) => {
        if (_tag !== "Up" || member.self) return Effect.void
        const accepted: Array<number> = []
        const there = names.findIndex((name) => member.name.startsWith(`${name}@`))
        flows.push({ accepted, arrived: () => inboxes[there]?.received.get(node.cluster.self.name) ?? [] })
        const numbers = Array.from({ length: count }, (_, number) => number)
        return Effect.asVoid(Effect.forkScoped(Effect.forEach(numbers, send(member.name, accepted), { discard: true })))
      }).pipe(Effect.forkScoped)
    }
    for (let round = 0; round < 12; round++) {
      yield* TestClock.adjust("200 millis")
      const [from, to] = [names[round % 3]!, names[(round + 1) % 3]!]
      if (options.cuts && round % 4 === 2) yield* world.network.cut(from, to)
    }
    yield* TestClock.adjust("20 seconds")
    assert.lengthOf(flows, 6)
    assert.isTrue(nodes.every(({ events }) => events.every((event) => event._tag === "Up")))
    return {
      flows: flows.map(({ accepted, arrived }) => ({ accepted, arrived: arrived() })),
      replaced: world.connections() - 3
    }
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))

describe("messages", () => {
  for (const sizes of [200, 60_000]) {
    it.effect(`of up to ${sizes} bytes are neither lost, doubled nor reordered when links are replaced`, () =>
      Effect.gen(function* () {
        let replaced = 0
        for (const seed of [1, 9, 16, 27]) {
          const result = yield* run(seed, { cuts: false, sizes })
          replaced += result.replaced
          for (const { accepted, arrived } of result.flows) {
            assert.lengthOf(accepted, count, `seed ${seed}`)
            assert.deepStrictEqual(arrived, accepted, `seed ${seed}`)
          }
        }
        assert.isAtLeast(replaced, 4, "many links were replaced")
      })
    )
  }

  it.effect("come at most once and in order, whatever is lost when links are cut", () =>
    Effect.gen(function* () {
      for (const seed of [3, 4]) {
        const { flows } = yield* run(seed, { cuts: true, sizes: 20_000 })
        for (const { accepted, arrived } of flows) {
          const sent = new Set(accepted)
          assert.isTrue(
            arrived.every((number, index) => index === 0 || number > arrived[index - 1]!),
            `seed ${seed}`
          )
          assert.isAtLeast(arrived.filter((number) => sent.has(number)).length, count - 100)
        }
      }
    })
  )
})
