import { assert, describe, it } from "@effect/vitest"
import {
  type AddressParts,
  formatAddress,
  isDialable,
  isLoopback,
  isUnspecified,
  parseAddress
} from "../../src/protocol/addresses.ts"

const at = (protocol: string, host: string, port: number, path = ""): AddressParts => ({ protocol, host, port, path })

const accepts: ReadonlyArray<readonly [text: string, parts: AddressParts]> = [
  ["tcp://10.0.0.1:4370", at("tcp", "10.0.0.1", 4370)],
  ["tls://Rosa.Example:1", at("tls", "rosa.example", 1)],
  ["TCP://h:65535", at("tcp", "h", 65535)],
  ["tcp://h:0", at("tcp", "h", 0)],
  ["tcp://h:04370", at("tcp", "h", 4370)],
  ["ws://[2001:DB8::1]:8080/gc", at("ws", "2001:db8::1", 8080, "/gc")],
  ["wss://h:443", at("wss", "h", 443)],
  ["wss://h:443/", at("wss", "h", 443, "/")],
  ["wss://h:443/a/B?c=d", at("wss", "h", 443, "/a/B?c=d")],
  ["memory://node-1:1", at("memory", "node-1", 1)],
  ["tcp://[::ffff:1.2.3.4]:1", at("tcp", "::ffff:1.2.3.4", 1)],
  ["tcp://[fe80::1%Eth0]:1", at("tcp", "fe80::1%Eth0", 1)],
  ["tcp://[1:2:3:4:5:6:7:8]:1", at("tcp", "1:2:3:4:5:6:7:8", 1)],
  ["x-quic+1.0://h:1/p", at("x-quic+1.0", "h", 1, "/p")]
]

const refuses = [
  "",
  "h:1",
  "tcp:h:1",
  "tcp:/h:1",
  "//h:1",
  "1tcp://h:1",
  "tcp://h",
  "tcp://h:",
  "tcp://:1",
  "tcp://h:65536",
  "tcp://h:-1",
  "tcp://h:1a",
  "tcp://h:+1",
  "tcp://h:123456",
  "tcp://h:1 ",
  "tcp://h h:1",
  "tcp://hö:1",
  "tcp://h:1\n",
  "tcp://::1:4370",
  "tcp://[::1:4370",
  "tcp://::1]:1",
  "tcp://[h]:1",
  "tcp://[]:1",
  "tcp://[1::2::3]:1",
  "tcp://[1:2:3:4:5:6:7]:1",
  "tcp://[1:2:3:4:5:6:7:8:9]:1",
  "tcp://[1:2:3:4:5:6:7::8]:1",
  "tcp://[12345::]:1",
  "tcp://[1.2.3.4::]:1",
  "tcp://[::1.2.3.256]:1",
  "tcp://[fe80::1%]:1",
  "tcp://[fe80::1%a%b]:1",
  "tcp://1.2.3:1",
  "tcp://1.2.3.256:1",
  "tcp://01.2.3.4:1",
  "tcp://0x7f.0.0.1:1",
  "tcp://127.1:1",
  "tcp://0:1",

  "tcp://u@h:1",
  "ws://u:p@h:1",
  "tcp://h:1/",
  "tls://h:1/x",
  "memory://h:1/x",
  "tcp://h:1?x",
  "ws://h:1?x",
  "ws://h:1/#x",
  "ws://h:1#x",
  "tcp://h..x:1",
  `ws://h:1/${"x".repeat(247)}`
]

describe("addresses", () => {
  it.for(accepts)("%s is read, and its canonical text again", ([text, parts]) => {
    assert.deepStrictEqual(parseAddress(text), { ok: true, value: parts })
    assert.deepStrictEqual(parseAddress(formatAddress(parts)), { ok: true, value: parts })
  })

  it.for(refuses)("%j is refused with a reason", (text) => {
    const result = parseAddress(text)
    assert.isFalse(result.ok)
    assert.isNotEmpty(result.ok ? "" : result.reason)
  })

  it("may have 255 bytes", () => {
    assert.isTrue(parseAddress(`ws://h:1/${"x".repeat(246)}`).ok)
  })

  it("are written with IPv6 literals in brackets", () => {
    assert.strictEqual(formatAddress(at("ws", "2001:db8::1", 8080, "/gc")), "ws://[2001:db8::1]:8080/gc")
    assert.strictEqual(formatAddress(at("tcp", "h", 1)), "tcp://h:1")
  })

  it("are dialable unless they mean any port or any local address", () => {
    assert.isTrue(isDialable(at("tcp", "h", 1)))
    assert.isTrue(isDialable(at("tcp", "127.0.0.1", 1)))
    assert.isFalse(isDialable(at("tcp", "h", 0)))
    assert.isFalse(isDialable(at("tcp", "0.0.0.0", 1)))
    assert.isFalse(isDialable(at("tcp", "::", 1)))
  })
})

describe("hosts", () => {
  it.for(["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::0", "::0.0.0.0", "::ffff:0.0.0.0", "::FFFF:0:0", "[::]", "::%eth0"])(
    "%s is unspecified",
    (host) => {
      assert.isTrue(isUnspecified(host))
      assert.isFalse(isLoopback(host))
    }
  )

  it.for([
    "127.0.0.1",
    "127.255.255.255",
    "::1",
    "[::1]",
    "0:0::1",
    "::ffff:127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "a.localhost"
  ])("%s is loopback", (host) => {
    assert.isTrue(isLoopback(host))
    assert.isFalse(isUnspecified(host))
  })

  it.for([
    "10.0.0.1",
    "128.0.0.1",
    "0.0.0.1",
    "::2",
    "::1:1",
    "1::",
    "fe80::1",
    "::127.0.0.1",
    "localhost.example",
    "xlocalhost",
    "127.h",
    ""
  ])("%j is neither", (host) => {
    assert.isFalse(isLoopback(host))
    assert.isFalse(isUnspecified(host))
  })
})
