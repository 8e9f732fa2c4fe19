import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as codec from "../src/internal/codec.ts"

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex")

const alpha: codec.Entry = {
  name: "alpha",
  port: 40_001,
  type: 77,
  protocol: 0,
  highest: 6,
  lowest: 5,
  extra: ""
}

/** Seen on the wire between Erlang/OTP 25.2.3 and its epmd. */
const requests: ReadonlyArray<readonly [bytes: string, request: codec.Request]> = [
  ["0012 78 9c41 4d 00 0006 0005 0005 616c706861 0000", { _tag: "Alive2", entry: alpha }],
  [
    "0015 78 9c41 48 00 0006 0005 0005 616c706861 0003 677831",
    { _tag: "Alive2", entry: { ...alpha, type: 72, extra: "gx1" } }
  ],
  ["0006 7a 616c706861", { _tag: "PortPlease2", name: "alpha" }],
  ["0001 6e", { _tag: "Names" }],
  ["0001 64", { _tag: "Dump" }],
  ["0001 6b", { _tag: "Kill" }],
  ["0006 73 616c706861", { _tag: "Stop", name: "alpha" }]
]

describe("a request", () => {
  for (const [bytes, request] of requests) {
    it(`${request._tag} is ${bytes}`, () => {
      assert.strictEqual(codec.encodeRequest(request).toString("hex"), hex(bytes).toString("hex"))
      assert.deepStrictEqual(codec.decodeRequest(hex(bytes).subarray(2)), request)
    })
  }

  it("that is none is undefined", () => {
    for (const body of ["", "00", "01 02", "7a", "7a 00 61", "78 9c41", "78 9c41 4d 00 0006 0005 0005 616c"]) {
      assert.isUndefined(codec.decodeRequest(hex(body)), body)
    }
  })
})

describe("an answer", () => {
  it("to a registration has 32 bits of creation since version 6, and 16 before", () => {
    assert.strictEqual(codec.encodeAlive(6, true, 0x6b02583d).toString("hex"), "76006b02583d")
    assert.strictEqual(codec.encodeAlive(6, false, 0).toString("hex"), "760100000063")
    assert.strictEqual(codec.encodeAlive(5, true, 4).toString("hex"), "79000002")
    assert.strictEqual(codec.encodeAlive(5, false, 0).toString("hex"), "79010063")
    assert.deepStrictEqual(codec.decodeAlive(hex("76006b02583d")), { ok: true, creation: 0x6b02583d })
    assert.deepStrictEqual(codec.decodeAlive(hex("79000002")), { ok: true, creation: 2 })
    assert.deepStrictEqual(codec.decodeAlive(hex("760100000063")), { ok: false, creation: 99 })
  })

  it("to a registration that comes in pieces is not there before the last", () => {
    for (const [whole, length] of [
      ["76006b02583d", 6],
      ["79000002", 4]
    ] as const) {
      for (let end = 0; end < length; end++) assert.strictEqual(codec.decodeAlive(hex(whole).subarray(0, end)), "more")
    }
    assert.isUndefined(codec.decodeAlive(hex("4e4f")))
    assert.isUndefined(codec.decodeAlive(hex("7900000200")))
  })

  it("of a port is the entry as it was registered, or two bytes", () => {
    const bytes = "77009c414d00000600050005616c7068610003677831"
    const entry = { ...alpha, extra: "gx1" }
    assert.strictEqual(codec.encodePort(entry).toString("hex"), bytes)
    assert.deepStrictEqual(codec.decodePort(hex(bytes)), { entry })
    assert.strictEqual(codec.encodePort(undefined).toString("hex"), "7701")
    assert.deepStrictEqual(codec.decodePort(hex("7701")), { entry: undefined })
    for (const wrong of ["", "77", "7801", bytes.slice(0, -2)]) assert.isUndefined(codec.decodePort(hex(wrong)))
  })

  it("of names is read from the right, line by line, and what is no line is left out", () => {
    const text = [
      "name alpha at port 40001",
      "name a at port 5 at port 6",
      "name  at port 7",
      "name evil",
      "name forged at port 80",
      "name x at port 65536",
      "name x at port -1",
      "name x at port ",
      "nonsense",
      ""
    ].join("\n")
    assert.deepStrictEqual(codec.decodeNames(Buffer.concat([hex("00001111"), Buffer.from(text)])), {
      port: 0x1111,
      lines: [
        { name: "alpha", port: 40_001 },
        { name: "a at port 5", port: 6 },
        { name: "", port: 7 },
        { name: "forged", port: 80 }
      ]
    })
    assert.isUndefined(codec.decodeNames(hex("000011")))
  })

  it("of names is none when it is cut within a line, or begins with no port", () => {
    const [head, two] = [hex("00001111"), "name a at port 1\nname b at port 23\n"]
    assert.lengthOf(codec.decodeNames(Buffer.concat([head, Buffer.from(two)]))?.lines ?? [], 2)
    for (const cut of [1, 2, 3, 16]) {
      assert.isUndefined(codec.decodeNames(Buffer.concat([head, Buffer.from(two.slice(0, -cut))])), `${cut} less`)
    }
    assert.isUndefined(codec.decodeNames(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")))
    assert.isUndefined(codec.decodeNames(hex("00011111")))
  })

  it("to DUMP ends each line with a NUL", () => {
    assert.strictEqual(
      codec.encodeDump(0x1111, [{ name: "alpha", port: 40_001, handle: 5 }]).toString("latin1"),
      "\0\0\x11\x11active name     <alpha> at port 40001, fd = 5\n\0"
    )
  })
})

const letters = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 255 })))
const u16 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))
const u8 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const entries = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({ name: letters, extra: letters, port: u16, type: u8, protocol: u8, highest: u16, lowest: u16 })
  ),
  ({ extra, name, ...rest }): codec.Entry => ({
    ...rest,
    // A registration of neither name nor extra is refused.
    name: `n${Buffer.from(name).toString("latin1")}`,
    extra: Buffer.from(extra).toString("latin1")
  })
)

describe("whatever it holds", () => {
  it.effect.prop("a registration comes back from its bytes", { entry: entries }, ({ entry }) =>
    Effect.sync(() => {
      const request: codec.Request = { _tag: "Alive2", entry }
      assert.deepStrictEqual(codec.decodeRequest(codec.encodeRequest(request).subarray(2)), request)
      assert.deepStrictEqual(codec.decodePort(codec.encodePort(entry)), { entry })
    })
  )

  it.effect.prop(
    "a listing comes back, as long as no name holds a line end",
    { entry: entries, port: Arbitrary.schema(u16) },
    ({ entry, port }) =>
      Effect.sync(() => {
        const line = { name: entry.name.replaceAll("\n", "?"), port: entry.port }
        assert.deepStrictEqual(codec.decodeNames(codec.encodeNames(port, [line, line])), { port, lines: [line, line] })
      })
  )

  it.effect.prop("no bytes make a decoder throw", { bytes: Arbitrary.schema(Schema.Array(u8)) }, ({ bytes }) =>
    Effect.sync(() => {
      for (const tag of [0x78, 0x7a, 0x77, 0x76, 0x79, 0x6e, 0x73]) {
        const body = Buffer.of(tag, ...bytes)
        codec.decodeRequest(body)
        codec.decodeAlive(body)
        codec.decodePort(body)
        codec.decodeNames(body)
      }
    })
  )
})
