import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"
import { decodeHeartbeat, decrypt, encodeHeartbeat, encrypt } from "../src/internal/libclusterFormat.ts"
import { contextOf, freeGroup, tap } from "./support/network.ts"
import { counts, run, textOf, until, untilLook } from "./support/running.ts"

interface Captured {
  readonly libcluster: string
  readonly secret: string | null
  readonly node: string
  readonly datagramHex: string
  readonly plainHex: string
}

const captured: { readonly entries: ReadonlyArray<Captured> } = JSON.parse(
  readFileSync(new URL("fixtures/libcluster-gossip.json", import.meta.url), "utf8")
)

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))
const hex = (found: Uint8Array | undefined) => (found === undefined ? "" : Buffer.from(found).toString("hex"))
const prelude = Buffer.from("heartbeat::")
const term = (...parts: ReadonlyArray<string | ReadonlyArray<number>>) =>
  new Uint8Array(Buffer.concat([prelude, ...parts.map((part) => Buffer.from(part as string))]))
const head = [131, 116, 0, 0, 0, 1]
const node = [100, 0, 4, ...Buffer.from("node")]

describe("heartbeats that libcluster sent", () => {
  it.each(captured.entries)("$libcluster, $node: read and written byte for byte", (entry) => {
    const datagram = bytes(entry.datagramHex)
    const plain = entry.secret === null ? datagram : decrypt(datagram, entry.secret)
    assert.strictEqual(hex(plain), entry.plainHex)
    assert.strictEqual(decodeHeartbeat(plain!), entry.node)
    assert.strictEqual(hex(encodeHeartbeat(entry.node)), entry.plainHex)
    if (entry.secret === null) return
    assert.strictEqual(hex(encrypt(plain!, entry.secret, datagram.subarray(0, 16))), entry.datagramHex)
    assert.isUndefined(decrypt(datagram, "another secret") && decodeHeartbeat(decrypt(datagram, "another secret")!))
  })
})

describe("a heartbeat", () => {
  it("is read with each of the four kinds of atom, and whatever stands behind it", () => {
    const name = Buffer.from("a@h")
    const umlaut = [0xe4, ...Buffer.from("@h")]
    const cases: ReadonlyArray<readonly [ReadonlyArray<number>, string]> = [
      [[100, 0, 3, ...name], "a@h"],
      [[115, 3, ...name], "a@h"],
      [[118, 0, 3, ...name], "a@h"],
      [[119, 3, ...name], "a@h"],
      [[119, 3, ...name, 1, 2, 3], "a@h"],
      [[100, 0, 3, ...umlaut], "ä@h"],
      [[119, 4, ...Buffer.from("ä@h")], "ä@h"]
    ]
    for (const [atom, text] of cases) assert.strictEqual(decodeHeartbeat(term(head, node, atom)), text)
    const key = [119, 4, ...Buffer.from("node")]
    assert.strictEqual(decodeHeartbeat(term(head, key, [119, 3, ...name])), "a@h")
  })

  it("of any other shape is none, and cut anywhere neither", () => {
    const name = [100, 0, 3, ...Buffer.from("a@h")]
    const others: ReadonlyArray<ReadonlyArray<number>> = [
      [131, 116, 0, 0, 0, 0],
      [131, 116, 0, 0, 0, 2, ...node, ...name, 100, 0, 1, 97, 97, 1],
      [131, 116, 255, 255, 255, 255, ...node, ...name],
      [131, 80, 0, 0, 0, 20, 120, 156],
      [131, 104, 2, ...node, ...name],
      [...head, ...node, 109, 0, 0, 0, 3, ...Buffer.from("a@h")],
      [...head, ...node, 107, 0, 3, ...Buffer.from("a@h")],
      [...head, ...node, 100, 255, 255, 97],
      [...head, ...node, 119, 2, 0xff, 0xfe],
      [...head, 100, 0, 4, ...Buffer.from("nodo"), ...name],
      [130, 116, 0, 0, 0, 1, ...node, ...name]
    ]
    for (const each of others) assert.isUndefined(decodeHeartbeat(term(each)), String(each))
    const whole = encodeHeartbeat("a@h")
    for (let length = 0; length < whole.length; length++) {
      assert.isUndefined(decodeHeartbeat(whole.subarray(0, length)))
    }
    assert.isUndefined(decodeHeartbeat(Buffer.concat([whole, new Uint8Array(2_000)])))
    for (const length of [0, 15, 16, 31, 33, 47]) assert.isUndefined(decrypt(new Uint8Array(length), "s"))
  })

  it("with random bytes behind the prelude never throws", () => {
    for (let round = 0; round < 20_000; round++) {
      const random = Array.from({ length: round % 60 }, () => Math.floor(Math.random() * 256))
      decodeHeartbeat(round % 2 === 0 ? term(random) : term(head, random))
    }
  })
})

describe("a group that is shared with Elixir nodes", () => {
  const secrets: ReadonlyArray<readonly [string, string | undefined]> = [
    ["without a secret", undefined],
    ["with a secret", "somepassword"]
  ]
  it.live.each(secrets)("%s: both sides see names, and nobody is answered", ([, secret]) =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const wire = yield* tap(group)
      const source = yield* Gossip.make({
        ...group,
        format: "libcluster",
        insecure: true,
        interval: "1 minute",
        ...(secret !== undefined && { secret: Redacted.make(secret) })
      })
      const plain = (packet: Uint8Array) => (secret === undefined ? packet : decrypt(packet, secret))
      const seal = (name: string) =>
        secret === undefined ? encodeHeartbeat(name) : encrypt(encodeHeartbeat(name), secret, new Uint8Array(16))
      const running = yield* run(source, contextOf("a", { keys: [] }))
      yield* until("the first heartbeat", () => wire.packets.length > 0)
      assert.strictEqual(decodeHeartbeat(plain(wire.packets[0]!)!), "a@127.0.0.1")
      const before = yield* counts("gc_gossip_junk", "reason", "a@127.0.0.1")
      const junk = (of: ReadonlyMap<string, number>, reason: string) =>
        (of.get(reason) ?? 0) - (before.get(reason) ?? 0)
      wire.send(new Uint8Array(0))
      wire.send(new Uint8Array(64))
      wire.send(term([1, 2, 3]))
      wire.send(seal("näme@h"))
      wire.send(seal("nil"))
      wire.send(
        secret === undefined ? encrypt(encodeHeartbeat("x@h"), "s", new Uint8Array(16)) : encodeHeartbeat("x@h")
      )
      wire.send(seal("elixir@10.0.0.9"))
      yield* untilLook(running, "elixir@10.0.0.9")
      for (let index = 0; index < 100; index++) wire.send(seal(`n${index}@h`))
      yield* until("64 of them", () => textOf(running.looks.at(-1)).split(", ").length === 64)
      yield* Effect.sleep("100 millis")
      yield* running.stop
      assert.lengthOf(wire.packets, 1 + 7 + 100)
      const after = yield* counts("gc_gossip_junk", "reason", "a@127.0.0.1")
      assert.strictEqual(junk(after, "name"), 2)
      assert.strictEqual(junk(after, "shape") + junk(after, "secret"), 4)
      assert.strictEqual(junk(after, "full"), 37)
    })
  )
})
