import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { batchOf, connect, isSame, numbered, numberIn, receiveCount, type TransportSection } from "./subject.ts"

const sizes = [1, 2, 3, 4, 5, 127, 128, 1023, 1024, 1447, 1448, 1449, 4095, 4096]

export const frames: TransportSection = {
  name: "frames",
  checks: [
    {
      name: "frames of every size come whole and in order, both ways",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const sent = sizes.map((size) => Uint8Array.from({ length: size }, (_, index) => (size + index * 7) & 0xff))
        for (const [from, to] of [
          [near, far],
          [far, near]
        ] as const) {
          for (const frame of sent) yield* subject.soon("send", from.send([frame]))
          assert.deepStrictEqual(yield* receiveCount(subject, to, sent.length), sent)
          yield* subject.soon("send", from.send(batchOf(sent)))
          assert.deepStrictEqual(yield* receiveCount(subject, to, sent.length), sent)
        }
      })
    },
    {
      name: "a head and its bodies are as many frames as there are bodies",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const [head, body, nothing] = [new Uint8Array([32, 1]), new Uint8Array([2, 3, 4]), new Uint8Array(0)]
        yield* subject.soon("send", near.send([[head, body], [head, nothing], body, [nothing, body]]))
        yield* subject.soon("send", near.send([[head, body, nothing, body], body]))
        const expected = [
          [32, 1, 2, 3, 4],
          [32, 1],
          [2, 3, 4],
          [2, 3, 4],
          [32, 1, 2, 3, 4],
          [32, 1],
          [32, 1, 2, 3, 4],
          [2, 3, 4]
        ].map((bytes) => new Uint8Array(bytes))
        assert.deepStrictEqual(yield* receiveCount(subject, far, expected.length), expected)
      })
    },
    {
      name: "frames keep their order within and across batches",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        let next = 0
        const batches = Array.from({ length: 60 }, (_, batch) =>
          Array.from({ length: 1 + ((batch * 7) % 19) }, () => numbered(5 + ((next * 37) % 900), next++))
        )
        const sending = Effect.forEach(batches, (frames) => subject.soon("send", near.send(batchOf(frames))))
        const [received] = yield* Effect.all([receiveCount(subject, far, next), sending], { concurrency: 2 })
        assert.deepStrictEqual(
          received.map((frame) => numberIn(frame)),
          Array.from({ length: next }, (_, index) => index)
        )
      })
    },
    {
      name: "batches of several senders do not mix, and each sender's keep their order",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const senders = [0, 1, 2, 3]
        const send = (sender: number) =>
          Effect.forEach(
            Array.from({ length: 25 }, (_, batch) => batch),
            (batch) => near.send(batchOf([0, 1, 2, 3].map((part) => numbered(600, sender, batch, part))))
          )
        const [received] = yield* Effect.all(
          [receiveCount(subject, far, 400), Effect.all(senders.map(send), { concurrency: 4 })],
          { concurrency: 2 }
        )
        const last = new Map(senders.map((sender) => [sender, -1]))
        for (let index = 0; index < received.length; index += 4) {
          const [sender, batch] = [numberIn(received[index]!, 0), numberIn(received[index]!, 1)]
          assert.strictEqual(batch, last.get(sender)! + 1, "a sender's batches keep their order")
          last.set(sender, batch)
          for (let part = 0; part < 4; part++) {
            const frame = received[index + part]!
            assert.deepStrictEqual(
              [0, 1, 2].map((at) => numberIn(frame, at)),
              [sender, batch, part],
              "not mixed"
            )
          }
        }
      })
    },
    {
      name: "many small frames are received in few batches",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const count = 2000
        const sending = near.send(batchOf(Array.from({ length: count }, (_, index) => numbered(9, index))))
        let batches = 0
        let frames = 0
        const receiving = Effect.gen(function* () {
          while (frames < count) {
            frames += (yield* subject.soon("receive", far.receive)).length
            batches++
          }
        })
        yield* Effect.all([sending, receiving], { concurrency: 2 })
        assert.isAtMost(batches, count / 20, `${count} frames in ${batches} batches`)
      })
    },
    {
      name: "a received frame does not change any more",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const kept: Array<readonly [frame: Uint8Array, copy: Uint8Array]> = []
        // Longer than any buffer that a transport may read into again and again.
        for (let round = 0; round < 400; round++) {
          yield* subject.soon("send", near.send([numbered(4000, round), numbered(20, round)]))
          for (const frame of yield* receiveCount(subject, far, 2)) kept.push([frame, frame.slice()])
        }
        for (const [frame, copy] of kept) assert.isTrue(isSame(frame, copy))
      })
    },
    {
      name: "bytes that arrive are counted",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const before = far.bytesReceived()
        let counted = before
        for (let round = 0; round < 10; round++) {
          yield* subject.soon("send", near.send([numbered(1000, round)]))
          yield* receiveCount(subject, far, 1)
          assert.isAtLeast(far.bytesReceived(), counted + 1000)
          counted = far.bytesReceived()
        }
        assert.isAtMost(counted - before, 10 * 1100, "and no more than arrived")
      })
    }
  ]
}
