import { assert, describe, it } from "@effect/vitest"
import { concat } from "../../src/protocol/bytes.ts"
import { checkPeer } from "../../src/protocol/checks.ts"
import { codes } from "../../src/protocol/decisions.ts"
import { type Frame, frameType } from "../../src/protocol/frames.ts"
import type { HandshakeConfig } from "../../src/protocol/handshake.ts"
import * as Initiator from "../../src/protocol/handshakeInitiator.ts"
import { clusterTag } from "../../src/protocol/keys.ts"
import {
  alice,
  bytes32,
  config,
  keysOf,
  type Message,
  messages,
  type PairOptions,
  type PairResult,
  runPair,
  zeros
} from "./handshakePair.ts"

const tags = (steps: ReadonlyArray<{ readonly _tag: string }>) => steps.map((step) => step._tag)

const frameFrom = (result: PairResult, message: Message): Frame => {
  const frame = result.frames.get(message)
  if (frame === undefined) throw new Error(`no ${message} was sent`)
  return frame
}

/** Steps that would mean that somebody believed a frame that was not the sender's. */
const believed = (result: PairResult, tampered: Message): ReadonlyArray<string> => {
  const found = [...tags(result.responder), ...tags(result.initiator)]
  const late =
    tampered === "WELCOME" || tampered === "READY"
      ? ["Ready", "Refused"]
      : ["Authenticated", "Welcomed", "Ready", "Refused"]
  const steps = tampered === "WELCOME" ? ["Welcomed", ...late] : late
  return found.filter((tag) => steps.includes(tag))
}

const flipped = (bit: number) => (wire: Uint8Array) => {
  const copy = wire.slice()
  const at = bit >> 3
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7))
  return copy
}

const scenarios: ReadonlyArray<readonly [what: string, options: PairOptions, messages: ReadonlyArray<Message>]> = [
  ["that succeeds", {}, messages],
  ["that the responder refuses", { welcome: { decision: codes.stale_incarnation, knownGeneration: 9 } }, ["WELCOME"]],
  ["that the initiator refuses", { ready: { decision: codes.name_conflict, retryAfterMs: 1000 } }, ["READY"]]
]

describe("every single bit of a handshake", () => {
  const cases = scenarios.flatMap(([what, options, changed]) =>
    changed.map((message) => [message, what, options] as const)
  )
  it.for(cases)("in %s of one %s: flipped, it is refused", ([message, , options]) => {
    const bits = (frameFrom(runPair(options), message).length + 4) * 8
    let flips = 0
    for (let bit = 0; bit < bits; bit++) {
      const flip = flipped(bit)
      const tamper = (sent: Message, wire: Uint8Array) => {
        if (sent !== message) return wire
        flips++
        return flip(wire)
      }
      assert.deepStrictEqual(believed(runPair({ ...options, tamper }), message), [], `bit ${bit} of ${message}`)
    }
    assert.strictEqual(flips, bits)
  })

  it("unflipped, is believed: the check above can fail", () => {
    for (const message of messages) assert.isNotEmpty(believed(runPair(), message))
  })
})

const replacing = (changes: Partial<Record<Message, Frame>>) => (message: Message, wire: Uint8Array) => {
  const frame = changes[message]
  return frame === undefined ? wire : concat(Uint8Array.of(0, 0, frame.length >> 8, frame.length & 255), frame)
}

describe("replay", () => {
  const recorded = runPair()
  const again = { ni: bytes32("another Ni"), nr: bytes32("another Nr") }

  it("of a whole dialer is refused by a fresh nonce", () => {
    const changes = { HELLO: frameFrom(recorded, "HELLO"), AUTH: frameFrom(recorded, "AUTH") }
    const result = runPair({ nr: again.nr, tamper: replacing(changes) })
    assert.deepStrictEqual(tags(result.responder), ["Send", "Failed"])
  })

  it("of a whole responder is refused by a fresh nonce", () => {
    const changes = { CHALLENGE: frameFrom(recorded, "CHALLENGE"), WELCOME: frameFrom(recorded, "WELCOME") }
    const hello = Initiator.start({ config, identity: alice, nonce: again.ni })
    const sent = Initiator.receive(hello.state, changes.CHALLENGE)
    assert.strictEqual(sent._tag, "Send")
    const step = sent._tag === "Send" ? Initiator.receive(sent.state, changes.WELCOME) : sent
    assert.strictEqual(step._tag === "Failed" && step.code, codes.auth_failed)
  })

  it.for(messages)("of %s alone is refused", (message) => {
    const result = runPair({ ...again, tamper: replacing({ [message]: frameFrom(recorded, message) }) })
    assert.deepStrictEqual(believed(result, message), [])
  })

  it("of a READY that agreed, in place of one that refused, is refused", () => {
    const tamper = replacing({ READY: frameFrom(recorded, "READY") })
    const result = runPair({ ...again, tamper, ready: { decision: codes.name_conflict } })
    assert.deepStrictEqual(tags(result.responder), ["Send", "Authenticated", "Failed"])
  })
})

describe("reflection", () => {
  it("of an initiator's own frames is refused, as they are and retyped", () => {
    const hello = Initiator.start({ config, identity: alice, nonce: bytes32("Ni") })
    assert.strictEqual(Initiator.receive(hello.state, hello.frame)._tag, "Failed")
    const echo = concat(Uint8Array.of(frameType.challenge, 1, 1, 1), bytes32("Ni"))
    const sent = Initiator.receive(hello.state, echo)
    if (sent._tag !== "Send") throw new Error("an echoed nonce alone proves nothing")
    assert.strictEqual(Initiator.receive(sent.state, sent.frame)._tag, "Failed")
    const retyped = sent.frame.slice()
    retyped[0] = frameType.welcome
    assert.strictEqual(Initiator.receive(sent.state, retyped)._tag, "Failed")
  })

  it("of a dialer to its own listener is told as self_connect", () => {
    const [, authenticated] = runPair({ acceptor: alice }).responder
    if (authenticated?._tag !== "Authenticated") throw new Error("both ends hold the cookie")
    assert.strictEqual(checkPeer(alice, authenticated.peer, alice.generation), codes.self_connect)
  })

  it("of WELCOME as AUTH and back is refused: each direction has its key", () => {
    const recorded = runPair()
    const auth = frameFrom(recorded, "AUTH").slice()
    const welcome = frameFrom(recorded, "WELCOME").slice()
    auth[0] = frameType.welcome
    welcome[0] = frameType.auth
    assert.deepStrictEqual(tags(runPair({ tamper: replacing({ WELCOME: auth }) }).initiator), ["Send", "Failed"])
    assert.deepStrictEqual(tags(runPair({ tamper: replacing({ AUTH: welcome }) }).responder), ["Send", "Failed"])
  })
})

describe("a handshake between two that do not share everything", () => {
  const differing = (initiator: HandshakeConfig, responder: HandshakeConfig, tamper?: PairOptions["tamper"]) => {
    const result = runPair({ initiator, responder, ...(tamper && { tamper }) })
    const last = result.responder.at(-1)
    assert.notInclude(tags(result.responder), "Authenticated")
    assert.notInclude(tags(result.initiator), "Welcomed")
    return last?._tag === "Failed" ? last.code : last?._tag
  }
  const patched = (message: Message, at: number, bytes: Uint8Array) => (sent: Message, wire: Uint8Array) => {
    if (sent !== message) return wire
    const copy = wire.slice()
    copy.set(bytes, at)
    return copy
  }
  const modeAt = { HELLO: 4 + 7, CHALLENGE: 4 + 3 }
  const plain: HandshakeConfig = { ...config, mode: 0, channelBinding: zeros }

  it("is refused when relayed over another channel", () => {
    assert.strictEqual(
      differing(config, { ...config, channelBinding: bytes32("another connection") }),
      codes.auth_failed
    )
  })

  it("is refused with another cookie under the same label", () => {
    const keyring = [{ label: "k0", keys: keysOf("another cookie") }]
    assert.strictEqual(differing(config, { ...config, keyring }), codes.auth_failed)
  })

  it("is refused when only the direction's key or only the other's is right", () => {
    const [entry] = config.keyring
    if (entry === undefined) throw new Error("no key")
    const other = keysOf("another cookie")
    const with_ = (keys: Partial<typeof other>) => ({
      ...config,
      keyring: [{ ...entry, keys: { ...entry.keys, ...keys } }]
    })
    assert.strictEqual(runPair({ responder: with_({ initiator: other.initiator }) }).responder.at(-1)?._tag, "Failed")
    assert.strictEqual(runPair({ responder: with_({ responder: other.responder }) }).initiator.at(-1)?._tag, "Failed")
    assert.strictEqual(runPair({ responder: with_({ ready: other.ready }) }).responder.at(-1)?._tag, "Failed")
  })

  it("is refused in another cluster, also when somebody forges its tag", () => {
    const billing = { ...config, cluster: "billing" }
    assert.strictEqual(differing(config, billing), codes.cluster_mismatch)
    assert.strictEqual(differing(config, billing, patched("HELLO", 4 + 10, clusterTag("billing"))), codes.auth_failed)
  })

  it("is refused when the mode is stripped in HELLO", () => {
    assert.strictEqual(differing(config, config, patched("HELLO", modeAt.HELLO, Uint8Array.of(0))), codes.auth_failed)
  })

  it("is refused when a plain side is made to believe in the other's mode, and back", () => {
    const lie = (toResponder: number, toInitiator: number) => (sent: Message, wire: Uint8Array) => {
      const first = patched("HELLO", modeAt.HELLO, Uint8Array.of(toResponder))(sent, wire)
      return patched("CHALLENGE", modeAt.CHALLENGE, Uint8Array.of(toInitiator))(sent, first)
    }
    assert.strictEqual(differing(config, plain, lie(0, 1)), codes.auth_failed)
    assert.strictEqual(differing(plain, config, lie(1, 0)), codes.auth_failed)
    assert.strictEqual(differing(config, plain), codes.auth_failed)
    assert.strictEqual(differing(plain, config), codes.auth_failed)
  })
})
