import { assert, describe, it } from "@effect/vitest"
import { type Beacon, deriveBeaconKey, encodeBeacon, maxBeaconBytes } from "../../src/protocol/beacon.ts"
import { BeaconReceiver, beaconLimits } from "../../src/protocol/beaconSenders.ts"
import { fits, take } from "../../src/protocol/beaconWindow.ts"
import { fromHex, toHex } from "../../src/protocol/bytes.ts"
import { clusterTag, deriveKeys, deriveRoot, parseCookie } from "../../src/protocol/keys.ts"
import { handshakeVectors } from "../vectors/gch1.ts"

const vector = handshakeVectors.find(({ beacon }) => beacon !== undefined)
if (vector?.beacon === undefined) throw new Error("no vector has a beacon")
const { cluster, expect: expected, initiator, label } = vector
const { counter, sentAt } = vector.beacon
const cookie = parseCookie(vector.cookie)
if (!cookie.ok) throw new Error(cookie.reason)
const { udp } = deriveKeys(await deriveRoot(cookie.value, cluster))

const beacon: Beacon = {
  name: initiator.name,
  instance: initiator.instance,
  generation: initiator.generation,
  cluster,
  addresses: initiator.addresses ?? [],
  sentAt
}
const own = { cluster, instance: "ff".repeat(16) }
const receiver = () => new BeaconReceiver(own, [{ label, key: udp }])
const seal = (
  change: Partial<Beacon> = {},
  by: { readonly counter?: bigint; readonly root?: Uint8Array; readonly label?: string; readonly tag?: Uint8Array } = {}
) => {
  const said = { ...beacon, ...change }
  return encodeBeacon(said, {
    clusterTag: by.tag ?? clusterTag(cluster),
    label: by.label ?? label,
    key: deriveBeaconKey(by.root ?? udp, said.instance),
    counter: by.counter ?? BigInt(counter)
  })
}
const verdict = (to: BeaconReceiver, bytes: Uint8Array, wall = sentAt, now = 0, host = "10.0.0.1") => {
  const heard = to.receive(bytes, host, wall, now)
  return heard._tag === "Refused" ? heard.reason : heard._tag
}
const instanceOf = (index: number) => index.toString(16).padStart(32, "0")

describe("a beacon", () => {
  it("is the recorded one, byte for byte", () => {
    assert.strictEqual(toHex(udp), expected["K_udp"])
    assert.strictEqual(toHex(deriveBeaconKey(udp, beacon.instance)), expected["beaconKey"])
    assert.strictEqual(toHex(seal()), expected["beacon"])
  })

  it("gives back what the sender said", () => {
    assert.deepStrictEqual(receiver().receive(fromHex(expected["beacon"] ?? "")!, "h", sentAt, 0), {
      _tag: "Heard",
      beacon
    })
  })

  it("is refused with any single bit flipped, and cut at any byte", () => {
    const bytes = seal()
    const to = receiver()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      assert.notStrictEqual(verdict(to, flipped, sentAt, bit * 1_000), "Heard", `bit ${bit}`)
    }
    for (let length = 0; length < bytes.length; length++) {
      assert.notStrictEqual(verdict(to, bytes.subarray(0, length), sentAt, 1e9 + length * 1_000), "Heard")
    }
    assert.strictEqual(to.size, 1, "nobody was remembered")
    assert.strictEqual(verdict(to, bytes, sentAt, 2e9), "Heard")
  })

  it("says why it is refused, before any key is tried", () => {
    const to = receiver()
    const bytes = seal()
    assert.strictEqual(verdict(to, new Uint8Array(0)), "short")
    assert.strictEqual(verdict(to, new Uint8Array(maxBeaconBytes + 1)), "long")
    assert.strictEqual(verdict(to, new Uint8Array(200)), "magic")
    assert.strictEqual(verdict(to, seal({}, { tag: clusterTag("billing") })), "cluster")
    assert.strictEqual(verdict(to, seal({}, { label: "k9" })), "label")
    const other = bytes.slice()
    other[4] = 2
    assert.strictEqual(verdict(to, other), "suite")
    other[4] = 1
    other[13] = 255
    assert.strictEqual(verdict(to, other), "short")
    assert.strictEqual(verdict(to, seal({}, { root: new Uint8Array(32) })), "tag")
  })

  it("that is authentic and malformed changes nothing", () => {
    const to = receiver()
    for (const change of [
      { name: "A@ROSA" },
      { name: "nobody" },
      { cluster: "billing" },
      { addresses: ["tcp://"] },
      { generation: sentAt + beaconLimits.generation + 1 }
    ]) {
      assert.strictEqual(verdict(to, seal(change)), "malformed", JSON.stringify(change))
    }
    assert.strictEqual(to.size, 1)
  })

  it("tells no address that nobody can dial", () => {
    const heard = receiver().receive(seal({ addresses: ["tcp://h:0", "tcp://[::]:1", "tcp://h:1"] }), "h", sentAt, 0)
    assert.deepStrictEqual(heard._tag === "Heard" && heard.beacon.addresses, ["tcp://h:1"])
  })

  it("is never larger than a packet: addresses from the end are left out", () => {
    const long = Array.from({ length: 8 }, (_, index) => `tcp://${"a".repeat(60)}.${"b".repeat(60)}.x${index}:4370`)
    const bytes = seal({
      addresses: [...long.slice(0, 7), `tcp://${"c".repeat(240)}:4370`],
      name: `${"n".repeat(250)}@h`
    })
    assert.isAtMost(bytes.length, maxBeaconBytes)
    const heard = receiver().receive(bytes, "h", sentAt, 0)
    assert.isTrue(heard._tag === "Heard" && heard.beacon.addresses.length > 0)
    assert.deepStrictEqual(
      heard._tag === "Heard" && heard.beacon.addresses,
      long.slice(0, heard._tag === "Heard" ? heard.beacon.addresses.length : 0)
    )
  })

  it("of this very life is told apart", () => {
    assert.strictEqual(verdict(receiver(), seal({ instance: own.instance })), "Own")
    assert.strictEqual(verdict(receiver(), seal({ instance: own.instance }, { root: new Uint8Array(32) })), "tag")
  })

  it("of another time is told with the difference, and remembers nobody", () => {
    const to = receiver()
    assert.strictEqual(verdict(to, seal(), sentAt + beaconLimits.skew + 1), "Skewed")
    assert.strictEqual(verdict(to, seal(), sentAt - beaconLimits.skew - 1), "Skewed")
    assert.strictEqual(to.size, 1)
    const late = to.receive(seal(), "h", sentAt + 40_000, 0)
    assert.isTrue(late._tag === "Skewed" && late.skew === -40_000)
    assert.strictEqual(verdict(to, seal(), sentAt + beaconLimits.skew), "Heard")
  })
})

describe("a replayed beacon", () => {
  it("is refused, however the beacons of the last 64 came", () => {
    const to = receiver()
    const at = (index: number) => verdict(to, seal({}, { counter: 1_000n + BigInt(index) }))
    assert.deepStrictEqual(
      [at(0), at(0), at(5), at(3), at(3), at(5)],
      ["Heard", "replay", "Heard", "Heard", "replay", "replay"]
    )
    assert.deepStrictEqual([at(70), at(7), at(6), at(3)], ["Heard", "Heard", "replay", "replay"])
  })

  it("is refused without trying a key", () => {
    const to = receiver()
    verdict(to, seal())
    const forged = seal()
    forged.fill(0, forged.length - 40)
    assert.strictEqual(verdict(to, forged), "replay")
  })

  it("is still one after the sender moved on to the other cookie", () => {
    const next = new Uint8Array(32).fill(7)
    const to = new BeaconReceiver(own, [
      { label: "k1", key: next },
      { label, key: udp }
    ])
    assert.strictEqual(verdict(to, seal({}, { counter: 5n })), "Heard")
    assert.strictEqual(verdict(to, seal({}, { counter: 6n, root: next, label: "k1" })), "Heard")
    assert.strictEqual(verdict(to, seal({}, { counter: 5n })), "replay")
    assert.strictEqual(verdict(to, seal({}, { counter: 6n, root: next, label: "k1" })), "replay")
    assert.strictEqual(to.size, 2)
  })

  it("is what a window of its own says, against a plain set", () => {
    let seed = 1
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 200; round++) {
      const window = { top: -1n, seen: 0n }
      const taken = new Set<number>()
      let top = -1
      for (let step = 0; step < 200; step++) {
        const value = Math.max(0, top + next(100) - 80 + next(next(2) === 0 ? 3 : 30))
        const isFree = !taken.has(value) && value > top - 64
        assert.strictEqual(fits(window, BigInt(value)), isFree, `${value} behind ${top}`)
        if (!isFree) continue
        take(window, BigInt(value))
        taken.add(value)
        top = Math.max(top, value)
      }
    }
  })
})

describe("senders that are not known", () => {
  it("are looked at 200 times a second, half of them from one host, and those known always", () => {
    const to = receiver()
    assert.strictEqual(verdict(to, seal({}, { counter: 1n })), "Heard")
    const count = (host: string, now: number) => {
      let tried = 0
      for (let index = 0; index < 300; index++) {
        const forged = seal({ instance: instanceOf(index) }, { root: new Uint8Array(32) })
        if (verdict(to, forged, sentAt, now, host) === "tag") tried++
      }
      return tried
    }
    assert.deepStrictEqual([count("10.0.0.9", 500), count("10.0.0.8", 500), count("10.0.0.7", 999)], [100, 99, 0])
    assert.strictEqual(verdict(to, seal({}, { counter: 2n }), sentAt, 999), "Heard")
    assert.strictEqual(verdict(to, seal({ instance: instanceOf(1) }), sentAt, 999), "over_limit")
    assert.strictEqual(verdict(to, seal({ instance: instanceOf(1) }), sentAt, 1_000), "Heard")
  })

  it("are remembered up to a bound: who was heard least recently goes, this node never", () => {
    const to = receiver()
    verdict(to, seal({ instance: own.instance }, { counter: 1n }))
    for (let index = 0; index < beaconLimits.senders; index++) {
      assert.strictEqual(verdict(to, seal({ instance: instanceOf(index) }), sentAt, index * 1_000), "Heard")
    }
    assert.strictEqual(to.size, beaconLimits.senders)
    assert.strictEqual(verdict(to, seal({ instance: instanceOf(5) })), "replay")
    assert.strictEqual(verdict(to, seal({ instance: own.instance }, { counter: 1n })), "replay")
  })
})

describe("senders that are known", () => {
  it("are looked at until 2,000 beacons in their names were forged in a second", () => {
    const to = receiver()
    let honest = 0n
    assert.strictEqual(verdict(to, seal({}, { counter: honest++ })), "Heard")
    const forged = seal({}, { counter: 1n << 50n })
    forged[forged.length - 1]! ^= 1
    for (let index = 0; index < beaconLimits.forged; index++) {
      assert.strictEqual(verdict(to, forged, sentAt, 500), "tag")
      if (index % 100 === 0) assert.strictEqual(verdict(to, seal({}, { counter: honest++ }), sentAt, 500), "Heard")
    }
    assert.strictEqual(verdict(to, forged, sentAt, 999), "overload")
    assert.strictEqual(verdict(to, seal({}, { counter: honest }), sentAt, 999), "overload")
    assert.strictEqual(verdict(to, seal({}, { counter: honest }), sentAt, 1_500), "Heard")
  })
})

describe("without a cookie", () => {
  it("a beacon is plain, and only claims", () => {
    const open = new BeaconReceiver(own, [])
    const plain = encodeBeacon(beacon, { clusterTag: clusterTag(cluster), label: "", key: undefined, counter: 1n })
    assert.deepStrictEqual(open.receive(plain, "h", sentAt, 0), { _tag: "Claimed", beacon })
    assert.strictEqual(verdict(open, plain, sentAt + 40_000), "Skewed")
    assert.strictEqual(verdict(open, seal()), "suite")
    assert.strictEqual(verdict(receiver(), plain), "suite")
    const same = { ...beacon, instance: own.instance }
    const mine = encodeBeacon(same, { clusterTag: clusterTag(cluster), label: "", key: undefined, counter: 1n })
    assert.strictEqual(verdict(open, mine), "Own")
  })
})
