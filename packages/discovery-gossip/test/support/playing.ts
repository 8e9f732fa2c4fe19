import type { Look } from "@gc/core/Discovery"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { Options } from "../../src/Gossip.ts"
import type { Format } from "../../src/internal/format.ts"
import { gossip } from "../../src/internal/gossip.ts"
import { readOptions, sentence } from "../../src/internal/settings.ts"
import type { MakeWire, Scan, WireEvents } from "../../src/internal/wire.ts"
import { contextOf } from "./network.ts"
import { textOf } from "./running.ts"

/** A network that a test plays: a packet's first byte says what it is. */
export const play = Effect.fnUntraced(function* (options: Options = {}, announce = true) {
  const settings = yield* Effect.fromResult(
    Result.mapError(readOptions(options), (wrong) => new Error(sentence(wrong)))
  )
  const looks: Array<Look> = []
  const sentAt: Array<number> = []
  const opened: Array<number> = []
  const scans: Array<number> = []
  const network = { loops: true, binds: true, scan: { joined: 1, problems: [] } as Scan }
  let events: WireEvents | undefined
  const clock = yield* TestClock.testClockWith(Effect.succeed)
  const now = () => clock.currentTimeMillisUnsafe()
  const packet = (text: string) => events?.packet(Buffer.from(text), "10.0.0.1")
  const makeWire: MakeWire = (_, told) => {
    events = told
    let isReady = false
    const send = () => {
      if (!isReady) return
      sentAt.push(now())
      told.sent("if0")
      if (network.loops) packet("self")
    }
    return {
      open: Effect.suspend(() => {
        opened.push(now())
        return network.binds ? Effect.void : Effect.fail("could not bind: EADDRINUSE")
      }),
      scan: () => {
        scans.push(now())
        if (network.scan.joined > 0 && !isReady) {
          isReady = true
          queueMicrotask(() => told.ready("if0"))
        }
        if (network.scan.joined === 0) isReady = false
        return network.scan
      },
      send,
      close: () => {
        isReady = false
      }
    }
  }
  const format: Format = {
    capacity: 100,
    encode: () => new Uint8Array(1),
    decode: (bytes) => {
      const key = Buffer.from(bytes).toString()
      if (key === "self") return { _tag: "Own" }
      if (key === "stranger") return { _tag: "Junk", reason: "tag" }
      if (key === "flood") return { _tag: "Junk", reason: "overload" }
      const { addresses } = contextOf(key).self
      const peers = addresses.map((address) => ({ name: contextOf(key).self.name, address }))
      return { _tag: "Peer", key, peers, generation: 1, isAuthentic: true }
    }
  }
  yield* Effect.forkScoped(
    Stream.runForEach(gossip({ ...settings, announce }, contextOf("a").self, format, makeWire), (look) =>
      Effect.sync(() => void looks.push(look))
    )
  )
  yield* TestClock.adjust("5 millis")
  return {
    network,
    looks,
    said: () => looks.map(textOf),
    sentAt,
    opened,
    scans,
    packet,
    breaks: () => events?.broken("EBADF")
  }
})
