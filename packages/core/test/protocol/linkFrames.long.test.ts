import { assert, describe, it } from "@effect/vitest"
import { concat, fromHex, toHex, utf8 } from "../../src/protocol/bytes.ts"
import { type Frame, frameType, maxLinkFrame, maxPayload } from "../../src/protocol/frames.ts"
import {
  dataHead,
  decodeLinkFrame,
  encodeLinkFrame,
  fittingPeers,
  goawayReasons,
  type LinkFrame,
  type PeerEntry,
  verdicts
} from "../../src/protocol/linkFrames.ts"
import { noMetadata } from "../../src/protocol/metadata.ts"
import { property, type Random } from "./random.ts"

const instance = "00112233445566778899aabbccddeeff"
const peer: PeerEntry = { name: "a@h", instance, generation: 5, addresses: ["tcp://h:1", "tls://[::1]:2"] }

const examples: ReadonlyArray<readonly [hex: string, frame: LinkFrame]> = [
  ["10000000070000", { _tag: "Meta", version: 7, metadata: noMetadata }],
  ["11000000010100000002", { _tag: "Heartbeat", seq: 1, ackRequested: true, lastRecvAgeMs: 2 }],
  ["11ffffffff00ffffffff", { _tag: "Heartbeat", seq: 0xffff_ffff, ackRequested: false, lastRecvAgeMs: 0xffff_ffff }],
  ["1200000009", { _tag: "HeartbeatAck", seq: 9 }],
  [`1300000003${instance}`, { _tag: "Check", nonce: 3, instance }],
  ["14000000030200000010", { _tag: "Vouch", nonce: 3, verdict: "closed", ageMs: 16 }],
  ["150000", { _tag: "Peers", peers: [] }],
  [
    `1500010361` + `4068${instance}000000000000000502097463703a2f2f683a310d746c733a2f2f5b3a3a315d3a32`,
    { _tag: "Peers", peers: [peer] }
  ],
  ["16000001977420dc00", { _tag: "Leave", generation: 1_750_000_000_000 }],
  ["1701", { _tag: "Goaway", reason: "replaced" }],
  ["1705", { _tag: "Goaway", reason: "protocol" }],
  ["180102c3bc", { _tag: "Channel", id: 0x0102, name: "ü" }],
  ["19000100040000", { _tag: "Credit", id: 1, bytes: 262_144 }],
  ["1a0102", { _tag: "Event", body: Uint8Array.of(1, 2) }],
  ["20000101aa", { _tag: "Data", id: 1, more: true, bytes: Uint8Array.of(0xaa) }],
  ["20000100", { _tag: "Data", id: 1, more: false, bytes: new Uint8Array(0) }]
]

const malformed: ReadonlyArray<readonly [what: string, hex: string]> = [
  ["no byte at all", ""],
  ["a handshake frame", "0500000000000000"],
  ["an unknown type", "1b00"],
  ["the REJECT of a handshake", "7f0002000000fa"],
  ["an ackRequested of 2", "11000000010200000002"],
  ["a verdict of 4", "14000000030400000010"],
  ["a GOAWAY code of 0", "1700"],
  ["a GOAWAY code of 6", "1706"],
  ["an unknown DATA flag", "20000102aa"],
  ["a channel without a name", "180001"],
  ["a channel name that is not UTF-8", "180001ff"],
  ["a generation of 2^53", "160020000000000000"],
  ["a peer whose name is none", `1500010161${instance}000000000000000500`],
  ["a peer whose name is not canonical", `150001036140` + `48${instance}000000000000000500`],
  ["a peer whose address is none", `150001036140` + `68${instance}00000000000000050101` + "78"],
  ["fewer peers than announced", "150001"],
  ["a metadata key that is empty", "100000000000010000" + "00"],
  ["a metadata key with a blank", "1000000000000101200000"],
  ["a metadata key twice", "1000000000000201610000" + "01610000"],
  ["metadata that is not UTF-8", "1000000000000101610001ff"],
  ["less metadata than announced", "100000000000010161"]
]

const decoded = (hex: string) => decodeLinkFrame(fromHex(hex) ?? new Uint8Array(0))

const text = (random: Random, alphabet: string, max: number) =>
  Array.from({ length: 1 + random.int(max - 1) }, () => random.pick(Array.from(alphabet))).join("")

const randomFrame = (random: Random): LinkFrame => {
  const u32 = () => random.int(0xffff_ffff)
  const hex = () => toHex(random.bytes(16))
  const metadata: Record<string, string> = Object.create(null)
  for (const key of random.list(6, () => text(random, "abcXYZ019_.-", 64))) metadata[key] = text(random, "aä€😀 ", 40)
  metadata[random.pick(["__proto__", "constructor", "toString", "10"])] = "x"
  const peers = () => ({
    name: `${text(random, "abc-1", 20)}@${text(random, "xyz", 20)}`,
    instance: hex(),
    generation: random.int(Number.MAX_SAFE_INTEGER),
    addresses: random.list(8, () => `tcp://${text(random, "abc", 30)}:${random.int(65535)}`)
  })
  return random.pick<() => LinkFrame>([
    () => ({ _tag: "Meta", version: u32(), metadata }),
    () => ({ _tag: "Heartbeat", seq: u32(), ackRequested: random.bool(), lastRecvAgeMs: u32() }),
    () => ({ _tag: "HeartbeatAck", seq: u32() }),
    () => ({ _tag: "Check", nonce: u32(), instance: hex() }),
    () => ({ _tag: "Vouch", nonce: u32(), verdict: random.pick(verdicts), ageMs: u32() }),
    () => ({ _tag: "Peers", peers: random.list(20, peers) }),
    () => ({ _tag: "Leave", generation: random.int(Number.MAX_SAFE_INTEGER) }),
    () => ({ _tag: "Goaway", reason: random.pick(goawayReasons) }),
    () => ({ _tag: "Channel", id: random.int(0xffff), name: text(random, "aä€😀/", 60) }),
    () => ({ _tag: "Credit", id: random.int(0xffff), bytes: u32() }),
    () => ({ _tag: "Event", body: random.bytes(random.int(50)) }),
    () => ({ _tag: "Data", id: random.int(0xffff), more: random.bool(), bytes: random.bytes(random.int(50)) })
  ])()
}

describe("link frames", () => {
  it.for(examples)("%s", ([hex, frame]) => {
    assert.strictEqual(toHex(encodeLinkFrame(frame)), hex)
    assert.deepStrictEqual(decoded(hex), { ok: true, value: frame })
  })

  it("come back as they were", () => {
    property(3000, (random) => {
      const frame = randomFrame(random)
      assert.deepStrictEqual(decodeLinkFrame(encodeLinkFrame(frame)), { ok: true, value: frame })
    })
  })

  it.for(malformed)("with %s are malformed", ([, hex]) => {
    assert.isFalse(decoded(hex).ok)
  })

  const openEnded = new Set(["Event", "Data", "Channel"])
  it.for(examples)("%s, cut off or with a byte too many, is malformed", ([hex, frame]) => {
    const bytes = encodeLinkFrame(frame)
    if (!openEnded.has(frame._tag)) {
      assert.isFalse(decodeLinkFrame(concat(bytes, new Uint8Array(1))).ok, hex)
      assert.isFalse(decodeLinkFrame(bytes.subarray(0, -1)).ok, hex)
    }
    assert.isFalse(decodeLinkFrame(bytes.subarray(0, 1)).ok && frame._tag !== "Event", hex)
  })

  it("never make the decoder throw, whatever they hold", () => {
    const types = Object.values(frameType)
    property(5000, (random) => {
      const bytes: Frame = random.bool()
        ? encodeLinkFrame(randomFrame(random)).slice()
        : random.bytes(1 + random.int(120))
      if (random.bool()) bytes[0] = random.pick(types)
      else bytes[random.int(bytes.length - 1)] = random.int(255)
      const result = decodeLinkFrame(bytes)
      if (result.ok) assert.deepStrictEqual(decodeLinkFrame(encodeLinkFrame(result.value)), result)
      else assert.isNotEmpty(result.reason)
    })
  })
})

describe("DATA", () => {
  it("is decoded to a view, and its head alone can be encoded", () => {
    const frame = concat(dataHead(0x0102, true), utf8("hello"))
    const result = decodeLinkFrame(frame)
    assert.isTrue(result.ok && result.value._tag === "Data" && result.value.bytes.buffer === frame.buffer)
    assert.deepStrictEqual(result, { ok: true, value: { _tag: "Data", id: 0x0102, more: true, bytes: utf8("hello") } })
  })

  it("carries 64 KiB and no byte more", () => {
    const whole = encodeLinkFrame({ _tag: "Data", id: 1, more: false, bytes: new Uint8Array(maxPayload) })
    assert.strictEqual(whole.length, maxLinkFrame)
    assert.isTrue(decodeLinkFrame(whole).ok)
    assert.isFalse(decodeLinkFrame(concat(whole, new Uint8Array(1))).ok)
    assert.throws(() => encodeLinkFrame({ _tag: "Data", id: 1, more: false, bytes: new Uint8Array(maxPayload + 1) }))
  })
})

describe("PEERS", () => {
  it("hold at most 512 entries of at most 8 addresses", () => {
    const peers = (count: number): LinkFrame => ({ _tag: "Peers", peers: Array.from({ length: count }, () => peer) })
    const full = encodeLinkFrame(peers(512))
    assert.isTrue(decodeLinkFrame(full).ok)
    assert.throws(() => encodeLinkFrame(peers(513)))
    const one = full.subarray(3, 3 + (full.length - 3) / 512)
    assert.isFalse(decodeLinkFrame(concat(Uint8Array.of(0x15, 2, 1), full.subarray(3), one)).ok)
    const nine = { ...peer, addresses: Array.from({ length: 9 }, () => "tcp://h:1") }
    assert.throws(() => encodeLinkFrame({ _tag: "Peers", peers: [nine] }))
    const many = encodeLinkFrame({ _tag: "Peers", peers: [{ ...nine, addresses: nine.addresses.slice(1) }] })
    many[3 + 4 + 16 + 8] = 9
    assert.isFalse(decodeLinkFrame(concat(many, Uint8Array.of(9), utf8("tcp://h:1"))).ok)
  })

  it("are as many as fit one frame", () => {
    const long = { ...peer, addresses: Array.from({ length: 8 }, () => `ws://h:1/${"x".repeat(246)}`) }
    const list = Array.from({ length: 600 }, () => long)
    const fitting = fittingPeers(list)
    assert.isAtMost(encodeLinkFrame({ _tag: "Peers", peers: fitting }).length, maxLinkFrame)
    assert.throws(() => encodeLinkFrame({ _tag: "Peers", peers: list.slice(0, fitting.length + 1) }))
    assert.strictEqual(fittingPeers(list.map(() => peer)).length, 512)
    assert.deepStrictEqual(fittingPeers([peer]), [peer])
  })
})
