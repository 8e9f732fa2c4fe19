import { assert, describe, it } from "@effect/vitest"
import {
  type DataFrames,
  frameCost,
  initialWindow,
  maxExtra,
  maxLinkExtra,
  type Outgoing,
  SendWindow
} from "../../src/protocol/flow.ts"
import { ReceiveBudget, ReceiveWindow } from "../../src/protocol/receiveFlow.ts"
import { property, type Random } from "./random.ts"
import { outgoing, Sender } from "./sendModel.ts"

const maxMessageSize = 1_000_000

const message = (size: number, fill = 0): Outgoing => ({ messages: [new Uint8Array(size).fill(fill)] })

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

class Receiver extends ReceiveWindow {
  /** A piece that is all there is in these bytes. */
  take(bytes: Uint8Array, more: boolean): Uint8Array | undefined | string {
    return this.receive(bytes, 0, bytes.length, more)
  }
}

const receiveWindow = (largest = maxMessageSize) => new Receiver(0, new ReceiveBudget(largest))

const bytesIn = (received: Uint8Array | undefined | string): Uint8Array => {
  if (!(received instanceof Uint8Array)) throw new Error(`no message: ${received}`)
  return received
}

/** Everything that a window gives at once. */
const drain = (window: Sender) => {
  const chunks = []
  for (let chunk = window.next(); chunk !== undefined; chunk = window.next()) chunks.push(chunk)
  return chunks
}

describe("the sending half of a channel", () => {
  it("sends small messages whole and large ones in pieces of at most 64 KiB", () => {
    const window = new Sender()
    const [small, large] = [message(10), message(150_000)]
    window.push(small)
    window.push(large)
    const chunks = drain(window)
    assert.deepStrictEqual(
      chunks.map(({ bytes, more }) => [bytes.length, more]),
      [
        [10, false],
        [65_536, true],
        [65_536, true],
        [18_928, false]
      ]
    )
    assert.deepStrictEqual(
      chunks.map(({ completes }) => completes),
      [small, undefined, undefined, large]
    )
    assert.strictEqual(window.queued, 0)
  })

  it("stops without credit, and goes on with it", () => {
    const window = new Sender()
    window.push(message(initialWindow * 2))
    const sent = drain(window).reduce((sum, { bytes }) => sum + bytes.length + frameCost, 0)
    assert.isAtMost(sent, initialWindow)
    assert.isFalse(window.ready)
    window.grant(1_000)
    assert.isFalse(window.ready, "the last drops are not worth a frame")
    window.grant(initialWindow)
    assert.isTrue(window.ready)
    assert.isNotEmpty(drain(window))
  })

  it("charges empty messages for their frames", () => {
    const window = new Sender()
    for (let index = 0; index < 10_000; index++) window.push(message(0))
    assert.lengthOf(drain(window), initialWindow / frameCost)
  })

  it("forgets a message that is cancelled, unless a piece of it is on its way", () => {
    const window = new Sender()
    const [begun, gone, kept] = [message(initialWindow * 2), message(20), message(30)]
    for (const each of [begun, gone, kept]) window.push(each)
    drain(window)
    const before = window.queued
    window.cancel(begun)
    assert.strictEqual(window.queued, before)
    window.cancel(gone)
    window.cancel(gone)
    assert.strictEqual(window.queued, before - 20 - frameCost)
    assert.deepStrictEqual(window.takeUnsent(), [begun, kept])
    assert.strictEqual(window.queued, 0)
    assert.isUndefined(window.next())
  })

  it("keeps nothing of messages that are cancelled again and again", () => {
    const window = new Sender()
    window.push(message(initialWindow * 2))
    drain(window)
    const before = window.queued
    for (let index = 0; index < 10_000; index++) {
      const late = message(1_000)
      window.push(late)
      window.cancel(late)
    }
    assert.strictEqual(window.queued, before)
    assert.lengthOf(window.takeUnsent(), 1)
  })
})

describe("messages that wait together", () => {
  it("go as frames of one head, those that have to be cut by themselves, and all are done at once", () => {
    const done: Array<Outgoing> = []
    const window = new SendWindow<Outgoing>(3, (sent) => done.push(sent))
    const batch = outgoing(1, 2, 70_000, 3, 4)
    window.push(batch)
    const frames: Array<DataFrames | Uint8Array> = []
    assert.strictEqual(window.fill(frames, 1_000_000), 70_010 + 6 * 4)
    assert.deepStrictEqual(
      frames.map((frame) =>
        frame instanceof Uint8Array ? [] : [frame[0][3], ...frame.slice(1).map((one) => one.length)]
      ),
      [
        [0, 1, 2],
        [1, 65_536],
        [0, 4_464],
        [0, 3, 4]
      ]
    )
    assert.deepStrictEqual(done, [batch])
    assert.strictEqual(window.queued, 0)
  })

  it("when they are cancelled in the midst, only the one goes on of which a piece is on its way", () => {
    const window = new Sender()
    const [cut, untouched] = [outgoing(10, initialWindow, 20, 30), outgoing(40)]
    const [, begun] = cut.messages
    for (const each of [cut, untouched]) window.push(each)
    drain(window)
    window.cancel(cut)
    assert.deepStrictEqual(window.queued, initialWindow + 40 + 2 * frameCost)
    window.grant(initialWindow)
    const rest = drain(window)
    assert.deepStrictEqual(
      rest.map(({ completes }) => completes),
      [cut, untouched]
    )
    assert.strictEqual(cut.messages.at(-1), begun)
  })

  it("when they are cancelled or taken back between two of them, those that went are not among them", () => {
    for (const isCancelled of [true, false]) {
      const window = new Sender()
      const batch = outgoing(initialWindow - 6 * frameCost, 1, 20_000, 30)
      const left = batch.messages.slice(2)
      window.push(batch)
      assert.lengthOf(drain(window), 5)
      if (isCancelled) window.cancel(batch)
      assert.strictEqual(window.queued, isCancelled ? 0 : 20_030 + 2 * frameCost)
      assert.deepStrictEqual(window.takeUnsent(), isCancelled ? [] : [batch])
      if (!isCancelled) assert.deepStrictEqual(batch.messages, left)
    }
  })
})

describe("the receiving half of a channel", () => {
  it("gives no more credit while a window's worth is unread", () => {
    const window = receiveWindow()
    const size = 10_000
    let received = 0
    let credit = initialWindow
    while (credit >= size + frameCost) {
      assert.lengthOf(bytesIn(window.take(new Uint8Array(size), false)), size)
      received++
      credit += window.credit() - size - frameCost
    }
    assert.isAtMost(received * size, 2 * initialWindow)
    assert.strictEqual(window.credit(), 0)
    for (let index = 0; index < received; index++) window.consumed(size + frameCost)
    assert.isAbove(window.credit(), 0)
  })

  it("calls data beyond the credit, and a message that is too large, a violation", () => {
    const greedy = receiveWindow()
    assert.strictEqual(greedy.take(new Uint8Array(initialWindow), false), "data beyond the credit")
    const large = receiveWindow(100)
    assert.isUndefined(large.take(new Uint8Array(60), true))
    assert.strictEqual(large.take(new Uint8Array(41), true), "a message of more than 100 bytes")
  })

  it("keeps no more alive than a message holds", () => {
    const window = receiveWindow()
    const read = new Uint8Array(65_536)
    for (const size of [10, 64, 65, 3_000]) {
      const small = bytesIn(window.receive(read, 100, 100 + size, false))
      assert.strictEqual(small.length, size)
      assert.isAtMost(small.buffer.byteLength, size === 65 ? 8 * 1024 : size)
    }
    const whole = bytesIn(window.receive(read, 4, read.length, false))
    assert.strictEqual(whole.buffer, read.buffer, "and copies no large one")
  })

  it("puts the smallest pieces together", () => {
    const window = receiveWindow()
    const size = 20_000
    for (let index = 0; index < size; index++) {
      assert.isUndefined(window.take(Uint8Array.of(index & 0xff), true))
      window.credit()
    }
    const received = bytesIn(window.take(new Uint8Array(0), false))
    assert.lengthOf(received, size)
    assert.isTrue(received.every((byte, index) => byte === (index & 0xff)))
  })
})

/** Both halves with a wire between them, driven at random. */
class Model {
  readonly sender = new Sender()
  readonly receiver = receiveWindow()
  readonly wire: Array<{ readonly bytes: Uint8Array; readonly more: boolean }> = []
  readonly credits: Array<number> = []
  /** Messages that were pushed and neither cancelled nor delivered. */
  readonly expected: Array<Outgoing> = []
  readonly begun = new Set<Outgoing>()
  readonly unread: Array<number> = []
  partial = 0
  fill = 0

  push(size: number): void {
    const pushed = message(size, this.fill++ & 0xff)
    this.sender.push(pushed)
    this.expected.push(pushed)
  }

  cancel(random: Random): void {
    const waiting = this.expected.filter((each) => !this.begun.has(each))
    if (waiting.length === 0) return
    const gone = random.pick(waiting)
    const before = this.sender.queued
    this.sender.cancel(gone)
    // The first that waits may have a piece on the way already.
    if (this.sender.queued < before) this.expected.splice(this.expected.indexOf(gone), 1)
  }

  send(): void {
    const chunk = this.sender.next()
    if (chunk === undefined) return
    this.wire.push(chunk)
    if (chunk.completes !== undefined) this.begun.add(chunk.completes)
  }

  arrive(): void {
    const chunk = this.wire.shift()
    if (chunk === undefined) return
    const received = this.receiver.take(chunk.bytes, chunk.more)
    if (typeof received === "string") assert.fail(received)
    this.partial = received === undefined ? this.partial + chunk.bytes.length : 0
    if (received !== undefined) {
      const wanted = this.expected.shift()?.messages[0]
      assert.isTrue(wanted !== undefined && sameBytes(received, wanted))
      this.unread.push(received.length)
    }
    this.credit()
    const held = this.unread.reduce((sum, size) => sum + size + frameCost, 0)
    assert.isAtMost(held + this.partial, 2 * initialWindow + maxExtra + maxMessageSize)
  }

  credit(): void {
    const bytes = this.receiver.credit()
    if (bytes > 0) this.credits.push(bytes)
  }

  read(): void {
    const size = this.unread.shift()
    if (size === undefined) return
    this.receiver.consumed(size + frameCost)
    this.credit()
  }

  grant(): void {
    const bytes = this.credits.shift()
    if (bytes !== undefined) this.sender.grant(bytes)
  }
}

describe("both halves together", () => {
  it("deliver every message once, whole and in order, within their memory, and never get stuck", () => {
    property(100, (random) => {
      const model = new Model()
      const acts = [
        () => model.push(random.int(random.pick([0, 100, 20_000, 400_000]))),
        () => model.cancel(random),
        () => model.send(),
        () => model.send(),
        () => model.arrive(),
        () => model.arrive(),
        () => model.read(),
        () => model.grant()
      ]
      for (let step = 0; step < 300; step++) random.pick(acts)()
      for (let step = 0; model.expected.length > 0 && step < 100_000; step++) {
        model.send()
        model.arrive()
        model.read()
        model.grant()
      }
      assert.lengthOf(model.expected, 0, "everything arrives once everybody works")
      assert.strictEqual(model.sender.queued, 0)
    })
  })

  it("a link that is replaced takes back what is not whole on its way", () => {
    property(100, (random) => {
      const model = new Model()
      for (let step = 0; step < 60; step++) {
        model.push(random.int(100_000))
        if (random.bool()) model.send()
      }
      const unsent = model.sender.takeUnsent()
      while (model.wire.length > 0) model.arrive()
      assert.deepStrictEqual(unsent, model.expected, "what did not arrive, and nothing else")
    })
  })
})

describe("a channel that is read as fast as it fills", () => {
  const size = 10_000
  const cost = size + frameCost

  /** Fills the credit and reads all, so many times; the most credit that was out. */
  const flood = (window: Receiver, rounds: number): number => {
    let credit = initialWindow
    let most = credit
    for (let round = 0; round < rounds; round++) {
      const count = Math.floor(credit / cost)
      for (let each = 0; each < count; each++) assert.lengthOf(bytesIn(window.take(new Uint8Array(size), false)), size)
      window.consumed(count * cost)
      credit += window.credit() - count * cost
      most = Math.max(most, credit)
    }
    return most
  }

  it("gets more credit, up to a bound", () => {
    const most = flood(receiveWindow(), 30)
    assert.isAtLeast(most, initialWindow + maxExtra - cost)
    assert.isAtMost(most, initialWindow + maxExtra)
  })

  it("gets none while its reader leaves something unread", () => {
    const window = receiveWindow()
    window.take(new Uint8Array(size), false)
    let given = 0
    for (let each = 0; each < 1_000; each++) {
      window.take(new Uint8Array(size), false)
      window.consumed(cost)
      given += window.credit()
    }
    assert.isAtMost(given, 1_001 * cost)
  })

  it("shares what is more than a window with the others of its link", () => {
    const budget = new ReceiveBudget(1_000_000)
    const most = Array.from({ length: 20 }, (_, id) => flood(new Receiver(id, budget), 30) - initialWindow)
    assert.strictEqual(most.filter((extra) => extra > 0).length, Math.ceil(maxLinkExtra / maxExtra))
  })
})
