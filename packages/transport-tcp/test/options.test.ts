import { assert, describe, it } from "@effect/vitest"
import * as Tcp from "@gc/transport-tcp"
import { options } from "@gc/transport-trials/options"
import { tcp } from "./kit.ts"

options(tcp)

describe("the option security", () => {
  it("decides which protocols are dialed", () => {
    assert.deepStrictEqual(Tcp.make({ security: "plain" }).protocols, ["tcp"])
    assert.deepStrictEqual(Tcp.make({ security: "psk" }).protocols, ["tls", "tcp"])
    assert.deepStrictEqual(Tcp.make({ security: "mtls" }).protocols, ["tls", "tcp"])
    assert.deepStrictEqual(Tcp.make().protocols, ["tls", "tcp"])
  })
})
