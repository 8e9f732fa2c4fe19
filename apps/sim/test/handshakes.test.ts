import * as protocol from "@gc/core/protocol"
import { describe, expect, it } from "vitest"
import type { End, Owner } from "../src/stream.ts"
import { World } from "../src/world.ts"

/** A node alone, and connections to it from any host, with nothing behind them that would answer. */
const setUp = () => {
  const world = new World({ protocol, seed: 1, size: 80 })
  const node = world.start(world.hosts[0]!)
  const connect = (from: number): End => {
    const owner: Owner = { host: from, alive: true, receive: () => undefined }
    const near = world.streams.connect(owner, node, 1)
    node.accept(near.other)
    world.runFor(1)
    return near
  }
  const hello = (end: End): void => {
    world.streams.send(end, { _tag: "Hello" })
    world.runFor(1)
  }
  return { world, connect, hello }
}

const taken = (ends: ReadonlyArray<End>): number => ends.filter(({ other }) => other.open).length

describe("connections that are not authenticated", () => {
  it("are 64 at most: of those that came least far the one that is silent longest makes room, never the newcomer", () => {
    const { connect, hello } = setUp()
    const ends = Array.from({ length: 64 }, (_, index) => connect(index + 1))
    for (const [index, end] of ends.entries()) if (index !== 40 && index !== 50) hello(end)
    expect(taken(ends)).toBe(64)
    const newcomer = connect(70)
    expect(newcomer.other.open).toBe(true)
    expect(ends.findIndex(({ other }) => !other.open)).toBe(40)
    connect(71)
    expect(ends[50]?.other.open).toBe(false)
    expect(taken(ends)).toBe(62)
  })

  it("are 8 at most from one host", () => {
    const { connect } = setUp()
    const ends = Array.from({ length: 10 }, () => connect(1))
    expect(ends.map(({ other }) => other.open)).toEqual([...Array(8).fill(true), false, false])
    expect(connect(2).other.open).toBe(true)
  })

  it("go after 5 s", () => {
    const { connect, world } = setUp()
    const ends = Array.from({ length: 64 }, (_, index) => connect(index + 1))
    world.runFor(5_000)
    expect(taken(ends)).toBe(0)
    expect(connect(70).other.open).toBe(true)
  })
})
