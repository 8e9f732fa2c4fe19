import { assert, describe, it } from "@effect/vitest"
import { decode, encode } from "dns-packet"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decodeReply, encodeQuery, rcodeText } from "../src/internal/message.ts"

const question = { name: "web.shop", type: "A" } as const
const asked = { name: "web.shop", type: "A", class: "IN" } as const
const reply = encode({
  type: "response",
  id: 7,
  questions: [asked],
  answers: [{ type: "A", name: "Web.Shop", data: "10.0.0.1", ttl: 30 }]
})

/** The same bytes with some of them replaced. */
const changed = (at: number, ...bytes: ReadonlyArray<number>) => {
  const copy = Buffer.from(reply)
  copy.set(bytes, at)
  return copy
}

const withRecordsOf = (name: string) =>
  encode({ type: "response", id: 7, questions: [asked], answers: [{ type: "A", name, data: "10.6.6.6" }] })

describe("a query", () => {
  it("asks for recursion, and says with EDNS that 1,232 bytes are welcome", () => {
    const packet = decode(Buffer.from(encodeQuery(513, question, true)))
    assert.strictEqual(packet.id, 513)
    assert.isTrue(packet.flag_rd)
    assert.deepStrictEqual(packet.questions, [asked])
    const [opt] = packet.additionals ?? []
    assert.strictEqual(opt?.type === "OPT" && opt.udpPayloadSize, 1232)
    assert.lengthOf(decode(Buffer.from(encodeQuery(513, question, false))).additionals ?? [], 0)
  })
})

describe("a reply", () => {
  it("is read, its names in lower case", () => {
    assert.deepStrictEqual(decodeReply(reply, 7, question), {
      rcode: 0,
      truncated: false,
      referral: false,
      answers: [{ type: "A", name: "web.shop", ttl: 30, data: "10.0.0.1" }],
      additionals: []
    })
  })

  it("to a question in other letters is read", () => {
    assert.isObject(decodeReply(reply, 7, { name: "wEb.sHOP", type: "A" }))
  })

  it.each([
    ["another id", reply, 8, question, "id"],
    ["another name", reply, 7, { name: "web.shops", type: "A" }, "question"],
    ["another type", reply, 7, { name: "web.shop", type: "AAAA" }, "question"],
    ["another class", changed(25, 3), 7, question, "question"],
    ["no question", encode({ type: "response", id: 7 }), 7, question, "question"],
    ["two questions", encode({ type: "response", id: 7, questions: [asked, asked] }), 7, question, "question"],
    ["a query", encode({ type: "query", id: 7, questions: [asked] }), 7, question, "malformed"],
    ["another opcode", changed(2, 0xa0), 7, question, "malformed"],
    ["the start of one", reply.subarray(0, 20), 7, question, "malformed"],
    ["bytes behind it", Buffer.concat([reply, Buffer.alloc(1)]), 7, question, "malformed"],
    [
      "an address of five bytes",
      Buffer.concat([changed(reply.length - 5, 5), Buffer.alloc(1)]),
      7,
      question,
      "malformed"
    ],
    ["records of another name", withRecordsOf("web.shops"), 7, question, "question"],
    ["nothing", Buffer.alloc(0), 7, question, "malformed"]
  ] as const)("with %s is passed over", (_, bytes, id, wanted, mismatch) => {
    assert.strictEqual(decodeReply(bytes, id, wanted), mismatch)
  })

  it.each([1, 4])("that is the header alone is read when its code is %d: the server understood nothing", (rcode) => {
    const bytes = encode({ type: "response", id: 7, flags: rcode })
    assert.deepInclude(decodeReply(bytes, 7, question) as object, { rcode, answers: [] })
  })

  it.each([12 + 14, reply.length - 2, reply.length])(
    "that is truncated is known by its question: %d bytes",
    (length) => {
      const bytes = changed(2, reply[2]! | 0x02).subarray(0, length)
      assert.deepInclude(decodeReply(bytes, 7, question) as object, { truncated: true, answers: [] })
    }
  )

  it("has the upper bits of its code in EDNS", () => {
    const opt = { type: "OPT", name: ".", udpPayloadSize: 512, extendedRcode: 1, ednsVersion: 0, flags: 0 } as const
    const additionals = [{ ...opt, flag_do: false, options: [] }]
    const bytes = encode({ type: "response", id: 7, questions: [asked], additionals })
    const read = decodeReply(bytes, 7, question)
    assert.strictEqual(typeof read === "object" && rcodeText(read.rcode), "BADVERS")
  })

  it("of another class, or with a time to live below zero, does not count for more than it is", () => {
    const answers = [
      { type: "A", name: "web.shop", data: "10.0.0.1", ttl: 0x8000_0000 },
      { type: "A", name: "web.shop", data: "10.0.0.2", class: "CH" }
    ] as const
    const read = decodeReply(
      encode({ type: "response", id: 7, questions: [asked], answers: [...answers] }),
      7,
      question
    )
    assert.deepStrictEqual(typeof read === "object" && read.answers, [
      { type: "A", name: "web.shop", ttl: 0, data: "10.0.0.1" }
    ])
  })

  it.effect.prop(
    "of any bytes is read or passed over, never a defect",
    {
      tail: Arbitrary.schema(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))),
      at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
      cut: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
    },
    ({ at, cut, tail }) =>
      Effect.sync(() => {
        for (const bytes of [Buffer.from(tail), Buffer.concat([reply.subarray(0, cut), Buffer.from(tail)])]) {
          decodeReply(bytes, 7, question)
        }
        const damaged = Buffer.from(reply)
        damaged.set(tail.slice(0, Math.max(0, damaged.length - at)), Math.min(at, damaged.length))
        decodeReply(damaged, 7, question)
      })
  )
})
