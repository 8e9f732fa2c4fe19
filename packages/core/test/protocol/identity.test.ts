import { assert, describe, it } from "@effect/vitest"
import { ByteWriter, concat, toHex, utf8 } from "../../src/protocol/bytes.ts"
import { decodeIdentity, encodeIdentity, type Identity, identityField } from "../../src/protocol/identity.ts"
import { writeTlv } from "../../src/protocol/tlv.ts"
import { alice } from "./handshakePair.ts"
import { property, type Random } from "./random.ts"

const full: Identity = {
  ...alice,
  capabilities: 0xffff_ffff_ffff_fffen,
  addresses: ["tls://10.0.0.1:4370", "ws://[2001:db8::1]:8080/gc"],
  appVersion: "2.0 – große",
  required: 1n,
  knownGeneration: Number.MAX_SAFE_INTEGER
}

type Field = readonly [type: number, value: Uint8Array]

const u64 = (value: bigint) => new ByteWriter().u64(value).finish()

const fieldsOf = (identity: Identity): ReadonlyArray<Field> => {
  const fields: Array<Field> = []
  const bytes = encodeIdentity(identity)
  for (let at = 0; at < bytes.length;) {
    const length = (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0)
    fields.push([bytes[at] ?? 0, bytes.subarray(at + 3, at + 3 + length)])
    at += 3 + length
  }
  return fields
}

const record = (fields: ReadonlyArray<Field>): Uint8Array => {
  const writer = new ByteWriter()
  for (const [type, value] of fields) writeTlv(writer, type, value)
  return writer.finish()
}

const replaced = (type: number, value: Uint8Array): Uint8Array =>
  record(fieldsOf(full).map((field) => (field[0] === type ? [type, value] : field)))

const shuffled = (random: Random, fields: ReadonlyArray<Field>): ReadonlyArray<Field> => {
  const rest = [...fields]
  return fields.flatMap(() => rest.splice(random.int(rest.length - 1), 1))
}

describe("identities", () => {
  it("come back as they were", () => {
    assert.deepStrictEqual(decodeIdentity(encodeIdentity(full)), { ok: true, value: full })
    assert.deepStrictEqual(decodeIdentity(encodeIdentity(alice)), { ok: true, value: alice })
  })

  it("have fields in ascending order, and none that is absent", () => {
    assert.deepStrictEqual(
      fieldsOf(full).map(([type]) => type),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    )
    const { dialed: _, ...least } = { ...alice, addresses: [] }
    assert.deepStrictEqual(
      fieldsOf(least).map(([type]) => type),
      [1, 2, 3, 4, 5, 7]
    )
  })

  it("are read in any order of their fields", () => {
    property(100, (random) => {
      assert.deepStrictEqual(decodeIdentity(record(shuffled(random, fieldsOf(full)))), { ok: true, value: full })
    })
  })

  it("ignore unknown fields from 128 on", () => {
    const bytes = concat(
      record([
        [128, utf8("x")],
        [255, new Uint8Array(0)]
      ]),
      encodeIdentity(full)
    )
    assert.deepStrictEqual(decodeIdentity(bytes), { ok: true, value: full })
  })

  it.for([0, 12, 13, 127])("with an unknown field %i are malformed", (type) => {
    assert.isFalse(decodeIdentity(concat(encodeIdentity(full), record([[type, utf8("x")]]))).ok)
  })

  it.for([1, 2, 3, 4, 5, 7])("without field %i are malformed", (type) => {
    assert.isFalse(decodeIdentity(record(fieldsOf(full).filter((field) => field[0] !== type))).ok)
  })

  it.for([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 128])("with field %i twice are malformed", (type) => {
    const extra: Field = [128, utf8("x")]
    const fields = [...fieldsOf(full), extra]
    assert.isTrue(decodeIdentity(record(fields)).ok)
    assert.isFalse(decodeIdentity(record([...fields, ...fields.filter((field) => field[0] === type)])).ok)
  })

  const address = (text: string) => concat(Uint8Array.of(text.length), utf8(text))
  const malformed: ReadonlyArray<readonly [what: string, type: number, value: Uint8Array]> = [
    ["a name of 256 bytes", identityField.name, utf8("n".repeat(256))],
    ["a name with a blank", identityField.name, utf8("a b@h")],
    ["a name that is not ASCII", identityField.name, utf8("ä@h")],
    ["an instance of 15 bytes", identityField.instance, new Uint8Array(15)],
    ["an instance of 17 bytes", identityField.instance, new Uint8Array(17)],
    ["a generation of 7 bytes", identityField.generation, new Uint8Array(7)],
    ["a generation of 9 bytes", identityField.generation, new Uint8Array(9)],
    ["a generation of 2^53", identityField.generation, u64(2n ** 53n)],
    ["an attempt of 3 bytes", identityField.attempt, new Uint8Array(3)],
    ["an attempt of 5 bytes", identityField.attempt, new Uint8Array(5)],
    ["a cluster of 65 bytes", identityField.cluster, utf8("c".repeat(65))],
    ["a cluster that is not UTF-8", identityField.cluster, Uint8Array.of(0xff)],
    ["a dialed name of 256 bytes", identityField.dialed, utf8("n".repeat(256))],
    ["capabilities of 4 bytes", identityField.capabilities, new Uint8Array(4)],
    ["9 addresses", identityField.addresses, concat(...Array.from({ length: 9 }, () => address("tcp://h:1")))],
    ["an empty address", identityField.addresses, Uint8Array.of(0)],
    ["an address that is cut off", identityField.addresses, address("tcp://h:1").subarray(0, 9)],
    ["an address that is not ASCII", identityField.addresses, concat(Uint8Array.of(1), Uint8Array.of(0x80))],
    ["a version of 65 bytes", identityField.appVersion, utf8("v".repeat(65))],
    ["a version that is not UTF-8", identityField.appVersion, Uint8Array.of(0xc3)],
    ["required capabilities of 9 bytes", identityField.required, new Uint8Array(9)],
    ["a known generation of 2^53", identityField.knownGeneration, u64(2n ** 53n)]
  ]

  it.for(malformed)("with %s are malformed", ([, type, value]) => {
    assert.isFalse(decodeIdentity(replaced(type, value)).ok)
  })

  it("may be as long as their caps", () => {
    assert.isTrue(decodeIdentity(replaced(identityField.name, utf8("n".repeat(255)))).ok)
    assert.isTrue(decodeIdentity(replaced(identityField.cluster, utf8("c".repeat(64)))).ok)
    assert.isTrue(decodeIdentity(replaced(identityField.appVersion, utf8("v".repeat(64)))).ok)
    assert.isTrue(decodeIdentity(replaced(identityField.generation, u64(2n ** 53n - 1n))).ok)
    const eight = concat(...Array.from({ length: 8 }, () => address("x".repeat(255))))
    assert.isTrue(decodeIdentity(replaced(identityField.addresses, eight)).ok)
  })

  it("cut off anywhere are malformed, unless what is left is whole", () => {
    const bytes = encodeIdentity(full)
    const needed = encodeIdentity({ ...full, addresses: [] }).length
    for (let length = 0; length < bytes.length; length++) {
      const result = decodeIdentity(bytes.subarray(0, length))
      if (result.ok) assert.strictEqual(toHex(encodeIdentity(result.value)), toHex(bytes.subarray(0, length)))
      else if (length < needed) assert.isNotEmpty(result.reason)
    }
  })

  it("never make the decoder throw", () => {
    property(2000, (random) => {
      const bytes = encodeIdentity(full).slice()
      for (let times = random.int(4); times >= 0; times--) bytes[random.int(bytes.length - 1)] = random.int(255)
      decodeIdentity(random.bool() ? bytes : random.bytes(random.int(200)))
    })
  })

  it("that nobody may have cannot be encoded", () => {
    assert.throws(() => encodeIdentity({ ...full, name: "n".repeat(256) }), RangeError)
    assert.throws(() => encodeIdentity({ ...full, instance: "00" }), RangeError)
    assert.throws(() => encodeIdentity({ ...full, generation: -1 }), RangeError)
    assert.throws(() => encodeIdentity({ ...full, generation: 1.5 }), RangeError)
    assert.throws(() => encodeIdentity({ ...full, attempt: 2 ** 32 }), RangeError)
    assert.throws(
      () => encodeIdentity({ ...full, addresses: Array.from({ length: 9 }, () => "tcp://h:1") }),
      RangeError
    )
    assert.throws(() => encodeIdentity({ ...full, appVersion: "v".repeat(65) }), RangeError)
    assert.throws(() => encodeIdentity({ ...full, capabilities: 2n ** 64n }), RangeError)
  })
})
