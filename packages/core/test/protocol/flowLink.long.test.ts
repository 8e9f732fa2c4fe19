import { assert, describe, it } from "@effect/vitest"
import { ReceivingHalf } from "../../src/internal/receivingHalf.ts"
import { frameCost, initialWindow, maxExtra, maxLinkExtra } from "../../src/protocol/flow.ts"
import { maxPayload } from "../../src/protocol/frames.ts"
import { dataHead } from "../../src/protocol/linkFrames.ts"
import { property, type Random } from "./random.ts"
import { outgoing, Sender } from "./sendModel.ts"

const maxMessageSize = 2_000_000

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((left, right) => left + right, 0)

interface Model {
  readonly sender: Sender
  readonly unread: Array<{ readonly size: number; readonly release: () => void }>
  /** Credit that was given and not used. */
  outstanding: number
  partial: number
  delivered: number
}

/** The channels of one link, both halves; DATA and CREDIT arrive at once. */
class LinkModel {
  readonly channels: ReadonlyArray<Model>
  readonly #half = new ReceivingHalf(
    maxMessageSize,
    false,
    (id, bytes) => {
      const channel = this.channels[id] as Model
      channel.outstanding += bytes
      channel.sender.grant(bytes)
    },
    (from, message) => {
      const channel = this.channels[from.id] as Model
      channel.delivered++
      channel.unread.push({ size: message.length, release: () => from.release(message.length + frameCost) })
    }
  )

  constructor(count: number) {
    this.channels = Array.from({ length: count }, (_, id) => {
      assert.isTrue(this.#half.open(id, String(id)))
      return { sender: new Sender(), unread: [], outstanding: initialWindow, partial: 0, delivered: 0 }
    })
  }

  /** A piece as the peer makes it. */
  data(id: number, bytes: Uint8Array, more: boolean): void {
    const channel = this.channels[id] as Model
    channel.outstanding -= bytes.length + frameCost
    channel.partial = more ? channel.partial + bytes.length : 0
    const frame = Buffer.concat([dataHead(id, more), bytes])
    const wrong = this.#half.data(new Uint8Array(frame), 0, frame.length)
    if (wrong !== undefined) assert.fail(wrong)
    this.check()
  }

  push(id: number, size: number): void {
    this.channels[id]?.sender.push(outgoing(size))
  }

  /** Sends a piece. False: there is none, or no credit. */
  send(id: number): boolean {
    const chunk = this.channels[id]?.sender.next()
    if (chunk !== undefined) this.data(id, chunk.bytes, chunk.more)
    return chunk !== undefined
  }

  read(id: number): void {
    this.channels[id]?.unread.shift()?.release()
    this.check()
  }

  /** Sends on all channels in turn, and reads those that `reads` names, until nothing moves. */
  run(reads: (id: number) => boolean): void {
    for (let moved = true; moved;) {
      moved = false
      for (const [id, { unread }] of this.channels.entries()) {
        if (this.send(id)) moved = true
        if (!reads(id) || unread.length === 0) continue
        this.read(id)
        moved = true
      }
    }
  }

  check(): void {
    const count = this.channels.length
    const unfinished = sum(this.channels.map(({ outstanding, partial }) => outstanding + partial))
    const unread = sum(this.channels.map((each) => sum(each.unread.map(({ size }) => size + frameCost))))
    assert.isAtMost(unfinished, 2 * maxMessageSize + (count + 1) * initialWindow + maxLinkExtra)
    assert.isAtMost(
      unfinished + unread,
      10 * maxMessageSize + (count + Math.min(count, 65) + 17) * initialWindow + maxLinkExtra
    )
    assert.isTrue(this.channels.every(({ outstanding }) => outstanding >= 0 && outstanding <= initialWindow + maxExtra))
  }
}

describe("the channels of a link", () => {
  it("a peer whose messages never end holds two of the largest and a window for each channel, and no more", () => {
    const link = new LinkModel(64)
    const endless = (id: number): boolean => {
      const { outstanding, partial } = link.channels[id] as Model
      const size = Math.min(maxPayload, outstanding - frameCost, maxMessageSize - 1 - partial)
      if (size > 0) link.data(id, new Uint8Array(size), true)
      return size > 0
    }
    const ids = [...link.channels.keys()]
    while (ids.filter(endless).length > 0);
    const held = sum(link.channels.map(({ partial }) => partial))
    assert.isAbove(held, maxMessageSize)
    assert.isBelow(held, (64 * maxMessageSize) / 6)
    // The message whose turn it is ends: another one may go on, at once.
    const before = link.channels.map(({ outstanding }) => outstanding)
    const largest = link.channels.findIndex(({ partial }) => partial === maxMessageSize - 1)
    link.data(largest, new Uint8Array(1), false)
    link.read(largest)
    const granted = ids.filter((id) => id !== largest && link.channels[id]?.outstanding !== before[id])
    assert.lengthOf(granted, 1)
  })

  it("all finish their large messages, and small ones wait for none", () => {
    const link = new LinkModel(40)
    for (let id = 0; id < 39; id++) for (let each = 0; each < 2; each++) link.push(id, maxMessageSize)
    for (let each = 0; each < 50; each++) link.push(39, initialWindow / 2)
    let rounds = 0
    while ((link.channels[39]?.delivered ?? 0) < 50) {
      for (let id = 0; id < 40; id++) link.send(id)
      link.read(39)
      assert.isBelow(++rounds, 200, "the pieces of a small message come one after the other")
    }
    link.run(() => true)
    assert.strictEqual(sum(link.channels.map(({ delivered }) => delivered)), 39 * 2 + 50)
  })

  it("eight that nobody reads stop no other", () => {
    const link = new LinkModel(30)
    for (let id = 0; id < 30; id++) for (let each = 0; each < 3; each++) link.push(id, maxMessageSize)
    link.run((id) => id >= 8)
    assert.isTrue(link.channels.every(({ delivered }, id) => delivered === (id < 8 ? 1 : 3)))
  })

  it("hold a bounded number of large messages that nobody reads, still carry small ones, and go on when one reads", () => {
    const link = new LinkModel(64)
    for (let id = 0; id < 63; id++) link.push(id, maxMessageSize)
    link.run(() => false)
    assert.isBelow(sum(link.channels.map(({ delivered }) => delivered)), 12)
    for (let each = 0; each < 50; each++) link.push(63, 100_000)
    link.run((id) => id === 63)
    assert.strictEqual(link.channels[63]?.delivered, 50)
    link.run(() => true)
    assert.isTrue(link.channels.every(({ delivered }) => delivered > 0))
  })

  it("hold one window each, and not two, when many are not read, and one that is read goes on", () => {
    const link = new LinkModel(200)
    for (let id = 0; id < 200; id++) for (let each = 0; each < 8; each++) link.push(id, 100_000)
    link.run(() => false)
    const held = sum(link.channels.map(({ unread }) => sum(unread.map(({ size }) => size + frameCost))))
    assert.isAtMost(held, (200 + 65) * initialWindow + maxLinkExtra)
    assert.isAtLeast(held, (200 * initialWindow) / 2)
    link.run((id) => id === 199)
    assert.strictEqual(link.channels[199]?.delivered, 8)
    link.run(() => true)
    assert.isTrue(link.channels.every(({ delivered }) => delivered === 8))
  })

  it("finish everything within their memory whatever comes when", () => {
    property(15, (random: Random) => {
      const count = 1 + random.int(25)
      const link = new LinkModel(count)
      const slow = random.int(8)
      let pushed = 0
      const acts = [
        (id: number) => {
          if (pushed++ < 80) link.push(id, random.int(random.pick([100, 50_000, 400_000, maxMessageSize])))
          else pushed--
        },
        (id: number) => void link.send(id),
        (id: number) => void link.send(id),
        (id: number) => void link.send(id),
        (id: number) => id >= slow && link.read(id)
      ]
      for (let step = 0; step < 1_000; step++) random.pick(acts)(random.int(count - 1))
      link.run((id) => id >= slow)
      const fast = link.channels.filter((_, id) => id >= slow)
      assert.strictEqual(sum(fast.map(({ sender }) => sender.queued)), 0, "slow readers stop no other channel")
      link.run(() => true)
      assert.strictEqual(sum(link.channels.map(({ delivered }) => delivered)), pushed)
    })
  })
})
