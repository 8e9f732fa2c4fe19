import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Address from "../src/Address.ts"
import { hosts, ports } from "./support/hosts.ts"

const addresses = Arbitrary.map(
  Arbitrary.all({
    protocol: Arbitrary.schema(Schema.Literals(["tcp", "tls", "ws", "wss", "memory", "x+y.z-1"])),
    host: hosts,
    port: Arbitrary.schema(ports),
    path: Arbitrary.schema(Schema.Literals(["", "/", "/gc", "/gc?a=b"]))
  }),
  ({ host, path, port, protocol }): Address.Address => ({
    protocol,
    host,
    port,
    path: protocol.startsWith("w") ? path : ""
  })
)

describe("Address", () => {
  it.effect.prop("parse reads back what format writes", { address: addresses }, ({ address }) =>
    Effect.sync(() => {
      assert.deepStrictEqual(Address.parse(Address.format(address)), Result.succeed(address))
    })
  )

  it.effect.prop(
    "format is canonical: the same for every spelling that parse takes",
    { address: addresses },
    ({ address }) =>
      Effect.sync(() => {
        const text = Address.format(address)
        const shouted = address.path === "" ? text.toUpperCase() : text
        assert.strictEqual(Address.format(Address.parseUnsafe(shouted)), text)
      })
  )

  it.effect.prop("make takes a host with brackets or without", { host: hosts, port: ports }, ({ host, port }) =>
    Effect.sync(() => {
      const address = Address.make("tcp", host, port)
      assert.deepStrictEqual(address, { protocol: "tcp", host, port, path: "" })
      if (host.includes(":")) assert.deepStrictEqual(Address.make("tcp", `[${host}]`, port), address)
    })
  )

  it.effect.prop("FromString encodes and decodes every address", { address: addresses }, ({ address }) =>
    Effect.gen(function* () {
      const text = yield* Schema.encodeEffect(Address.FromString)(address)
      assert.strictEqual(text, Address.format(address))
      assert.deepStrictEqual(yield* Schema.decodeEffect(Address.FromString)(text), address)
    })
  )

  it.effect.prop("an arbitrary text is an address or a refusal, never a throw", [Schema.String], ([text]) =>
    Effect.sync(() => {
      const address = Address.parse(text)
      if (Result.isFailure(address)) assert.isAbove(address.failure.length, 0)
      else assert.deepStrictEqual(Address.parse(Address.format(address.success)), address)
    })
  )

  it.each([
    ["tcp://rosa", `"tcp://rosa" has no port`],
    ["rosa:4370", `"rosa:4370" is not protocol://host:port, with an IPv6 host in brackets`],
    ["tcp://rosa:70000", `"tcp://rosa:70000": a port is 0..65535`],
    ["tcp://b@rosa:4370", `"tcp://b@rosa:4370" has a user in it: an address is protocol://host:port`],
    ["tcp://rosa:4370/path", `"tcp://rosa:4370/path": a tcp address ends with its port`]
  ])("refuses %s and says why", (text, reason) => {
    assert.deepStrictEqual(Address.parse(text), Result.fail(reason))
    assert.throws(() => Address.parseUnsafe(text), reason)
  })

  it.effect("FromString refuses with the reason of parse", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Schema.decodeEffect(Address.FromString)("tcp://rosa"))
      assert.include(error.message, `"tcp://rosa" has no port`)
    })
  )

  it.effect.each([
    { protocol: "tcp", host: "rosa", port: 70_000, path: "" },
    { protocol: "tcp", host: "Rosa", port: 1, path: "" },
    { protocol: "tcp", host: "", port: 1, path: "" },
    { protocol: "tcp", host: "rosa", port: 1, path: "/gc" }
  ])("FromString does not encode $protocol $host $port $path, which is no address", (address) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(Schema.encodeEffect(Address.FromString)(address)))._tag, "SchemaError")
    })
  )

  it("make throws for parts that make no address", () => {
    assert.throws(() => Address.make("tcp", "rosa", 65_536), "a port is 0..65535")
    assert.throws(() => Address.make("tcp", "ro sa", 1))
    assert.throws(() => Address.make("tcp", "rosa", 1, "/gc"))
  })

  it.each([
    ["tcp://127.0.0.1:4370", true, true],
    ["tcp://127.9.9.9:0", false, true],
    ["tcp://[::1]:4370", true, true],
    ["tcp://localhost:4370", true, true],
    ["tcp://0.0.0.0:4370", false, false],
    ["tcp://[::]:4370", false, false],
    ["tcp://rosa:4370", true, false],
    ["memory://anywhere:1", true, true]
  ])("%s: can be dialed %s, stays on the machine %s", (text, dialable, loopback) => {
    const address = Address.parseUnsafe(text)
    assert.strictEqual(Address.isDialable(address), dialable)
    assert.strictEqual(Address.isLoopback(address), loopback)
  })

  it("knows the hosts that mean every local address", () => {
    assert.deepStrictEqual(["0.0.0.0", "::", "::ffff:0.0.0.0", "rosa", "127.0.0.1"].map(Address.isUnspecified), [
      true,
      true,
      true,
      false,
      false
    ])
  })
})
