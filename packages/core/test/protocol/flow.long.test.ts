import { assert, describe, it } from "@effect/vitest"
import { frameCost, initialWindow, maxExtra, maxLinkExtra, type Outgoing, SendWindow } from "../../src/protocol/flow.ts"
import { ReceiveBudget, ReceiveWindow } from "../../src/protocol/receiveFlow.ts"
import { property, type Random } from "./random.ts"

const maxMessageSize = 1_000_000

const message = (size: number, fill = 0): Outgoing => ({ bytes: new Uint8Array(size).fill(fill) })

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

const receiveWindow = (largest = maxMessageSize) => new ReceiveWindow(0, new ReceiveBudget(largest))

/** Everything that a window gives at once. */
const drain = (window: SendWindow<Outgoing>) => {
  const chunks = []
  for (let chunk = window.next(); chunk !== undefined; chunk = window.next()) chunks.push(chunk)
  return chunks
}

describe("the sending half of a channel", () => {
  it("sends small messages whole and large ones in pieces of at most 64 KiB", () => {
    const window = new SendWindow<Outgoing>()
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
    const window = new SendWindow<Outgoing>()
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
    const window = new SendWindow<Outgoing>()
    for (let index = 0; index < 10_000; index++) window.push(message(0))
    assert.lengthOf(drain(window), initialWindow / frameCost)
  })

  it("forgets a message that is cancelled, unless a piece of it is on its way", () => {
    const window = new SendWindow<Outgoing>()
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
    const window = new SendWindow<Outgoing>()
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

describe("the receiving half of a channel", () => {
  it("gives no more credit while a window's worth is unread", () => {
    const window = receiveWindow()
    const size = 10_000
    let received = 0
    let credit = initialWindow
    while (credit >= size + frameCost) {
      assert.strictEqual(window.receive(new Uint8Array(size), false)._tag, "Message")
      received++
      credit += window.credit() - size - frameCost
    }
    assert.isAtMost(received * size, 2 * initialWindow)
    assert.strictEqual(window.credit(), 0)
    for (let index = 0; index < received; index++) window.consumed(size)
    assert.isAbove(window.credit(), 0)
  })

  it("calls data beyond the credit, and a message that is too large, a violation", () => {
    const greedy = receiveWindow()
    assert.strictEqual(greedy.receive(new Uint8Array(initialWindow), false)._tag, "Violation")
    const large = receiveWindow(100)
    assert.strictEqual(large.receive(new Uint8Array(60), true)._tag, "Partial")
    assert.strictEqual(large.receive(new Uint8Array(41), true)._tag, "Violation")
  })

  it("keeps no more alive than a message holds", () => {
    const window = receiveWindow()
    const read = new Uint8Array(65_536)
    const received = window.receive(read.subarray(100, 110), false)
    assert.strictEqual(received._tag === "Message" ? received.bytes.buffer.byteLength : 0, 10)
    const ofBuffer = receiveWindow().receive(Buffer.from(read.buffer, 100, 10), false)
    assert.strictEqual(ofBuffer._tag === "Message" ? ofBuffer.bytes.buffer.byteLength : 0, 10, "of a Buffer neither")
    const whole = window.receive(read, false)
    assert.strictEqual(
      whole._tag === "Message" ? whole.bytes.buffer : undefined,
      read.buffer,
      "and copies no large one"
    )
  })

  it("puts the smallest pieces together", () => {
    const window = receiveWindow()
    const size = 20_000
    for (let index = 0; index < size; index++) {
      assert.strictEqual(window.receive(Uint8Array.of(index & 0xff), true)._tag, "Partial")
      window.credit()
    }
    const received = window.receive(new Uint8Array(0), false)
    assert.strictEqual(received._tag, "Message")
    if (received._tag !== "Message") return
    assert.lengthOf(received.bytes, size)
    assert.isTrue(received.bytes.every((byte, index) => byte === (index & 0xff)))
  })
})

/** Both halves with a wire between them, driven at random. */
class Model {
  readonly sender = new SendWindow<Outgoing>()
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
    const received = this.receiver.receive(chunk.bytes, chunk.more)
    if (received._tag === "Violation") assert.fail(received.reason)
    this.partial = received._tag === "Message" ? 0 : this.partial + chunk.bytes.length
    if (received._tag === "Message") {
      const wanted = this.expected.shift()
      assert.isTrue(wanted !== undefined && sameBytes(received.bytes, wanted.bytes))
      this.unread.push(received.bytes.length)
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
    this.receiver.consumed(size)
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
  const flood = (window: ReceiveWindow, rounds: number): number => {
    let credit = initialWindow
    let most = credit
    for (let round = 0; round < rounds; round++) {
      const count = Math.floor(credit / cost)
      for (let each = 0; each < count; each++)
        assert.strictEqual(window.receive(new Uint8Array(size), false)._tag, "Message")
      for (let each = 0; each < count; each++) window.consumed(size)
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

  it("gets none while its sender waits for nothing", () => {
    const window = receiveWindow()
    let given = 0
    for (let each = 0; each < 1_000; each++) {
      window.receive(new Uint8Array(size), false)
      window.consumed(size)
      given += window.credit()
    }
    assert.isAtMost(given, 1_000 * cost)
  })

  it("shares what is more than a window with the others of its link", () => {
    const budget = new ReceiveBudget(1_000_000)
    const most = Array.from({ length: 20 }, (_, id) => flood(new ReceiveWindow(id, budget), 30) - initialWindow)
    assert.strictEqual(most.filter((extra) => extra > 0).length, Math.ceil(maxLinkExtra / maxExtra))
  })
})
