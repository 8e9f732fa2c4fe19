import { assert, describe, it } from "@effect/vitest"
import { Resolver } from "@gc/discovery-dns"
import { TRUNCATED_RESPONSE } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { a, aaaa, answer, cname, failing, message, nameServer, silent, srv, zone } from "./nameServer.ts"

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => a("web.shop", `10.0.${index >> 8}.${index & 255}`))

const using = (servers: ReadonlyArray<string>, options: Resolver.Options = {}) =>
  Resolver.make({ servers, patience: "150 millis", ...options })

const reasonOf = <A>(effect: Effect.Effect<A, Resolver.ResolveError>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

/** A server's answer that does not fit in a datagram: a part of the records, and the mark that it is one. */
const truncated = (records: ReturnType<typeof many>, overTcp: Parameters<typeof nameServer>[0]) =>
  nameServer((query) =>
    query.transport === "tcp" ? overTcp(query) : answer(query, records.slice(0, 29), { flags: TRUNCATED_RESPONSE })
  )

describe("an answer", () => {
  it.live("is found, with its time to live, and what came along", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        answer(query, [srv("_gc._tcp.web.shop", "Pod-1.web.shop", 4371, 7)], {
          additionals: [a("pod-1.web.shop", "10.0.0.1")]
        })
      )
      const resolver = yield* using([server.address])
      assert.deepStrictEqual(yield* resolver.resolve("_gc._tcp.web.shop", "SRV"), {
        type: "SRV",
        outcome: "Found",
        asked: "_gc._tcp.web.shop",
        name: "_gc._tcp.web.shop",
        records: [{ target: "pod-1.web.shop", port: 4371, priority: 0, weight: 0 }],
        additional: [{ name: "pod-1.web.shop", type: "A", address: "10.0.0.1", ttl: 30 }],
        ttl: 7,
        server: server.address
      })
    })
  )

  it.live("of no such name, and of a name without such records, is an answer", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([a("web.shop", "10.0.0.1")]))
      const resolver = yield* using([server.address])
      assert.deepInclude(yield* resolver.resolve("none.shop", "A"), { outcome: "NoName", records: [] })
      assert.deepInclude(yield* resolver.resolve("web.shop", "AAAA"), { outcome: "NoData", records: [] })
    })
  )

  it.live("comes from a port and with an id that nobody can guess", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([a("web.shop", "10.0.0.1")]))
      const resolver = yield* using([server.address])
      for (let round = 0; round < 20; round++) yield* resolver.resolve("web.shop", "A")
      assert.isAbove(new Set(server.ports).size, 10)
      assert.isAbove(new Set(server.asked.map(({ packet }) => packet.id)).size, 15)
    })
  )

  it.live("comes from a server at an IPv6 address, too", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([aaaa("web.shop", "fd00::1")]), "::1")
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "AAAA")).records, ["fd00::1"])
    })
  )
})

describe("what is no answer to the question", () => {
  const genuine = a("web.shop", "10.0.0.1")
  it.live.each([
    ["garbage", (bytes: Buffer) => Buffer.alloc(bytes.length, 0xff)],
    ["the answer to another id", (bytes: Buffer) => Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)])],
    [
      "the answer to somebody else's question",
      (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replace("shop", "slop"), "latin1")
    ],
    ["half an answer", (bytes: Buffer) => bytes.subarray(0, 20)]
  ] as const)("%s is passed over, and the wait goes on", ([, spoil]) =>
    Effect.gen(function* () {
      const forged = a("web.shop", "10.6.6.6")
      const server = yield* nameServer((query) => [
        { bytes: spoil(message(query, { answers: [forged] })) },
        { bytes: message(query, { answers: [genuine] }), afterMillis: 50 }
      ])
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])

      server.handle = (query) => [{ bytes: spoil(message(query, { answers: [forged] })) }]
      const reason = yield* reasonOf(resolver.resolve("web.shop", "A", { timeout: "400 millis" }))
      assert.deepInclude(reason, { _tag: "NoAnswer", servers: [server.address] })
      assert.include(reason.message, "datagrams were no answer")
    })
  )

  it.live("an answer from another port is passed over", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) => [
        { bytes: message(query, { answers: [a("web.shop", "10.6.6.6")] }), astray: true },
        { bytes: message(query, { answers: [genuine] }), afterMillis: 50 }
      ])
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])
    })
  )
})

describe("an answer that does not fit in a datagram", () => {
  const records = many(300)

  it.live("is taken whole over TCP, in however many pieces it comes", () =>
    Effect.gen(function* () {
      const server = yield* truncated(records, (query) => [
        { bytes: message(query, { answers: records }), pieces: 700 }
      ])
      const resolver = yield* using([server.address])
      assert.lengthOf((yield* resolver.resolve("web.shop", "A")).records, 300)
      server.handle = (query) =>
        query.transport === "udp"
          ? answer(query, [], { flags: TRUNCATED_RESPONSE })
          : [{ bytes: message(query, { answers: records.slice(0, 3) }), pieces: 1 }]
      assert.lengthOf((yield* resolver.resolve("web.shop", "A")).records, 3)
    })
  )

  it.live.each([
    ["is cut", (bytes: Buffer) => ({ bytes, cutAt: 1000 }), "before the whole answer"],
    ["is cut in its length", (bytes: Buffer) => ({ bytes, cutAt: 1 }), "after 1 bytes"],
    [
      "is another's",
      (bytes: Buffer) => ({ bytes: Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]) }),
      "wrong (id)"
    ]
  ] as const)("is a failure when what comes over TCP %s, never a part", ([, spoil, says]) =>
    Effect.gen(function* () {
      const server = yield* truncated(records, (query) => [spoil(message(query, { answers: records }))])
      const resolver = yield* using([server.address])
      const reason = yield* reasonOf(resolver.resolve("web.shop", "A"))
      assert.deepInclude(reason, { _tag: "AnswerTruncated", server: server.address })
      assert.include(reason.message, says)
    })
  )

  it.live("is a failure when TCP is silent, and says so", () =>
    Effect.gen(function* () {
      const server = yield* truncated(records, silent)
      const resolver = yield* using([server.address])
      const reason = yield* reasonOf(resolver.resolve("web.shop", "A", { timeout: "300 millis" }))
      assert.deepInclude(reason, { _tag: "NoAnswer", servers: [`${server.address} over TCP`] })
    })
  )

  it.live("is a failure when it is truncated over TCP, too", () =>
    Effect.gen(function* () {
      const server = yield* truncated(records, (query) =>
        answer(query, records.slice(0, 9), { flags: TRUNCATED_RESPONSE })
      )
      const reason = yield* reasonOf((yield* using([server.address])).resolve("web.shop", "A"))
      assert.strictEqual(reason._tag, "AnswerTruncated")
    })
  )
})

describe("EDNS", () => {
  it.live.each([1, 4])("is left out for a server that answers it with code %d", (rcode) =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        query.edns ? [{ bytes: message(query, { questions: [], rcode }) }] : zone([a("web.shop", "10.0.0.1")])(query)
      )
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])
      assert.deepStrictEqual(
        server.asked.map(({ edns }) => edns),
        [true, false]
      )
    })
  )

  it.live("is left out for a server that is silent to it", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) => (query.edns ? [] : zone([a("web.shop", "10.0.0.1")])(query)))
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])
    })
  )
})

describe("aliases", () => {
  it.live("are followed in one answer and over several, with the smallest time to live", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        query.name === "web.shop"
          ? answer(query, [cname("web.shop", "b.shop", 20), cname("B.shop", "c.shop")])
          : zone([cname("c.shop", "d.shop", 9), a("d.shop", "10.0.0.1")])(query)
      )
      const resolver = yield* using([server.address])
      const found = yield* resolver.resolve("web.shop", "A")
      assert.deepInclude(found, { records: ["10.0.0.1"], name: "d.shop", ttl: 9 })
      assert.deepStrictEqual(
        server.asked.map(({ name }) => name),
        ["web.shop", "c.shop", "d.shop"]
      )
    })
  )

  it.live("to nothing are nothing", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        answer(query, query.name === "web.shop" ? [cname("web.shop", "b.shop")] : [], {
          rcode: query.name === "web.shop" ? 0 : 3
        })
      )
      const resolver = yield* using([server.address])
      assert.strictEqual((yield* resolver.resolve("web.shop", "A")).outcome, "NoName")
      server.handle = (query) => answer(query, [cname("web.shop", "b.shop")], { rcode: 3 })
      assert.strictEqual((yield* resolver.resolve("web.shop", "A")).outcome, "NoName")
    })
  )

  it.live("in a circle, or more than 16, are a failure", () =>
    Effect.gen(function* () {
      const circle = [cname("web.shop", "b.shop"), cname("b.shop", "c.shop"), cname("c.shop", "web.shop")]
      const server = yield* nameServer(zone(circle))
      const resolver = yield* using([server.address])
      assert.strictEqual((yield* reasonOf(resolver.resolve("web.shop", "A")))._tag, "AliasesEndless")
      assert.lengthOf(server.asked, 3)
      server.handle = (query) => answer(query, circle)
      assert.strictEqual((yield* reasonOf(resolver.resolve("web.shop", "A")))._tag, "AliasesEndless")

      const chain = (length: number) => [
        ...Array.from({ length }, (_, index) => cname(`n${index}.shop`, `n${index + 1}.shop`)),
        a(`n${length}.shop`, "10.0.0.1")
      ]
      server.handle = zone(chain(16))
      assert.lengthOf((yield* resolver.resolve("n0.shop", "A")).records, 1)
      server.handle = zone(chain(17))
      assert.strictEqual((yield* reasonOf(resolver.resolve("n0.shop", "A")))._tag, "AliasesEndless")
    })
  )
})

describe("names that cannot be asked", () => {
  it.effect.each(["", "a b", "a..b", "x".repeat(64)])("%s is a failure, and nothing is sent", (name) =>
    Effect.gen(function* () {
      const resolver = yield* Resolver.make({ servers: ["127.0.0.1:1"] })
      assert.strictEqual((yield* reasonOf(resolver.resolve(name, "A")))._tag, "NameInvalid")
    })
  )
})

describe("an interrupted question", () => {
  it.live("ends at once, and leaves no socket", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(silent)
      const resolver = yield* using([server.address])
      const before = process.getActiveResourcesInfo().filter((each) => each === "UDPWRAP").length
      const asking = yield* Effect.forkChild(resolver.resolve("web.shop", "A"), { startImmediately: true })
      while (server.asked.length < 2) yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(asking)
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      assert.strictEqual(process.getActiveResourcesInfo().filter((each) => each === "UDPWRAP").length, before)
    })
  )
})

describe("a server that answers with an error", () => {
  it.live.each([
    [2, "SERVFAIL"],
    [5, "REFUSED"],
    [9, "RCODE 9"]
  ] as const)("of code %d fails, and the error names all", ([rcode, text]) =>
    Effect.gen(function* () {
      const server = yield* nameServer(failing(rcode))
      const error = yield* Effect.flip((yield* using([server.address])).resolve("_gc._tcp.web.shop", "SRV"))
      assert.deepInclude(error.reason, { _tag: "ServerFailure", server: server.address, rcode: text })
      assert.include(error.message, `SRV of _gc._tcp.web.shop: ${text} from ${server.address}: `)
    })
  )

  it.live("that is a hint at other servers fails, for it is no answer", () =>
    Effect.gen(function* () {
      const ns = { type: "NS", name: "web.shop", data: "ns.web.shop", ttl: 30 } as const
      const server = yield* nameServer((query) => answer(query, [], { authorities: [ns] }))
      const resolver = yield* using([server.address])
      assert.deepInclude(yield* reasonOf(resolver.resolve("web.shop", "A")), { rcode: "REFERRAL" })
      const soa = { mname: "ns.shop", rname: "a.shop" }
      server.handle = (query) =>
        answer(query, [], { authorities: [ns, { type: "SOA", name: "shop", data: soa, ttl: 30 }] })
      assert.strictEqual((yield* resolver.resolve("web.shop", "A")).outcome, "NoData")
    })
  )
})
