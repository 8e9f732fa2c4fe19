/**
 * Somebody in between who holds what TLS asks for, hands the handshake on frame by frame, and may change it.
 */
import { assert, describe, it } from "@effect/vitest"
import type * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import type * as Transport from "@gc/core/Transport"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createHash, hkdfSync } from "node:crypto"
import { cookie, type Node, sees, start } from "./clusterNodes.ts"
import { addressOf, local, material, mtls, plain, withOwnMetrics } from "./support.ts"

/** Frames of a handshake: what the dialer says, and what it hears. */
const messages = ["HELLO", "CHALLENGE", "AUTH", "WELCOME", "READY"] as const
type Message = (typeof messages)[number]
const types: Readonly<Record<number, Message>> = { 1: "HELLO", 2: "CHALLENGE", 3: "AUTH", 4: "WELCOME", 5: "READY" }

type Change = (message: Message, frame: Uint8Array) => Uint8Array

const changed = (frame: Uint8Array, change: Change): Uint8Array => {
  const message = types[frame[0] ?? 0]
  return message === undefined ? frame : change(message, frame)
}

const hand = (from: Transport.Connection, to: Transport.Connection, change: Change) =>
  Effect.forever(
    Effect.flatMap(from.receive, ([first, ...rest]) =>
      to.send([changed(first, change), ...rest.map((frame) => changed(frame, change))])
    )
  )

/** Somebody in between, with streams of this security to both sides; counts whom it reached. */
const between = Effect.fnUntraced(function* (
  target: Address.Address,
  security: Transport.LinkSecurity,
  options: Ws.Options,
  change: Change
) {
  const bindings: Array<string> = []
  const ws = Ws.make(options)
  const listener = yield* ws.listen(security)
  const one = Effect.gen(function* () {
    const near = yield* listener.accept
    const far = yield* ws.dial(target, security)
    for (const { proof } of [near, far]) {
      if (proof._tag !== "Plain") bindings.push(Buffer.from(proof.channelBinding).toString("hex"))
    }
    return yield* Effect.raceFirst(hand(near, far, change), hand(far, near, change))
  })
  yield* Effect.forkScoped(Effect.forever(Effect.ignore(Effect.scoped(one))))
  return { address: addressOf(listener), bindings }
})

const asIs: Change = (_message, frame) => frame

/** Nobody came, nothing was said. */
const unimpressed = Effect.fnUntraced(function* (...nodes: ReadonlyArray<Node>) {
  for (const { cluster, events } of nodes) {
    assert.lengthOf(yield* cluster.members, 1)
    assert.deepStrictEqual(
      events.map(({ _tag }) => _tag),
      ["Up"]
    )
  }
})

/** What TLS takes for this cluster's node: the key that the cookie gives. */
const keyOf = (text: string): Transport.LinkSecurity => {
  const derived = (key: Uint8Array, salt: string, info: string) =>
    Buffer.from(hkdfSync("sha256", key, Buffer.from(salt), info, 32))
  const root = derived(Buffer.from(text.slice(4), "hex"), "gch1 root\0test", "")
  const tag = createHash("sha256").update("gch1-cluster\0test").digest("hex").slice(0, 16)
  const key = Redacted.make(derived(root, "", "gch1 tls-psk"))
  return { mode: "psk", psks: [{ identity: `gc1:${tag}:k0`, key }], allowPlaintext: false }
}

describe("a relay", () => {
  it.live("over two channels of psk is refused by both ends, though TLS takes it for a node", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const a = yield* start("a", { security: "psk" })
        const b = yield* start("b", { security: "psk" })
        const { address, bindings } = yield* between(a.address, keyOf(cookie), local, asIs)
        const error = yield* Effect.flip(b.cluster.connect(Peer.fromAddress(address)))
        assert.strictEqual(error.reason, "auth_failed")
        assert.lengthOf(new Set(bindings), 2, "both streams were secured")
        yield* unimpressed(a, b)
      })
    )
  )

  for (const each of [cookie, undefined]) {
    it.live(
      `over two channels of mtls is refused by both ends, ${each === undefined ? "without" : "with"} a cookie`,
      () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const nodeWith = (name: string) => ({
              security: "mtls" as const,
              cookie: each,
              ws: { ...local, tls: material(name) }
            })
            const a = yield* start("a", { ...nodeWith("node-a"), node: "a@a.test" })
            const b = yield* start("b", { ...nodeWith("node-b"), node: "b@b.test" })
            // It stole the certificate of one of them, and is between them.
            const { address, bindings } = yield* between(a.address, mtls, { ...local, tls: material("node-a") }, asIs)
            const error = yield* Effect.flip(b.cluster.connect(Peer.fromAddress(address)))
            assert.include(["auth_failed", "not_admitted"], error.reason)
            assert.lengthOf(new Set(bindings), 2, "both streams were secured")
            yield* unimpressed(a, b)
          })
        )
    )
  }

  it.live("of plain streams is no more than a proxy: it can hand on, and not change the handshake", () =>
    withOwnMetrics(
      Effect.gen(function* () {
        const a = yield* start("a", { security: "plain" })
        const b = yield* start("b", { security: "plain" })
        const { address } = yield* between(a.address, plain, local, asIs)
        yield* b.cluster.connect(Peer.fromAddress(address))
        for (const node of [a, b]) yield* sees(node, "a", "b")
      })
    )
  )

  for (const message of messages) {
    it.live(
      `that changes a bit of any byte of ${message} is refused, and nothing changes`,
      () =>
        withOwnMetrics(
          Effect.gen(function* () {
            const a = yield* start("a", { security: "plain" })
            const b = yield* start("b", { security: "plain" })
            let [at, length] = [0, 1]
            const { address } = yield* between(a.address, plain, local, (sent, frame) => {
              if (sent !== message) return frame
              length = frame.length
              const copy = Uint8Array.from(frame)
              copy[at]! ^= 1 << (at & 7)
              return copy
            })
            for (; at < length; at++) {
              const exit = yield* Effect.exit(b.cluster.connect(Peer.fromAddress(address)))
              assert.strictEqual(exit._tag, "Failure", `byte ${at} of ${message}`)
            }
            assert.isAbove(length, 30)
            yield* unimpressed(a, b)
          })
        ),
      60_000
    )
  }
})
