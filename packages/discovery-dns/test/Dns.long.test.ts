import { assert, describe, it } from "@effect/vitest"
import type * as Discovery from "@gc/core/Discovery"
import * as Dns from "@gc/discovery-dns"
import type { Answer } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { context, firstLook, found, pods, serving } from "./looking.ts"
import { a, answer, failing, type Handler, nameServer, ptr, silent, zone } from "./nameServer.ts"

describe("addresses", () => {
  it.live("of both families are peers at port 4370, sorted, each once", () =>
    Effect.gen(function* () {
      const { address } = yield* serving(pods)
      assert.deepStrictEqual(yield* found({ domain: "web.shop", servers: [address] }), [
        "tcp://10.0.0.1:4370",
        "tcp://10.0.0.2:4370",
        "tcp://[fd00::1]:4370"
      ])
    })
  )

  it.live("are the same look in whatever order they come", () =>
    Effect.gen(function* () {
      const server = yield* serving(pods)
      const first = yield* firstLook({ domain: "web.shop", servers: [server.address] })
      server.handle = zone(pods.toReversed())
      assert.deepStrictEqual(yield* firstLook({ domain: "web.shop", servers: [server.address] }), first)
    })
  )

  it.live("are of the family, at the port, over the protocol and under the name that the options say", () =>
    Effect.gen(function* () {
      const { address } = yield* serving(pods)
      const options = { domain: "web.shop", servers: [address], port: 80, protocol: "ws", basename: "web" }
      assert.deepStrictEqual(yield* found({ ...options, type: "AAAA" }), ["web@[fd00::1] at ws://[fd00::1]:80"])
      assert.deepStrictEqual(yield* found({ ...options, type: ["A"], basename: undefined }), [
        "ws://10.0.0.1:80",
        "ws://10.0.0.2:80"
      ])
    })
  )

  it.live("of several domains are one set, and an address is itself", () =>
    Effect.gen(function* () {
      const { address } = yield* serving([a("a.shop", "10.0.0.1"), a("b.shop", "10.0.0.2")])
      const domain = ["a.shop", "b.shop", "none.shop", "10.0.0.9", "::1", "[fd00::9]"]
      assert.deepStrictEqual(yield* found({ domain, servers: [address] }), [
        "tcp://10.0.0.1:4370",
        "tcp://10.0.0.2:4370",
        "tcp://10.0.0.9:4370",
        "tcp://[::1]:4370",
        "tcp://[fd00::9]:4370"
      ])
    })
  )

  it.live("as host names are what the reverse tree calls them, or the address itself", () =>
    Effect.gen(function* () {
      const { address } = yield* serving([
        ...pods,
        ptr("1.0.0.10.in-addr.arpa", "z.shop"),
        ptr("1.0.0.10.in-addr.arpa", "Pod-1.web.shop")
      ])
      const options = {
        domain: "web.shop",
        servers: [address],
        type: "A",
        hostType: "hostname",
        basename: "web"
      } as const
      assert.deepStrictEqual(yield* found(options), [
        "web@10.0.0.2 at tcp://10.0.0.2:4370",
        "web@pod-1.web.shop at tcp://pod-1.web.shop:4370"
      ])
    })
  )

  it.live("that nobody can dial fail the look, and are named", () =>
    Effect.gen(function* () {
      const { address } = yield* serving([a("web.shop", "0.0.0.0"), a("web.shop", "10.0.0.1")])
      const error = yield* Effect.flip(found({ domain: "web.shop", servers: [address] }))
      assert.strictEqual((error as Discovery.DiscoveryError).reason._tag, "EntryInvalid")
      assert.include(error.message, '"tcp://0.0.0.0:4370" is no peer')
    })
  )

  it.live("that are more than 4,096 fail the look: a part would cut the cluster", () =>
    Effect.gen(function* () {
      const of = (part: string) =>
        Array.from({ length: 2049 }, (_, index) =>
          a(part, `10.${part === "a.shop" ? 1 : 2}.${index >> 8}.${index & 255}`)
        )
      const all = { "a.shop": of("a.shop"), "b.shop": of("b.shop") } as Record<string, ReadonlyArray<Answer>>
      const server = yield* nameServer((query) =>
        answer(query, query.type === "A" && query.transport === "tcp" ? (all[query.name] ?? []) : [], {
          flags: query.type === "A" && query.transport === "udp" ? 0x200 : 0
        })
      )
      const options = { servers: [server.address], lookupTimeout: "5 seconds" } as const
      const error = yield* Effect.flip(found({ ...options, domain: ["a.shop", "b.shop"] }))
      assert.include(error.message, "4098 peers were answered, and at most 4096 are taken")
      assert.lengthOf(yield* found({ ...options, domain: "a.shop" }), 2049)
    })
  )
})

describe("an empty set", () => {
  it.live("is what a name says that is not there, and one without such records", () =>
    Effect.gen(function* () {
      const { address } = yield* serving([ptr("web.shop", "x.shop")])
      assert.deepStrictEqual(yield* found({ domain: ["web.shop", "none.shop"], servers: [address] }), [])
    })
  )
})

describe("a look", () => {
  it.live.each([
    ["type", (query: Parameters<Handler>[0]) => query.type === "AAAA", "AAAA of web.shop: SERVFAIL"],
    ["domain", (query: Parameters<Handler>[0]) => query.name === "b.shop", "of b.shop: SERVFAIL"]
  ] as const)("of which one %s fails is a failure that names it", ([, fails, says]) =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        (fails(query) ? failing(2) : zone([...pods, a("b.shop", "10.0.0.9")]))(query)
      )
      const look = yield* firstLook({ domain: ["web.shop", "b.shop"], servers: [server.address] })
      assert.strictEqual(look._tag, "Unknown")
      if (look._tag === "Unknown") {
        assert.include(look.error.message, says)
        assert.strictEqual(look.error.code, "servfail")
      }
      const reason = look._tag === "Unknown" ? look.error.reason : undefined
      assert.isTrue(reason?._tag === "LookFailed" && reason.cause !== undefined)
    })
  )

  it.live("of several domains that fail names them all", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(failing(5))
      const domain = ["a.shop.", "b.shop.", "c.shop.", "d.shop.", "e.shop.", "f.shop."]
      const { code, message } = yield* Effect.flip(found({ domain, type: "A", servers: [server.address] }))
      assert.strictEqual(code, "dns_refused")
      for (const each of domain.slice(0, 4)) assert.include(message, `A of ${each.slice(0, -1)}: REFUSED`)
      assert.include(message, "; and 2 more")
    })
  )

  it.live("ends when its time is over, and says what it waited for", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(silent)
      const { code, message } = yield* Effect.flip(
        found({ domain: "web.shop", servers: [server.address], lookupTimeout: "300 millis" })
      )
      assert.strictEqual(code, "no_answer")
      assert.include(message, `A, AAAA of web.shop: no answer from ${server.address} within 300 ms`)
    })
  )
})

describe("the time to live", () => {
  it.live("holds the next look back when it is respected, and not otherwise", () =>
    Effect.gen(function* () {
      const server = yield* serving([a("web.shop", "10.0.0.1", 1)])
      const watch = Effect.fnUntraced(function* (respectTtl: boolean) {
        server.asked.length = 0
        const options = {
          domain: "web.shop",
          type: "A",
          servers: [server.address],
          refreshInterval: "20 millis"
        } as const
        const source = yield* Dns.make({ ...options, respectTtl })
        const times: Array<number> = []
        yield* Stream.runForEach(Stream.take(source.looks(context), 2), () =>
          Effect.sync(() => times.push(performance.now()))
        )
        return times[1]! - times[0]!
      })
      // The second look cannot come before the records are a second old; a tenth is left for clocks that differ.
      assert.isAbove(yield* watch(true), 900)
      assert.isBelow(yield* watch(false), 900)
    })
  )
})

describe("pods that appear", () => {
  it.live("are found after the name was not there", () =>
    Effect.gen(function* () {
      const server = yield* serving([])
      const source = yield* Dns.make({ domain: "web.shop", servers: [server.address], refreshInterval: "20 millis" })
      const sizes: Array<number> = []
      yield* Stream.runForEach(
        Stream.takeUntil(source.looks(context), (look) => look._tag === "Peers" && look.peers.length > 0),
        (look) =>
          Effect.sync(() => {
            sizes.push(look._tag === "Peers" ? look.peers.length : -1)
            server.handle = zone(pods)
          })
      )
      assert.deepStrictEqual(sizes, [0, 3])
    })
  )
})
