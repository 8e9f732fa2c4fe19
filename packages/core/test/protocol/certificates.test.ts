import { assert, describe, it } from "@effect/vitest"
import { certifies } from "../../src/protocol/certificates.ts"

const none = { dns: [], ip: [], uri: [] }

describe("certificates", () => {
  it("names a node by the host of its name, as a DNS name or an IP address", () => {
    assert.isTrue(certifies({ ...none, dns: ["Rosa.example"] }, "a@rosa.example"))
    assert.isTrue(certifies({ ...none, ip: ["10.0.0.7"] }, "a@10.0.0.7"))
    assert.isTrue(certifies({ ...none, ip: ["0:0:0:0:0:0:0:1"] }, "a@[::1]"))
  })

  it("names a node by the URI gc: and its whole name", () => {
    assert.isTrue(certifies({ ...none, uri: ["https://example", "gc:a@rosa"] }, "a@rosa"))
    assert.isFalse(certifies({ ...none, uri: ["gc:b@rosa"] }, "a@rosa"))
  })

  it("does not stand for other hosts: no names, another name, a wildcard, part of a name", () => {
    for (const dns of [[], ["maria"], ["*.example"], ["example"], ["rosa.example.com"]]) {
      assert.isFalse(certifies({ ...none, dns }, "a@rosa.example"), dns.join())
    }
    assert.isFalse(certifies({ ...none, ip: ["10.0.0.70"] }, "a@10.0.0.7"))
  })
})
