import { assert, describe, it } from "@effect/vitest"
import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as extra from "../src/internal/extra.ts"

const tag = "f2ab4fc94f9b8d83"
const registered = { name: "a", port: 4_370 }

describe("the extra of a gc node", () => {
  it("is its version, its cluster's tag, its name and its address", () => {
    const announced = { tag, name: NodeName.make("a@10.0.0.7"), address: Address.parseUnsafe("tls://10.0.0.7:4370") }
    const text = `gc1 ${tag} a@10.0.0.7 tls://10.0.0.7:4370`
    assert.strictEqual(extra.format(announced), text)
    assert.deepStrictEqual(extra.parse(text, registered), announced)
    assert.deepStrictEqual(extra.parse(`${text} and more`, registered), announced)
  })

  it("names the cluster as GC/1 does", () => {
    assert.strictEqual(extra.tagOf("test"), "8005bc6a7ea934e0")
    assert.notStrictEqual(extra.tagOf("test"), extra.tagOf("other"))
  })

  it("fits into what epmd takes", () => {
    const name = NodeName.make(`${"a".repeat(240)}@10.100.100.100`)
    const address = Address.make("tls", "h".repeat(230), 65_535)
    assert.isAtMost(extra.format({ tag, name, address }).length, 1_020)
  })

  it("that is something else, or says what cannot be, is no gc node", () => {
    for (const text of [
      "",
      "gc1",
      "gx1",
      `gc2 ${tag} a@rosa tcp://rosa:4370`,
      `gc1 ${tag.toUpperCase()} a@rosa tcp://rosa:4370`,
      `gc1 ${tag}00 a@rosa tcp://rosa:4370`,
      `gc1 ${tag} rosa tcp://rosa:4370`,
      // Another name, and another port, than it is registered with.
      `gc1 ${tag} b@rosa tcp://rosa:4370`,
      `gc1 ${tag} a@rosa tcp://rosa:4371`,
      `gc1 ${tag} a@rosa tcp://0.0.0.0:4370`,
      `gc1 ${tag} a@rosa rosa:4370`,
      `gc1  ${tag} a@rosa tcp://rosa:4370`,
      `gc1\t${tag}\ta@rosa\ttcp://rosa:4370`
    ]) {
      assert.isUndefined(extra.parse(text, registered), text)
    }
  })

  it("with a dash for a tag may be of any cluster", () => {
    const any = extra.parse("gc1 - a@rosa tcp://rosa:4370", registered)
    const other = extra.parse(`gc1 ${tag} a@rosa tcp://rosa:4370`, registered)
    assert.isTrue(any !== undefined && extra.isOf(any, "00"))
    assert.isTrue(other !== undefined && extra.isOf(other, tag) && !extra.isOf(other, "00"))
  })

  it("leads to the host that was asked where it says its own loopback", () => {
    const at = (address: string, host: string) => {
      const announced = { tag, name: NodeName.make("a@rosa"), address: Address.parseUnsafe(address) }
      return Address.format(extra.reachable(announced, host))
    }
    assert.strictEqual(at("tls://127.0.0.1:4370", "rosa"), "tls://rosa:4370")
    assert.strictEqual(at("tls://127.0.0.1:4370", "127.0.0.1"), "tls://127.0.0.1:4370")
    assert.strictEqual(at("tls://127.0.0.1:4370", "localhost"), "tls://127.0.0.1:4370")
    assert.strictEqual(at("tls://10.0.0.7:4370", "127.0.0.1"), "tls://10.0.0.7:4370")
    assert.strictEqual(at("wss://10.0.0.7:4370/gc", "rosa"), "wss://10.0.0.7:4370/gc")
  })
})
