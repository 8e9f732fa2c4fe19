import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import { networkInterfaces } from "node:os"
import * as Address from "../src/Address.ts"
import * as LocalAddress from "../src/LocalAddress.ts"

describe("LocalAddress", () => {
  it("is an address of this machine that others can reach, if there is one", () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
    const external = own.filter((entry) => !entry.internal && !/^(fe8|169\.254\.)/.test(entry.address))
    const first = LocalAddress.firstExternal()
    assert.strictEqual(Option.isSome(first), external.length > 0)
    if (Option.isNone(first)) return
    assert.include(
      external.map((entry) => entry.address),
      first.value
    )
    assert.isTrue(Address.isDialable(Address.make("tcp", first.value, 4370)))
    assert.isFalse(Address.isLoopback(Address.make("tcp", first.value, 4370)))
  })
})
