import { assert, describe, it } from "@effect/vitest"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Connection, OutboundFrame } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import {
  until,
  addressOf,
  receiveFrames,
  reasonOf,
  numbered,
  assertSameFrames,
  declared,
  onWire,
  random
} from "./support.ts"
import { plain, local } from "./security.ts"
import { pair, rawClient, rawPair } from "./peers.ts"
import type { Kit } from "./kit.ts"

export const frames = (kit: Kit): void => {
  const maxFrame = 65_540

  const lengths = [1, 2, 63, 64, 65, 1000, 4092, 4096, 8191, 8192, 8193, 16_384, 65_535, 65_536, 65_537, maxFrame]

  const startsWith = (frame: Uint8Array, head: Uint8Array): boolean =>
    Buffer.compare(frame.subarray(0, head.length), head) === 0

  /** Cuts frames into batches, and some frames into head and body, at random; of those some that follow may share the head. */
  const batches = (frames: ReadonlyArray<Uint8Array>, next: () => number) => {
    const cut: Array<NonEmptyReadonlyArray<OutboundFrame>> = []
    let index = 0
    while (index < frames.length) {
      const size = 1 + Math.floor(next() * 40)
      const batch: Array<OutboundFrame> = []
      let bodies: [head: Uint8Array, ...bodies: Array<Uint8Array>] | undefined
      for (const frame of frames.slice(index, index + size)) {
        const shared = bodies !== undefined && next() < 0.7 && startsWith(frame, bodies[0])
        if (shared) {
          bodies?.push(frame.subarray(bodies[0].length))
          continue
        }
        const at = next() < 0.5 ? Math.min(frame.length, 2) : Math.floor(next() * (frame.length + 1))
        const cutInTwo: [Uint8Array, Uint8Array] = [frame.subarray(0, at), frame.subarray(at)]
        bodies = next() < 0.5 ? cutInTwo : undefined
        batch.push(bodies === undefined ? frame : cutInTwo)
      }
      cut.push(batch as unknown as NonEmptyReadonlyArray<OutboundFrame>)
      index += size
    }
    return cut
  }

  const exchange = Effect.fnUntraced(function* (from: Connection, to: Connection, seed: number) {
    const next = random(seed)
    const frames = Array.from({ length: 400 }, (_, number) => {
      const length = next() < 0.2 ? lengths[Math.floor(next() * lengths.length)]! : 1 + Math.floor(next() * 300)
      return numbered(next() < 0.5 ? 0 : number, length)
    })
    to.limitFrames(maxFrame)
    const received = yield* Effect.forkChild(receiveFrames(to, frames.length))
    for (const batch of batches(frames, next)) yield* from.send(batch)
    assertSameFrames(yield* Fiber.join(received), frames)
  })

  describe("frames", () => {
    it.live("of every length come out as they went in, both ways at once", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit)
        yield* Effect.all(
          [1, 2, 3].map((seed) => Effect.andThen(exchange(client, server, seed), exchange(server, client, seed + 100))),
          { discard: true }
        )
        yield* Effect.all([exchange(client, server, 7), exchange(server, client, 8)], { concurrency: 2 })
      })
    )

    it.live("each length alone", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit)
        server.limitFrames(maxFrame)
        for (const [number, length] of lengths.entries()) {
          const frame = numbered(number, length)
          yield* client.send([frame])
          assertSameFrames(yield* server.receive, [frame])
        }
      })
    )

    it.live("of concurrent senders stay in batches", () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair(kit, { ...local, highWaterMark: 4096 })
        const batch = (sender: number) =>
          [1, 2, 3, 4, 5].map((step) =>
            numbered(sender * 8 + step, 700)
          ) as unknown as NonEmptyReadonlyArray<Uint8Array>
        const senders = Array.from({ length: 30 }, (_, sender) => sender)
        yield* Effect.forkChild(
          Effect.all(
            senders.map((sender) => client.send(batch(sender))),
            { concurrency: 30 }
          )
        )
        assertSameFrames(
          yield* receiveFrames(server, 150),
          senders.flatMap((sender) => [...batch(sender)])
        )
      })
    )

    it.live("come out whole when they arrive one byte at a time", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const frames = [numbered(1, 1), numbered(2, 5), numbered(3, 40)]
        const received = yield* Effect.forkChild(receiveFrames(server, frames.length))
        raw.socket.setNoDelay(true)
        let sent = 0
        for (const byte of Buffer.concat(frames.map(onWire))) {
          raw.stream.write(Buffer.of(byte))
          sent++
          yield* until(() => server.bytesReceived() === sent)
        }
        assertSameFrames(yield* Fiber.join(received), frames)
      })
    )

    it.live("count every byte as it comes, whole frames or not", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        raw.stream.write(declared(10))
        yield* until(() => server.bytesReceived() === 4)
        raw.stream.write(Buffer.alloc(3))
        yield* until(() => server.bytesReceived() === 7)
      })
    )
  })

  describe("declared lengths", () => {
    it.live("0 is no frame, and stays so", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        raw.stream.write(Buffer.concat([declared(0), onWire(numbered(1, 3))]))
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "FrameMalformed")
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "FrameMalformed")
      })
    )

    it.live("1 and the limit are frames; what stands before a bad one is given first", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const good = [numbered(1, 1), numbered(2, 4096)]
        raw.stream.write(Buffer.concat([...good.map(onWire), declared(4097)]))
        assertSameFrames(yield* receiveFrames(server, 2), good)
        const reason = yield* reasonOf(server.receive)
        assert(reason._tag === "FrameTooLarge")
        assert.deepStrictEqual([reason.declared, reason.limit], [4097, 4096])
      })
    )

    it.live("above the limit are refused before the body is kept, and pass once the limit is raised", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        const frame = numbered(9, 5000)
        raw.stream.write(onWire(frame).subarray(0, 4))
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "FrameTooLarge")
        server.limitFrames(5000)
        raw.stream.write(frame)
        assertSameFrames(yield* server.receive, [frame])
      })
    )

    for (const length of [4097, 16_777_217, 2 ** 31, 2 ** 32 - 1]) {
      it.live(`${length} allocates nothing, however much of it comes`, () =>
        Effect.gen(function* () {
          const { raw, server } = yield* rawPair(kit)
          raw.stream.write(declared(length))
          const reason = yield* reasonOf(server.receive)
          assert(reason._tag === "FrameTooLarge" && reason.declared === length)
          const flood = Buffer.alloc(65_536)
          let written = 0
          while (written < 64 && raw.stream.write(flood)) written++
          for (let index = 0; index < 64; index++) raw.stream.write(flood)
          assert.strictEqual((yield* reasonOf(server.receive))._tag, "FrameTooLarge")
          assert.isBelow(server.bytesReceived(), 524_288)
        })
      )
    }

    it.live("the peer still hears what is said after a bad frame", () =>
      Effect.gen(function* () {
        const { raw, server } = yield* rawPair(kit)
        raw.stream.write("GET / HTTP/1.1\r\n\r\n")
        assert.strictEqual((yield* reasonOf(server.receive))._tag, "FrameTooLarge")
        const heard: Array<Buffer> = []
        raw.stream.on("data", (chunk) => heard.push(chunk))
        yield* server.send([Buffer.from("bye")])
        yield* until(() => Buffer.concat(heard).equals(onWire(Buffer.from("bye"))))
      })
    )

    it.live("random garbage ends in a typed error or in frames, never in a defect", () =>
      Effect.gen(function* () {
        const listener = yield* kit.make(local).listen(plain)
        for (let seed = 1; seed <= 20; seed++) {
          const next = random(seed)
          const raw = yield* rawClient(kit, addressOf(listener))
          const server = yield* listener.accept
          raw.stream.end(Buffer.from(Array.from({ length: 3000 }, () => (next() < 0.6 ? 0 : Math.floor(next() * 256)))))
          const reason = yield* reasonOf(Effect.forever(server.receive))
          assert.include(["FrameMalformed", "FrameTooLarge", "Closed"], reason._tag)
        }
      })
    )
  })
}
