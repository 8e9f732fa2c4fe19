import * as Address from "@gc/core/Address"
import type { LinkProof, LinkSecurity } from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import {
  accept,
  addressOf,
  connect,
  dial,
  join,
  keys,
  listen,
  onlyIn,
  numbered,
  reasonOf,
  receiveCount,
  strangerKey,
  type Subject,
  type TransportSection
} from "./subject.ts"

/** What only the two ends of a channel know. */
const bindingOf = (proof: LinkProof): string => {
  if (proof._tag === "Plain") return ""
  const exported =
    proof._tag === "Mtls" ? [proof.channelBinding, Redacted.value(proof.exporterKey)] : [proof.channelBinding]
  for (const bytes of exported) assert.lengthOf(bytes, 32)
  return exported.map((bytes) => Buffer.from(bytes).toString("hex")).join(" ")
}

/** A dial that must not become a connection, and after it one that must. */
const refusedThenServed = Effect.fnUntraced(function* (subject: Subject, wrong: LinkSecurity) {
  const listener = yield* listen(subject)
  const accepting = yield* Effect.forkChild(accept(subject, listener))
  const attempt = Effect.scoped(
    Effect.gen(function* () {
      const near = yield* subject.transport.dial(addressOf(listener), wrong)
      yield* near.send([numbered(9, 13)])
      return yield* Effect.forever(near.receive)
    })
  )
  const exit = yield* subject.soon("the refusal of a wrong dialer", Effect.exit(attempt))
  assert.isTrue(Exit.isFailure(exit) && Exit.hasFails(exit), "it fails with a TransportError")
  assert.isUndefined(accepting.pollUnsafe(), "it is no element of accept")
  const near = yield* dial(subject, listener)
  yield* near.send([numbered(9, 1)])
  yield* receiveCount(subject, yield* Fiber.join(accepting), 1)
})

/** What every mode proves. */
export const proofs: TransportSection = {
  name: "proof",
  checks: [
    {
      name: "both ends prove the mode that was wanted",
      run: Effect.fnUntraced(function* (subject) {
        const { far, near } = yield* connect(subject)
        const expected = { plain: "Plain", psk: "Psk", mtls: "Mtls" }[subject.mode]
        assert.deepStrictEqual([near.proof._tag, far.proof._tag], [expected, expected])
        for (const proof of [near.proof, far.proof]) {
          if (proof._tag === "Psk") assert.strictEqual(proof.identity, keys[0].identity)
        }
      })
    },
    {
      name: "the binding of a channel is known to its two ends and to no other channel",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const [first, second] = [yield* join(subject, listener), yield* join(subject, listener)]
        assert.strictEqual(bindingOf(first.near.proof), bindingOf(first.far.proof))
        assert.strictEqual(bindingOf(second.near.proof), bindingOf(second.far.proof))
        if (subject.mode !== "plain") assert.notStrictEqual(bindingOf(first.near.proof), bindingOf(second.near.proof))
      })
    }
  ]
}

export const psks: TransportSection = {
  name: "pre-shared keys",
  skip: onlyIn("psk"),
  checks: [
    {
      name: "a listener accepts any of its keys",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        for (const key of keys) {
          const security: LinkSecurity = { ...subject.security, psks: [key] }
          const [, far] = yield* Effect.all([dial(subject, listener, security), accept(subject, listener)], {
            concurrency: 2
          })
          assert.strictEqual(far.proof._tag === "Psk" && far.proof.identity, key.identity)
        }
      })
    },
    {
      name: "a dialer with a wrong key gets nowhere, and the listener goes on",
      run: (subject) => refusedThenServed(subject, { ...subject.security, psks: [strangerKey] })
    },
    {
      name: "a dialer with an unknown identity gets nowhere, and the listener goes on",
      run: (subject) =>
        refusedThenServed(subject, { ...subject.security, psks: [{ ...keys[0], identity: "gc1:suite:nobody" }] })
    }
  ]
}

export const plaintext: TransportSection = {
  name: "plaintext",
  skip: (profile) =>
    onlyIn("plain")(profile) ??
    (profile.capabilities.protocols.every((protocol) => Address.isLoopback(Address.make(protocol, "192.0.2.1", 1)))
      ? "its bytes never leave the process"
      : undefined),
  checks: [
    {
      name: "a plain dial beyond loopback is refused unless it is allowed",
      run: Effect.fnUntraced(function* (subject) {
        // RFC 5737: an address for documentation, where nobody is.
        const address = Address.make(subject.capabilities.protocols[0], "192.0.2.1", 4370)
        const dialed = Effect.scoped(subject.transport.dial(address, subject.security))
        assert.strictEqual((yield* reasonOf(subject, "a plain dial", dialed))._tag, "PlaintextRefused")
      })
    }
  ]
}
