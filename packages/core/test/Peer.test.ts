import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Address from "../src/Address.ts"
import * as NodeName from "../src/NodeName.ts"
import * as Peer from "../src/Peer.ts"

const name = NodeName.make("b@rosa")
const address = Address.make("tcp", "10.0.0.7", 4370)

describe("Peer", () => {
  it("is known by a name, an address or both", () => {
    assert.deepStrictEqual(Peer.fromName(name), { name })
    assert.deepStrictEqual(Peer.fromAddress(address), { address })
    expectTypeOf({ name, address }).toExtend<Peer.Peer>()
    expectTypeOf<{ readonly source: string }>().not.toExtend<Peer.Peer>()
  })

  it("is shown as who and where", () => {
    assert.strictEqual(Peer.format(Peer.fromName(name)), "b@rosa")
    assert.strictEqual(Peer.format(Peer.fromAddress(address)), "tcp://10.0.0.7:4370")
    assert.strictEqual(Peer.format({ name, address }), "b@rosa at tcp://10.0.0.7:4370")
  })

  it("is the same peer whoever vouches for it", () => {
    assert.strictEqual(Peer.format({ name, source: "dns" }), Peer.format({ name, source: "static" }))
  })
})
