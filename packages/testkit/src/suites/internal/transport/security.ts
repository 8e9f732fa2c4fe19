import * as Address from "@gc/core/Address"
import { type LinkProof, type LinkSecurity, type Listener, Transport } from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
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

/** Dials and says something, and goes on until it is told off. */
const greet = (dialer: Transport["Service"], listener: Listener, { security }: { readonly security: LinkSecurity }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const near = yield* dialer.dial(addressOf(listener), security)
      yield* near.send([numbered(9, 13)])
      return yield* Effect.forever(near.receive)
    })
  )

/** A dial that must not become a connection, and after it one that must. */
const refusedThenServed = Effect.fnUntraced(function* (
  subject: Subject,
  wrong: LinkSecurity,
  dialer = subject.transport
) {
  const listener = yield* listen(subject)
  const accepting = yield* Effect.forkChild(accept(subject, listener))
  const attempt = greet(dialer, listener, { security: wrong })
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
      name: "without a key nothing is opened",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        const without: LinkSecurity = { ...subject.security, psks: [] }
        const opened = [
          Effect.scoped(subject.transport.listen(without)),
          Effect.scoped(subject.transport.dial(addressOf(listener), without))
        ]
        for (const open of opened) {
          const reason = yield* reasonOf(subject, "opening without a key", open)
          assert.strictEqual(reason._tag, "SecurityFailed")
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

const plain: LinkSecurity = { mode: "plain", psks: [], allowPlaintext: false }

export const downgrades: TransportSection = {
  name: "downgrades",
  skip: ({ capabilities, mode }) =>
    mode !== "plain" && capabilities.modes.includes("plain") ? undefined : "it does not do plain and another mode",
  checks: [
    {
      name: "a dialer in plain mode gets nowhere, and the listener goes on",
      run: Effect.fnUntraced(function* (subject) {
        for (const protocol of subject.capabilities.protocols) {
          yield* refusedThenServed(subject, plain, {
            ...subject.transport,
            dial: (address: Address.Address, security: LinkSecurity) =>
              subject.transport.dial({ ...address, protocol }, security)
          })
        }
      })
    },
    {
      name: "a listener in plain mode is no connection for who wants more",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen({ ...subject, security: plain })
        const serve = Effect.flatMap(listener.accept, (far) => Effect.forever(far.receive))
        yield* Effect.forkScoped(Effect.forever(Effect.ignore(Effect.scoped(serve))))
        for (const protocol of subject.capabilities.protocols) {
          const address = { ...addressOf(listener), protocol }
          const dialed = Effect.scoped(subject.transport.dial(address, subject.security))
          yield* reasonOf(subject, `a dial to ${Address.format(address)}`, dialed)
        }
      })
    }
  ]
}

export const strangers: TransportSection = {
  name: "strangers",
  skip: (profile) =>
    onlyIn("mtls")(profile) ?? (profile.capabilities.stranger === undefined ? "it was given no stranger" : undefined),
  checks: [
    {
      name: "a stranger who dials gets nowhere, and the listener goes on",
      run: Effect.fnUntraced(function* (subject) {
        const stranger = yield* strangerOf(subject)
        yield* refusedThenServed(subject, subject.security, stranger.transport)
      })
    },
    {
      name: "a stranger who is dialed gets nothing",
      run: Effect.fnUntraced(function* (subject) {
        const stranger = yield* strangerOf(subject)
        const listener = yield* listen(stranger)
        const accepting = yield* Effect.forkChild(accept(stranger, listener))
        const exit = yield* subject.soon(
          "the refusal of a stranger",
          Effect.exit(greet(subject.transport, listener, subject))
        )
        assert.isTrue(Exit.isFailure(exit) && Exit.hasFails(exit), "it fails with a TransportError")
        assert.isUndefined(accepting.pollUnsafe(), "it is no element of accept")
      })
    }
  ]
}

const strangerOf = (subject: Subject) =>
  Effect.map(Layer.build(subject.capabilities.stranger!), (context): Subject => ({
    ...subject,
    transport: Context.get(context, Transport)
  }))

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
