import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { beaconOf, contextOf, freeGroup, type Group, key, type Tap, tap } from "./support/network.ts"
import { counts, run, type Running, textOf, until, untilLook } from "./support/running.ts"

/** One that says nothing of its own for the time of a test, but for its first beacon. */
const slow = { interval: "1 minute" } as const

const start = Effect.fnUntraced(function* (name: string, options: Gossip.Options = slow, context = contextOf(name)) {
  const group: Group = yield* freeGroup
  const wire = yield* tap(group)
  const source = yield* Gossip.make({ ...group, ...options })
  const running = yield* run(source, context)
  yield* until("the first beacon", () => wire.packets.length > 0)
  return { group, wire, running, source }
})

/** Suspends until everything sent before was taken in: a peer that comes last was heard. */
const untilTaken = Effect.fnUntraced(function* (wire: Tap, running: Running) {
  const name = `last${running.looks.length}`
  wire.send(beaconOf(name))
  yield* until(name, () => textOf(running.looks.at(-1)).includes(name))
})

const junkOf = (node: string) => counts("gc_gossip_junk", "reason", `${node}@127.0.0.1`)

describe("peers", () => {
  it.live("are who is heard, with their names and the addresses that they signed", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      wire.send(beaconOf("b", { addresses: ["tcp://10.0.0.2:1", "ws://10.0.0.2:2/gc"] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://10.0.0.2:1, b@127.0.0.1 at ws://10.0.0.2:2/gc")
      wire.send(beaconOf("c", { addresses: [] }))
      wire.send(beaconOf("d", { addresses: ["tcp://10.0.0.4:1"] }))
      yield* until("d", () => textOf(running.looks.at(-1)).includes("d@"))
      assert.notInclude(textOf(running.looks.at(-1)), "c@127.0.0.1", "who does not listen cannot be dialed")
    })
  )

  it.live("are said once, until something changes", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      for (let round = 0; round < 20; round++) wire.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://h:1")
      for (let round = 0; round < 20; round++) wire.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* untilTaken(wire, running)
      assert.lengthOf(running.looks, 2)
      wire.send(beaconOf("b", { addresses: ["tcp://h:2"] }))
      yield* until("the new address", () => textOf(running.looks.at(-1)).includes("b@127.0.0.1 at tcp://h:2"))
      assert.lengthOf(running.looks, 3)
    })
  )

  it.live("that start again are their new life: what comes of the old one changes nothing", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      wire.send(beaconOf("b", { addresses: ["tcp://old:1"], generation: 1_000 }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://old:1")
      wire.send(beaconOf("b", { addresses: ["tcp://new:1"], generation: 2_000, instance: "ab".repeat(16) }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://new:1")
      wire.send(beaconOf("b", { addresses: ["tcp://old:1"], generation: 1_000 }))
      yield* untilTaken(wire, running)
      assert.notInclude(textOf(running.looks.at(-1)), "old")
    })
  )

  it.live("of which nothing is heard are forgotten, while this node hears itself", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a", { interval: "50 millis", lifetime: "400 millis" })
      wire.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://h:1")
      yield* untilLook(running, "")
      assert.isTrue(running.looks.every(({ _tag }) => _tag === "Peers"))
    })
  )

  it.live("on one host share the port, and all hear all", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const names = ["a", "b", "c", "d"]
      const source = yield* Gossip.make({ ...group, ...slow })
      const nodes: Array<Running> = []
      for (const [index, name] of names.entries()) {
        nodes.push(yield* run(source, contextOf(name, { port: 4001 + index })))
      }
      for (const [index, node] of nodes.entries()) {
        const others = names.map((name, at) => `${name}@127.0.0.1 at tcp://127.0.0.1:${4001 + at}`)
        yield* untilLook(node, others.filter((_, at) => at !== index).join(", "))
      }
    })
  )
})

describe("a newcomer", () => {
  it.live("is answered at once, and many that come together get one answer", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      const before = wire.packets.length
      const played = Array.from({ length: 30 }, (_, index) => beaconOf(`n${index}`))
      for (const bytes of played) wire.send(bytes)
      yield* until("all of them", () => textOf(running.looks.at(-1)).split(", ").length === 30)
      yield* Effect.sleep("150 millis")
      const answers = wire.packets.length - before - played.length
      assert.isTrue(answers === 1 || answers === 2, `${answers} answers`)
      for (let index = 0; index < 30; index++) wire.send(beaconOf(`n${index}`))
      yield* Effect.sleep("150 millis")
      assert.lengthOf(wire.packets, before + 60 + answers, "who is known is not answered")
    })
  )
})

const replayed = beaconOf("r")

describe("what is not authentic changes nothing, is not answered, and is counted:", () => {
  const flipped = beaconOf("x")
  flipped[flipped.length - 1]! ^= 1
  it.live.each<readonly [what: string, reason: string, packets: ReadonlyArray<Uint8Array>]>([
    ["an empty packet", "short", [new Uint8Array(0)]],
    ["a truncated beacon", "short", [beaconOf("x").subarray(0, 50)]],
    ["a beacon cut in its text", "tag", [beaconOf("x").subarray(0, 100)]],
    ["a packet that is too long", "long", [Buffer.concat([beaconOf("x"), new Uint8Array(1_200)])]],
    ["something else", "magic", [new Uint8Array(200)]],
    ["the heartbeat of libcluster", "magic", [Buffer.concat([Buffer.from("heartbeat::"), new Uint8Array(80)])]],
    ["a beacon of another cluster", "cluster", [beaconOf("x", { cluster: "billing" })]],
    [
      "one of another cluster that says it is of this one",
      "malformed",
      [beaconOf("x", { cluster: "x" }, { tag: "test" })]
    ],
    ["one under a cookie that is not active", "label", [beaconOf("x", {}, { label: "k9" })]],
    ["one with another cookie", "tag", [beaconOf("x", {}, { key: key(2) })]],
    ["one with a bit flipped", "tag", [flipped]],
    ["a plain one", "suite", [beaconOf("x", {}, { key: undefined })]],
    ["one from half a minute ago", "skew", [beaconOf("x", { sentAt: Date.now() - 40_000 })]],
    ["one that a namesake sent", "name", [beaconOf("a", { instance: "cd".repeat(16) })]]
  ])("%s (%s)", ([, reason, packets]) =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      const before = (yield* junkOf("a")).get(reason) ?? 0
      const heard = wire.packets.length
      for (const packet of packets) wire.send(packet)
      yield* until("the packet", () => wire.packets.length === heard + packets.length)
      yield* untilTaken(wire, running)
      yield* running.stop
      assert.strictEqual(textOf(running.looks.at(-1)).split(", ").length, 1, "nobody but who came last")
      assert.strictEqual(((yield* junkOf("a")).get(reason) ?? 0) - before, packets.length)
    })
  )

  it.live("the same one again", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      const before = (yield* junkOf("a")).get("replay") ?? 0
      wire.send(replayed)
      yield* until("r", () => textOf(running.looks.at(-1)).includes("r@"))
      yield* Effect.sleep("100 millis")
      const packets = wire.packets.length
      for (let round = 0; round < 5; round++) wire.send(replayed)
      yield* until("the replays", () => wire.packets.length === packets + 5)
      yield* untilTaken(wire, running)
      yield* running.stop
      assert.strictEqual(((yield* junkOf("a")).get("replay") ?? 0) - before, 5)
      assert.lengthOf(running.looks, 2)
    })
  )

  it.live("more unknown senders than may be looked at: those known are heard all the same", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      wire.send(beaconOf("b", { addresses: ["tcp://h:1"] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://h:1")
      const before = (yield* junkOf("a")).get("over_limit") ?? 0
      for (let index = 0; index < 150; index++) {
        wire.send(beaconOf("x", { instance: index.toString(16).padStart(32, "0") }, { key: key(2) }))
      }
      wire.send(beaconOf("b", { addresses: ["tcp://h:2"] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://h:2")
      yield* running.stop
      assert.isAtLeast(((yield* junkOf("a")).get("over_limit") ?? 0) - before, 1)
    })
  )
})

describe("cookies", () => {
  it.live("are both accepted while they are rotated, and the first is sent with", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const source = yield* Gossip.make({ ...group, ...slow })
      const old = yield* run(
        source,
        contextOf("a", {
          port: 1,
          keys: [
            ["k0", 1],
            ["k1", 2]
          ]
        })
      )
      const next = yield* run(
        source,
        contextOf("b", {
          port: 2,
          keys: [
            ["k1", 2],
            ["k0", 1]
          ]
        })
      )
      yield* untilLook(old, "b@127.0.0.1 at tcp://127.0.0.1:2")
      yield* untilLook(next, "a@127.0.0.1 at tcp://127.0.0.1:1")
      const last = yield* run(source, contextOf("c", { port: 3, keys: [["k1", 2]] }))
      yield* untilLook(last, "b@127.0.0.1 at tcp://127.0.0.1:2")
    })
  )

  it.live("that are not there are asked for, with what to do", () =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const running = yield* run(yield* Gossip.make(group), contextOf("a", { keys: [] }))
      yield* until("the end", () => running.exit() !== undefined)
      const exit = running.exit()
      assert.strictEqual(exit?._tag, "Failure")
      assert.match(String(exit), /there is no cookie.*give the cluster a cookie.*or say insecure: true/)
    })
  )

  it.live("that are not there by choice leave plain beacons: candidates, at most 64, and no answers", () =>
    Effect.gen(function* () {
      const { running, wire } = yield* start("a", { ...slow, insecure: true }, contextOf("a", { keys: [] }))
      const before = wire.packets.length
      for (let index = 0; index < 80; index++) wire.send(beaconOf(`n${index}`, {}, { key: undefined }))
      yield* until("64 of them", () => textOf(running.looks.at(-1)).split(", ").length === 64)
      yield* Effect.sleep("150 millis")
      assert.lengthOf(wire.packets, before + 80, "nobody was answered")
      yield* running.stop
      assert.isAtLeast((yield* junkOf("a")).get("full") ?? 0, 16)
    })
  )

  it.live("that are not there by choice let two nodes find each other, whatever a third one claims", () =>
    Effect.gen(function* () {
      const { group, running, wire } = yield* start("a", { ...slow, insecure: true }, contextOf("a", { keys: [] }))
      const source = yield* Gossip.make({ ...group, insecure: true, interval: "100 millis" })
      yield* run(source, contextOf("b", { port: 2, keys: [] }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://127.0.0.1:2")
      wire.send(beaconOf("b", { addresses: ["tcp://evil:1"], generation: 1_750_000_000_000 }, { key: undefined }))
      yield* untilLook(running, "b@127.0.0.1 at tcp://127.0.0.1:2, b@127.0.0.1 at tcp://evil:1")
    })
  )
})

describe("a log line", () => {
  it.live("names whose clock is wrong, once", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(String(message)))
    return Effect.gen(function* () {
      const { running, wire } = yield* start("a")
      for (let round = 0; round < 3; round++) wire.send(beaconOf("b", { sentAt: Date.now() - 40_000 }))
      wire.send(beaconOf("c", { sentAt: Date.now() + 90_000 }))
      wire.send(beaconOf("d", { sentAt: Date.now() - 40_000 }, { key: key(2) }))
      yield* untilTaken(wire, running)
      yield* until("the lines", () => lines.filter((line) => line.includes("clock")).length >= 2)
      const clocks = lines.filter((line) => line.includes("clock"))
      assert.lengthOf(clocks, 2)
      assert.match(clocks[0] ?? "", /a beacon of b@127\.0\.0\.1 is 40 s behind.*Set the clocks/)
      assert.match(clocks[1] ?? "", /a beacon of c@127\.0\.0\.1 is 90 s ahead/)
      assert.isFalse(
        lines.some((line) => line.includes("d@127.0.0.1")),
        "who is not authentic is not named"
      )
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})
