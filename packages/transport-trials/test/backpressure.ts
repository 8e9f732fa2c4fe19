import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { FrameDecoder } from "@gc/core/FrameDecoder"
import type { Connection } from "@gc/core/Transport"
import { until, reasonOf, numbered, assertSameFrames, onWire, random } from "./support.ts"
import { pair, rawPair } from "./peers.ts"
import type { Kit } from "./kit.ts"
import { local } from "./security.ts"

export const backpressure = (kit: Kit): void => {
  /** Sends until the connection takes no more; answers how many frames it took and the senders that wait. */
  const fillUp = Effect.fnUntraced(function* (connection: Connection, frame: Uint8Array) {
    let taken = 0
    const sender = yield* Effect.forkChild(
      Effect.forever(Effect.andThen(connection.send([frame]), () => Effect.sync(() => taken++)))
    )
    let seen = -1
    let same = 0
    yield* until(() => {
      same = seen === taken ? same + 1 : 0
      seen = taken
      return taken > 0 && same === 25
    })
    return { sender, taken: () => taken }
  })

  const framesOf = (chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
    const decoder = new FrameDecoder()
    for (const chunk of chunks) decoder.push(chunk)
    const frames: Array<Uint8Array> = []
    for (let next = decoder.next(2 ** 20); next instanceof Uint8Array; next = decoder.next(2 ** 20)) frames.push(next)
    return frames
  }

  describe("a peer that does not read", () => {
    it.live("suspends send, and lets it go on when it reads again", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const { sender, taken } = yield* fillUp(server, new Uint8Array(65_536))
        const before = taken()
        assert.isBelow(before * 65_536, 32 * 2 ** 20)
        raw.stream.resume()
        yield* until(() => taken() > before + 200)
        yield* Fiber.interrupt(sender)
      })
    )

    it.live("an interrupted send leaves its batch out, the others arrive whole and in order", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit, { ...local, highWaterMark: 1024 })
        const { sender } = yield* fillUp(server, new Uint8Array(60_000).fill(255))
        const next = random(5)
        const fibers: Array<Fiber.Fiber<void, unknown>> = []
        for (let number = 0; number < 60; number++) {
          const batch = [numbered(number, 900), numbered(number + 1, 20), numbered(number + 2, 9000)] as const
          fibers.push(yield* Effect.forkChild(server.send(batch), { startImmediately: true }))
        }
        yield* Fiber.interrupt(sender)
        const kept: Array<number> = []
        for (const [number, fiber] of fibers.entries()) {
          if (next() < 0.5) yield* Fiber.interrupt(fiber)
          else kept.push(number)
        }
        const chunks: Array<Uint8Array> = []
        raw.stream.on("data", (chunk) => chunks.push(chunk))
        yield* Fiber.awaitAll(fibers)
        const marker = Buffer.from("the end")
        yield* server.send([marker])
        yield* until(() => Buffer.concat(chunks).includes(marker))
        const arrived = framesOf(chunks).filter((frame) => frame.length !== 60_000)
        assertSameFrames(arrived, [
          ...kept.flatMap((number) => [numbered(number, 900), numbered(number + 1, 20), numbered(number + 2, 9000)]),
          marker
        ])
      })
    )
  })

  describe("a receiver that does not receive", () => {
    it.live("reads ahead a bounded number of bytes, and everything later", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit)
        server.limitFrames(65_536)
        const { sender, taken } = yield* fillUp(client, new Uint8Array(65_536))
        assert.isAtMost(server.bytesReceived(), 262_144 + 2 * 65_536)
        yield* Fiber.interrupt(sender)
        let received = 0
        while (received < taken()) received += (yield* server.receive).length
        assert.strictEqual(received, taken())
      })
    )
  })

  describe("receive", () => {
    it.live("interrupted at any moment loses nothing", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit)
        const frames = Array.from({ length: 3000 }, (_, number) => numbered(number, 1 + (number % 90)))
        const next = random(11)
        yield* Effect.forkChild(
          Effect.forEach(frames, (frame) =>
            Effect.andThen(client.send([frame]), next() < 0.2 ? Effect.yieldNow : Effect.void)
          )
        )
        const received: Array<Uint8Array> = []
        const receiving = Effect.map(server.receive, (batch) => {
          received.push(...batch)
        })
        while (received.length < frames.length) {
          const fiber = yield* Effect.forkChild(receiving, { startImmediately: true })
          const steps = Math.floor(next() * 4)
          for (let step = 0; step < steps; step++) yield* Effect.yieldNow
          if (next() < 0.3) yield* Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))
          yield* Fiber.interrupt(fiber)
        }
        assertSameFrames(received, frames)
      })
    )

    it.live("a second one while one is waiting fails, and the first goes on", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const first = yield* Effect.forkChild(server.receive, { startImmediately: true })
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "ConcurrentReceive")
        const frame = numbered(1, 10)
        raw.stream.write(onWire(frame))
        assertSameFrames(yield* Fiber.join(first), [frame])
        assert(Option.isNone(yield* Effect.timeoutOption(server.receive, "5 millis")))
        raw.stream.write(onWire(frame))
        assertSameFrames(yield* server.receive, [frame])
      })
    )
  })
}
