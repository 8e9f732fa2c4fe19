import { assert, describe, it } from "@effect/vitest"
import { fromHex, toHex } from "../../src/protocol/bytes.ts"
import { maxPayload } from "../../src/protocol/frames.ts"
import { decodeLinkFrame, encodeLinkFrame } from "../../src/protocol/linkFrames.ts"
import { noMetadata } from "../../src/protocol/metadata.ts"
import type { MemberEvent, MemberView } from "../../src/protocol/node.ts"
import { decodeObservation, encodeObservation, type Observation } from "../../src/protocol/observation.ts"
import { property, type Random } from "./random.ts"

const instance = "00112233445566778899aabbccddeeff"
const other = "ff".repeat(16)

const a: MemberView = {
  name: "a@h",
  instance,
  generation: 5,
  addresses: ["tcp://h:1"],
  metadata: Object.assign(Object.create(null), { r: "é" }),
  appVersion: "1.2",
  state: "suspect"
}
const bare: MemberView = { ...a, addresses: [], metadata: noMetadata, appVersion: undefined, state: "alive" }

const name = "03614068"
const bareHex = `${name}${instance}000000000000000500` + "00" + "00" + "0000"

const examples: ReadonlyArray<readonly [hex: string, observation: Observation]> = [
  ["00", { _tag: "Synced" }],
  [`01${bareHex}`, { _tag: "Up", member: bare }],
  [
    `01${name}${instance}000000000000000501097463703a2f2f683a31` + "01" + "03312e32" + "0001" + "0172" + "0002c3a9",
    { _tag: "Up", member: a }
  ],
  [`02${bareHex}`, { _tag: "Updated", member: bare }],
  [`03${bareHex}`, { _tag: "Suspected", member: bare }],
  [`04${bareHex}`, { _tag: "Recovered", member: bare }],
  [`05${bareHex}`, { _tag: "Unreachable", member: bare }],
  [`06${bareHex}`, { _tag: "Reachable", member: bare }],
  [`0700${bareHex}`, { _tag: "Down", member: bare, reason: "closed" }],
  [`0703${bareHex}`, { _tag: "Down", member: bare, reason: "disconnected" }],
  [`08${bareHex}`, { _tag: "Left", member: bare }],
  [`09${bareHex}`, { _tag: "Removed", member: bare }],
  [`0a${other}${bareHex}`, { _tag: "NameConflict", member: bare, instance: other }]
]

const malformed: ReadonlyArray<readonly [what: string, hex: string]> = [
  ["no byte at all", ""],
  ["an unknown kind", `0b${bareHex}`],
  ["more after Synced", "0000"],
  ["a reason of 4", `0704${bareHex}`],
  ["a name that is none", `010161${instance}000000000000000500` + "00000000"],
  ["a generation of 2^53", `01${name}${instance}002000000000000000` + "00000000"],
  ["nine addresses", `01${name}${instance}000000000000000509` + "00000000"],
  ["an address that is none", `01${name}${instance}0000000000000005010178` + "00000000"],
  ["a state of 5", `01${name}${instance}000000000000000500` + "05000000"],
  ["a version of 65 bytes", `01${name}${instance}000000000000000500` + `0041${"61".repeat(65)}0000`],
  ["a version that is not UTF-8", `01${name}${instance}000000000000000500` + "0001ff0000"],
  ["a byte too many", `01${bareHex}00`]
]

const decoded = (hex: string) => decodeObservation(fromHex(hex) ?? new Uint8Array(0))

const text = (random: Random, max: number) =>
  Array.from({ length: random.int(max) }, () => random.pick(["a", "Z", "9", " ", "é", "漢", "\u{1f980}"])).join("")

const memberOf = (random: Random): MemberView => ({
  name: `${random.pick(["a", "node-1", "x".repeat(200)])}@${random.pick(["h", "10.0.0.1", "[::1]"])}`,
  instance: toHex(random.bytes(16)),
  generation: random.pick([0, 1_750_000_000_000, Number.MAX_SAFE_INTEGER]),
  addresses: random.list(8, () => random.pick(["tcp://h:1", "tls://[::1]:4370", "wss://h:443/x"])),
  metadata: Object.assign(
    Object.create(null),
    Object.fromEntries(random.list(5, () => [`k${random.int(9)}`, text(random, 30)]))
  ),
  appVersion: random.bool() ? undefined : `v${text(random, 10)}`,
  state: random.pick(["alive", "suspect", "unreachable", "down", "left"] as const)
})

const observationOf = (random: Random): Observation => {
  const member = memberOf(random)
  switch (random.int(3)) {
    case 0:
      return { _tag: "Synced" }
    case 1:
      return { _tag: "Down", member, reason: random.pick(["closed", "timeout", "restarted", "disconnected"] as const) }
    case 2:
      return { _tag: "NameConflict", member, instance: toHex(random.bytes(16)) }
    default: {
      const tags = ["Up", "Updated", "Suspected", "Recovered", "Unreachable", "Reachable", "Left", "Removed"] as const
      return { _tag: random.pick(tags), member }
    }
  }
}

describe("the body of EVENT", () => {
  for (const [hex, observation] of examples) {
    it(`${observation._tag} is ${hex}`, () => {
      assert.strictEqual(toHex(encodeObservation(observation)), hex)
      assert.deepStrictEqual(decoded(hex), { ok: true, value: observation })
    })
  }

  for (const [what, hex] of malformed) {
    it(`with ${what} is malformed`, () => assert.isFalse(decoded(hex).ok))
  }

  it("comes back as it went, and whole only", () => {
    property(300, (random) => {
      const observation = observationOf(random)
      const body = encodeObservation(observation)
      assert.deepStrictEqual(decodeObservation(body), { ok: true, value: observation })
      for (let length = 0; length < body.length; length++) {
        assert.isFalse(decodeObservation(body.subarray(0, length)).ok, `cut to ${length} of ${body.length}`)
      }
      const frame = decodeLinkFrame(encodeLinkFrame({ _tag: "Event", body }))
      assert.deepStrictEqual(frame, { ok: true, value: { _tag: "Event", body } })
    })
  })

  it("is read without an exception, whatever the bytes are, and means the same once more", () => {
    property(3_000, (random) => {
      const body = random.bool() ? random.bytes(random.int(80)) : encodeObservation(observationOf(random))
      if (body.length > 0) body[random.int(body.length - 1)]! ^= 1 << random.int(7)
      const first = decodeObservation(body)
      if (first.ok) assert.deepStrictEqual(decodeObservation(encodeObservation(first.value)), first)
    })
  })

  it("is bounded: with everything at its bound it has 6,508 bytes, and beyond it is not made", () => {
    const member: MemberView = {
      name: `${"a".repeat(253)}@h`,
      instance,
      generation: Number.MAX_SAFE_INTEGER,
      addresses: Array.from({ length: 8 }, () => `ws://h:1/${"p".repeat(246)}`),
      metadata: { k: "v".repeat(4_090) },
      appVersion: "9".repeat(64),
      state: "unreachable"
    }
    const event: MemberEvent = { _tag: "NameConflict", member, instance: other }
    const body = encodeObservation(event)
    assert.strictEqual(body.length, 6_508)
    assert.isBelow(body.length, maxPayload)
    assert.isTrue(decodeObservation(body).ok)
    const beyond: ReadonlyArray<Partial<MemberView>> = [
      { appVersion: "9".repeat(65) },
      { metadata: { k: "v".repeat(4_091) } },
      { addresses: Array.from({ length: 9 }, () => "tcp://h:1") },
      { generation: 2 ** 64 },
      { instance: "00" }
    ]
    for (const change of beyond) {
      assert.throws(() => encodeObservation({ ...event, member: { ...member, ...change } }), RangeError)
    }
  })
})
