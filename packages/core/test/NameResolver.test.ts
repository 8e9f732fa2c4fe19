import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Address from "../src/Address.ts"
import * as NameResolver from "../src/NameResolver.ts"
import * as NodeName from "../src/NodeName.ts"

const name = NodeName.make("b@rosa")

const resolve = (of: NodeName.NodeName, protocols: ReadonlyArray<string>) =>
  Effect.flatMap(NameResolver.NameResolver, (resolver) => resolver.resolve(of, protocols))

describe("NameResolver", () => {
  it.effect("takes the name's host and port 4370 by default, once for each protocol", () =>
    Effect.gen(function* () {
      const addresses = yield* resolve(name, ["tcp", "ws"])
      assert.deepStrictEqual(addresses.map(Address.format), ["tcp://rosa:4370", "ws://rosa:4370"])
    })
  )

  it.effect("writes IPv6 hosts in brackets", () =>
    Effect.gen(function* () {
      const addresses = yield* resolve(NodeName.make("b@::1"), ["tcp"])
      assert.deepStrictEqual(addresses.map(Address.format), ["tcp://[::1]:4370"])
    })
  )

  it.effect("has no address for a node without protocols", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* resolve(name, []), [])
    })
  )

  it.effect("can be replaced", () =>
    Effect.gen(function* () {
      const addresses = yield* resolve(name, ["tcp"])
      assert.deepStrictEqual(addresses, [Address.make("tcp", "rosa", 9000)])
    }).pipe(Effect.provideService(NameResolver.NameResolver, NameResolver.fromHost(9000)))
  )

  it.effect("fails with the name when there is no such address", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(NameResolver.fromHost(70_000).resolve(name, ["tcp"]))
      assert.strictEqual(error._tag, "NameResolveError")
      assert.strictEqual(error.message, `no address for b@rosa: "tcp://rosa:70000": a port is 0..65535`)
      const long = NodeName.make(`a@${"h".repeat(253)}`)
      assert.strictEqual((yield* Effect.flip(resolve(long, ["tcp"]))).name, long)
    })
  )
})
