import { makeRandom } from "@gc/core/protocol"
import { describe, expect, it } from "vitest"
import { Network } from "../src/network.ts"
import { EventQueue } from "../src/queue.ts"
import { type End, type Message, type Owner, Streams } from "../src/stream.ts"

const beat = (seq: number): Message => ({ _tag: "Heartbeat", seq, ackRequested: false, lastRecvAgeMs: 0 })

const setUp = (seed = 1) => {
  const queue = new EventQueue()
  const network = new Network(2, makeRandom(seed))
  const streams = new Streams(queue, network)
  const got: Array<readonly [number, Message]> = []
  const owner = (host: number): Owner => ({
    host,
    alive: true,
    receive: (_end, message) => got.push([queue.now, message])
  })
  const near = streams.connect(owner(0), owner(1), 1)
  const sequence = () => got.map(([, message]) => (message._tag === "Heartbeat" ? message.seq : -1))
  return { queue, network, streams, near, got, sequence }
}

const sendMany = (streams: Streams, end: End, count: number): void => {
  for (let seq = 0; seq < count; seq++) streams.send(end, beat(seq))
}

describe("the queue", () => {
  it("runs events by time, and in the order of their making at equal times", () => {
    const queue = new EventQueue()
    const ran: Array<string> = []
    const run = (what: string) => void ran.push(what)
    const random = makeRandom(5)
    const times = Array.from({ length: 1_000 }, () => Math.floor(random.next() * 50))
    for (const [index, time] of times.entries()) queue.push(time, run, `${time} ${index}`, 0)
    queue.runUntil(100)
    const expected = times
      .map((time, index) => ({ time, index }))
      .toSorted((a, b) => a.time - b.time || a.index - b.index)
    expect(ran).toEqual(expected.map(({ index, time }) => `${time} ${index}`))
    expect(queue.now).toBe(100)
  })
})

describe("a simulated stream", () => {
  it("keeps its order and loses nothing under loss, with a heavy tail", () => {
    const { got, network, queue, sequence, streams, near } = setUp()
    network.loss = 0.2
    for (let seq = 0; seq < 2_000; seq++) {
      streams.send(near, beat(seq))
      queue.runUntil(queue.now + 1_000)
    }
    queue.runUntil(queue.now + 300_000)
    expect(sequence()).toEqual(Array.from({ length: 2_000 }, (_, index) => index))
    const gaps = got.map(([at], index) => at - (got[index - 1]?.[0] ?? at))
    expect(Math.max(...gaps)).toBeGreaterThan(3_000)
  })

  it("holds back what is sent over a path that is cut, and brings it after the path has healed", () => {
    const { got, network, near, queue, sequence, streams } = setUp()
    network.cutOneWay(0, 1)
    sendMany(streams, near, 3)
    queue.runUntil(10_000)
    expect(got).toEqual([])
    network.heal()
    queue.runUntil(30_000)
    expect(sequence()).toEqual([0, 1, 2])
  })

  it("stops soon where acknowledgements are lost", () => {
    const { network, near, queue, sequence, streams } = setUp()
    network.cutOneWay(1, 0)
    for (let seq = 0; seq < 10; seq++) {
      streams.send(near, beat(seq))
      queue.runUntil(queue.now + 100)
    }
    expect(sequence()).toEqual([0, 1, 2])
  })

  it("answers a message to a closed end with a reset", () => {
    const { got, near, queue, streams } = setUp()
    near.other.open = false
    streams.send(near, beat(1))
    queue.runUntil(10)
    expect(got.map(([, message]) => message._tag)).toEqual(["Rst"])
  })
})

describe("a segment that is on its way when its path is cut", () => {
  it("comes after the path has healed, before those that were sent after it", () => {
    const { got, network, near, queue, sequence, streams } = setUp()
    sendMany(streams, near, 2)
    network.cut(0, 1)
    streams.send(near, beat(2))
    queue.runUntil(10_000)
    expect(got).toEqual([])
    network.heal()
    queue.runUntil(30_000)
    expect(sequence()).toEqual([0, 1, 2])
  })

  it("is not sent again through the cut, however long ago it was lost", () => {
    const { got, network, near, queue, sequence, streams } = setUp(3)
    network.loss = 0.9
    sendMany(streams, near, 20)
    network.loss = 0
    const before = got.length
    network.cut(0, 1)
    queue.runUntil(600_000)
    expect(got.length).toBe(before)
    network.heal()
    queue.runUntil(1_200_000)
    expect(sequence()).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })
})
