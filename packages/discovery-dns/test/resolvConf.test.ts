import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { candidates, refuseName, reverseName } from "../src/internal/names.ts"
import { defaults, parseResolvConf } from "../src/internal/resolvConf.ts"
import { formatServer, parseServer } from "../src/internal/servers.ts"

const at = (host: string) => ({ host, port: 53 })

describe("resolv.conf", () => {
  it.each([
    ["an empty file", "", {}],
    ["a server", "nameserver 10.96.0.10\n", { servers: [at("10.96.0.10")] }],
    ["an IPv6 server with a scope", "nameserver fe80::1%eth0", { servers: [at("fe80::1%eth0")] }],
    [
      "three servers at most",
      "nameserver 10.0.0.1\nnameserver ::1\nnameserver 10.0.0.3\nnameserver 10.0.0.4",
      { servers: [at("10.0.0.1"), at("::1"), at("10.0.0.3")] }
    ],
    ["no server that is a name, or has a port", "nameserver dns.example\nnameserver 10.0.0.1:53\nnameserver [::1]", {}],
    [
      "a pod's file",
      "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
      {
        servers: [at("10.96.0.10")],
        search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
        ndots: 5
      }
    ],
    [
      "blanks, tabs and CRLF",
      "nameserver\t10.0.0.1 \r\nsearch\ta.example \t b.example\r\n",
      {
        servers: [at("10.0.0.1")],
        search: ["a.example", "b.example"]
      }
    ],
    ["comments", "; nameserver 10.0.0.1\n# search a.example\nnameserver 10.0.0.2", { servers: [at("10.0.0.2")] }],
    [
      "the last of domain and search",
      "search a.example b.example\ndomain c.example d.example",
      { search: ["c.example"] }
    ],
    [
      "the last of search and domain",
      "domain c.example\nsearch a.example b.example.",
      { search: ["a.example", "b.example"] }
    ],
    ["a search list of the root alone", "search .", { search: [] }],
    [
      "more than six domains",
      `search ${Array.from({ length: 40 }, (_, index) => `d${index}.example`).join(" ")}`,
      { search: Array.from({ length: 32 }, (_, index) => `d${index}.example`) }
    ],
    [
      "options",
      "options ndots:2 timeout:3 attempts:4 rotate edns0 use-vc\noptions ndots:3",
      { ndots: 3, tryMillis: 3000, attempts: 4, rotate: true }
    ],
    [
      "options beyond their bounds",
      "options ndots:99 timeout:99 attempts:99",
      { ndots: 15, tryMillis: 30_000, attempts: 5 }
    ],
    ["options below their bounds", "options ndots:0 timeout:0 attempts:0", { ndots: 0, tryMillis: 1000, attempts: 1 }],
    ["options that are none", "options ndots: timeout:x attempts:-1 ndots", {}],
    ["what nobody knows", "sortlist 10.0.0.0\nlookup file bind\nnameserver\n \nfoo", {}]
  ] as const)("%s is read", (_, text, expected) => {
    assert.deepStrictEqual(parseResolvConf(text), { ...defaults, ...expected } as typeof defaults)
  })

  it.effect.prop("of any text is a configuration with a server", [Schema.String], ([text]) =>
    Effect.sync(() => {
      for (const each of [text, `nameserver ${text}`, `search ${text}`, `options ${text}`]) {
        assert.isAbove(parseResolvConf(each).servers.length, 0)
      }
    })
  )
})

describe("a name", () => {
  const search = ["shop.svc.cluster.local", "svc.cluster.local"]
  it.each([
    ["web", 5, ["web.shop.svc.cluster.local", "web.svc.cluster.local", "web"]],
    ["web.shop", 5, ["web.shop.shop.svc.cluster.local", "web.shop.svc.cluster.local", "web.shop"]],
    ["web.shop", 1, ["web.shop", "web.shop.shop.svc.cluster.local", "web.shop.svc.cluster.local"]],
    ["web", 0, ["web", "web.shop.svc.cluster.local", "web.svc.cluster.local"]],
    ["web.shop.", 5, ["web.shop"]],
    ["a.b.c.d.e.f", 5, ["a.b.c.d.e.f", "a.b.c.d.e.f.shop.svc.cluster.local", "a.b.c.d.e.f.svc.cluster.local"]]
  ] as const)("%s is asked with ndots:%d in this order", (name, ndots, expected) => {
    assert.deepStrictEqual(candidates(name, search, ndots), expected)
  })

  it("is not asked with a domain that makes it too long, nor twice", () => {
    const long = Array.from({ length: 4 }, () => "x".repeat(60)).join(".")
    assert.deepStrictEqual(candidates(long, ["a".repeat(20), "example"], 9), [`${long}.example`, long])
    assert.deepStrictEqual(candidates("web", ["a", "A"], 1), ["web.A", "web"])
  })

  it.each([
    ["", "at least one label"],
    [".", "at least one label"],
    ["a..b", "empty label"],
    [".a", "empty label"],
    ["a b", "letters, digits"],
    ["bücher.example", "xn--"],
    ["x".repeat(64), "at most 63"],
    [Array.from({ length: 5 }, () => "x".repeat(60)).join("."), "at most 253"]
  ])("%s cannot be asked", (name, says) => assert.include(refuseName(name), says))

  it.each(["_gc._tcp.web.shop.svc.cluster.local.", "a", "xn--bcher-kva.example", "10-0-0-1.web.shop.svc"])(
    "%s can be asked",
    (name) => assert.isUndefined(refuseName(name))
  )

  it.each([
    ["10.1.2.3", "3.2.1.10.in-addr.arpa"],
    ["2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
    ["::1", `1.${"0.".repeat(31)}ip6.arpa`],
    ["::ffff:10.1.2.3", `3.0.2.0.1.0.a.0.f.f.f.f.${"0.".repeat(20)}ip6.arpa`]
  ])("of the address %s is %s in the reverse tree", (address, name) => assert.strictEqual(reverseName(address), name))
})

describe("a server", () => {
  it.each([
    ["10.0.0.2", "10.0.0.2:53"],
    ["10.0.0.2:5353", "10.0.0.2:5353"],
    ["::1", "[::1]:53"],
    ["[::1]:5353", "[::1]:5353"],
    ["[::1]", "[::1]:53"],
    ["fe80::1%eth0", "[fe80::1%eth0]:53"],
    ["[fe80::1%eth0]:54", "[fe80::1%eth0]:54"]
  ])("%s is %s", (text, expected) => {
    assert.strictEqual(Result.getOrThrow(Result.map(parseServer(text), formatServer)), expected)
  })

  it.each([
    "",
    "dns.example",
    "10.0.0.2:",
    "10.0.0.2:0",
    "10.0.0.2:65536",
    "[10.0.0.2]:53",
    "::1:53x",
    "1.2.3",
    "[::1",
    "a:1"
  ])("%s is none", (text) => assert.isTrue(Result.isFailure(parseServer(text))))
})
