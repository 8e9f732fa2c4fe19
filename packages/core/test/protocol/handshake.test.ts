import { assert, describe, it } from "@effect/vitest"
import { codes, type Decision } from "../../src/protocol/decisions.ts"
import { frameType } from "../../src/protocol/frames.ts"
import { type HandshakeConfig, seal } from "../../src/protocol/handshake.ts"
import {
  decodeHello,
  encodeChallenge,
  encodeHello,
  encodeReject,
  encodeWelcome,
  type Hello
} from "../../src/protocol/handshakeFrames.ts"
import * as Initiator from "../../src/protocol/handshakeInitiator.ts"
import * as Responder from "../../src/protocol/handshakeResponder.ts"
import { encodeIdentity, type Identity } from "../../src/protocol/identity.ts"
import { alice, bob, bytes32, config, keysOf, runPair, zeros } from "./handshakePair.ts"

const begin = () => Initiator.start({ config, identity: alice, nonce: bytes32("Ni") })
const accept = (over: HandshakeConfig = config) => Responder.accept({ config: over, nonce: bytes32("Nr") })

const helloWith = (change: Partial<Hello>) => {
  const hello = decodeHello(begin().frame)
  if (!hello.ok) throw new Error(hello.reason)
  return encodeHello({ ...hello.value, ...change })
}

const verdict = (step: Initiator.InitiatorStep | Responder.ResponderStep | undefined) =>
  step?._tag === "Failed" || step?._tag === "Refused" || step?._tag === "Rejected" ? [step._tag, step.code] : step?._tag

describe("a handshake", () => {
  it("ends with both sides knowing each other and one connection id", () => {
    const { connectionId, initiator, responder } = runPair()
    assert.deepStrictEqual(
      initiator.map((step) => step._tag),
      ["Send", "Welcomed"]
    )
    assert.deepStrictEqual(
      responder.map((step) => step._tag),
      ["Send", "Authenticated", "Ready"]
    )
    const [, welcomed] = initiator
    const [, authenticated, ready] = responder
    assert.deepStrictEqual(welcomed?._tag === "Welcomed" && welcomed.peer, bob)
    assert.deepStrictEqual(authenticated?._tag === "Authenticated" && authenticated.peer, alice)
    assert.strictEqual(authenticated?._tag === "Authenticated" && authenticated.label, "k0")
    assert.strictEqual(ready?._tag === "Ready" && ready.connectionId(), connectionId)
    assert.deepStrictEqual(ready?._tag === "Ready" && ready.peer, alice)
    assert.match(connectionId ?? "", /^[0-9a-f]{32}$/)
  })

  it.for([0, 1, 2] as const)("works in mode %i", (mode) => {
    const own = { ...config, mode, channelBinding: mode === 0 ? zeros : config.channelBinding }
    assert.strictEqual(runPair({ initiator: own, responder: own }).responder.at(-1)?._tag, "Ready")
  })

  it("without a dialed name sends an empty one", () => {
    const { dialed: _, ...dialer } = alice
    const [, authenticated] = runPair({ dialer }).responder
    assert.deepStrictEqual(authenticated?._tag === "Authenticated" && authenticated.peer, { ...dialer, dialed: "" })
  })

  it("tells the initiator why it is refused, and ends there", () => {
    const welcome = { decision: codes.stale_incarnation, retryAfterMs: 7, knownGeneration: 9 } as const
    const { frames, initiator } = runPair({ welcome })
    const peer = { ...bob, knownGeneration: 9 }
    const refused = { _tag: "Refused", peer, code: 0x103, retryAfterMs: 7, knownGeneration: 9 }
    assert.deepStrictEqual(initiator.at(-1), refused as Initiator.InitiatorStep)
    assert.isFalse(frames.has("READY"))
  })

  it("tells the responder why it is refused", () => {
    const ready = { decision: codes.name_conflict, retryAfterMs: 1000 }
    const refused = { _tag: "Refused", peer: alice, code: 0x102, retryAfterMs: 1000 }
    assert.deepStrictEqual(runPair({ ready }).responder.at(-1), refused as Responder.ResponderStep)
    const stale = runPair({ ready: { decision: codes.stale_incarnation, knownGeneration: 9 } }).responder.at(-1)
    assert.strictEqual(stale?._tag === "Refused" && stale.knownGeneration, 9)
  })

  it("passes on a decision that a later version added", () => {
    const last = runPair({ welcome: { decision: 0x1ff as Decision } }).initiator.at(-1)
    assert.deepStrictEqual(verdict(last), ["Refused", 0x1ff])
  })

  it("works in every order of a rotation of two cookies", () => {
    const [old, fresh] = [
      { label: "k0", keys: keysOf("cookie") },
      { label: "k1", keys: keysOf("fresh cookie") }
    ]
    const keyrings = [[old], [old, fresh], [fresh, old], [fresh]]
    for (const [ours, mine] of keyrings.entries()) {
      for (const [theirs, yours] of keyrings.entries()) {
        const result = runPair({ initiator: { ...config, keyring: mine }, responder: { ...config, keyring: yours } })
        const shared = yours.some((entry) => entry.label === mine[0]?.label)
        assert.strictEqual(result.responder.at(-1)?._tag, shared ? "Ready" : "Failed", `${ours} dials ${theirs}`)
      }
    }
  })

  it("refuses configurations that cannot be meant", () => {
    const entry = { label: "k0", keys: keysOf("cookie") }
    const wrong: ReadonlyArray<Partial<HandshakeConfig>> = [
      { mode: 0 },
      { channelBinding: zeros },
      { channelBinding: new Uint8Array(31).fill(1) },
      { keyring: [] },
      { keyring: [entry, entry] },
      { keyring: [entry, { ...entry, label: "k1" }, { ...entry, label: "k2" }] }
    ]
    for (const change of wrong) {
      assert.throws(() => accept({ ...config, ...change }), RangeError)
      assert.throws(() => runPair({ initiator: { ...config, ...change } }), RangeError)
    }
    assert.throws(() => Responder.accept({ config, nonce: new Uint8Array(16) }), RangeError)
    assert.throws(() => Initiator.start({ config, identity: alice, nonce: new Uint8Array(16) }), RangeError)
  })
})

describe("HELLO", () => {
  const hellos: ReadonlyArray<readonly [what: string, change: Partial<Hello>, code: number]> = [
    ["only later versions", { verMin: 2, verMax: 3 }, codes.version_unsupported],
    ["no version", { verMin: 2, verMax: 1 }, codes.malformed],
    ["unknown suites only", { suites: [2, 3] }, codes.version_unsupported],
    ["no suite", { suites: [] }, codes.version_unsupported],
    ["another cluster", { clusterTag: new Uint8Array(8) }, codes.cluster_mismatch],
    ["the mode stripped", { mode: 0 }, codes.auth_failed],
    ["an unknown mode", { mode: 3 }, codes.auth_failed],
    ["an unknown label", { label: "k1" }, codes.auth_failed],
    ["a short nonce", { nonce: new Uint8Array(31) }, codes.malformed],
    ["a long nonce", { nonce: new Uint8Array(33) }, codes.malformed]
  ]
  it.for(hellos)("with %s is rejected", ([, change, code]) => {
    const step = Responder.receive(accept(), helloWith(change))
    assert.deepStrictEqual(verdict(step), ["Failed", code])
    assert.deepStrictEqual(step._tag === "Failed" && step.reject, encodeReject({ code: code as 1, retryAfterMs: 0 }))
  })

  it("of a later version may look different behind its versions", () => {
    const hello = Uint8Array.of(1, 0x47, 0x43, 0x48, 0x31, 2, 9)
    assert.deepStrictEqual(verdict(Responder.receive(accept(), hello)), ["Failed", codes.version_unsupported])
  })

  it("may offer further versions and suites", () => {
    const hello = helloWith({ verMin: 0, verMax: 9, suites: [7, 1] })
    assert.strictEqual(Responder.receive(accept(), hello)._tag, "Send")
  })
})

describe("CHALLENGE", () => {
  const challenge = { version: 1, suite: 1, mode: 1, nonce: bytes32("Nr") }
  const challenges = [
    ["a version not offered", { version: 2 }, codes.version_unsupported],
    ["a suite not offered", { suite: 2 }, codes.version_unsupported],
    ["the mode stripped", { mode: 0 }, codes.auth_failed],
    ["an unknown mode", { mode: 7 }, codes.auth_failed],
    ["a short nonce", { nonce: new Uint8Array(31) }, codes.malformed]
  ] as const
  it.for(challenges)("with %s ends the handshake", ([, change, code]) => {
    const step = Initiator.receive(begin().state, encodeChallenge({ ...challenge, ...change }))
    assert.deepStrictEqual(verdict(step), ["Failed", code])
  })
})

describe("a frame out of order", () => {
  const { frames, initiator, responder } = runPair()
  const oversized = (type: number) => new Uint8Array(4097).fill(type, 0, 1)
  const all = [...frames.values(), Uint8Array.of(frameType.meta), new Uint8Array(0), new Uint8Array(9).fill(0xff)]

  const expectOnly = (due: number, states: ReadonlyArray<Responder.ResponderState>) => {
    for (const state of states) {
      for (const frame of [...all.filter((candidate) => candidate[0] !== due), oversized(due)]) {
        assert.deepStrictEqual(verdict(Responder.receive(state, frame)), ["Failed", codes.malformed])
      }
    }
  }

  it("ends the responder's side in every state", () => {
    const [challenged, authenticated] = responder
    if (challenged?._tag !== "Send" || authenticated?._tag !== "Authenticated") throw new Error("no handshake")
    const decided = Responder.welcome(authenticated.state, { identity: bob, decision: 0 })
    const denied = Responder.welcome(authenticated.state, { identity: bob, decision: codes.not_admitted })
    expectOnly(frameType.hello, [accept()])
    expectOnly(frameType.auth, [challenged.state])
    expectOnly(frameType.ready, [decided.state])
    expectOnly(-1, [authenticated.state, denied.state])
  })

  it("ends the initiator's side in every state", () => {
    const [sent] = initiator
    if (sent?._tag !== "Send") throw new Error("no handshake")
    const states = [
      [begin().state, frameType.challenge],
      [sent.state, frameType.welcome]
    ] as const
    for (const [state, due] of states) {
      for (const frame of [...all.filter((candidate) => candidate[0] !== due), oversized(due)]) {
        assert.deepStrictEqual(verdict(Initiator.receive(state, frame)), ["Failed", codes.malformed])
      }
    }
  })
})

describe("REJECT", () => {
  it("reaches the initiator before CHALLENGE and before WELCOME", () => {
    const reject = encodeReject({ code: codes.busy, retryAfterMs: 250 })
    const [sent] = runPair().initiator
    for (const state of [begin().state, ...(sent?._tag === "Send" ? [sent.state] : [])]) {
      assert.deepStrictEqual(Initiator.receive(state, reject), {
        _tag: "Rejected",
        code: codes.busy,
        retryAfterMs: 250
      })
    }
  })

  it("never delays by more than 30 s", () => {
    const step = Initiator.receive(begin().state, encodeReject({ code: codes.auth_failed, retryAfterMs: 0xffff_ffff }))
    assert.strictEqual(step._tag === "Rejected" && step.retryAfterMs, 30_000)
  })

  it("cannot carry an authenticated decision", () => {
    const reject = encodeReject({ code: 0x107 as 1, retryAfterMs: 0 })
    assert.deepStrictEqual(verdict(Initiator.receive(begin().state, reject)), ["Failed", codes.malformed])
  })
})

describe("WELCOME", () => {
  it("leaves out what an identity holds for dialing", () => {
    const acceptor = { ...bob, attempt: 5, dialed: "c@h", knownGeneration: 1 }
    const [, welcomed] = runPair({ acceptor }).initiator
    assert.deepStrictEqual(welcomed?._tag === "Welcomed" && welcomed.peer, bob)
  })

  it("with what only a dialer says of itself is malformed", () => {
    const { initiator, responder } = runPair()
    const [sent] = initiator
    const [, authenticated] = responder
    if (sent?._tag !== "Send" || authenticated?._tag !== "Authenticated") throw new Error("no handshake")
    const { entry, th3 } = authenticated.state
    const welcomeOf = (identity: Identity) => {
      const frame = encodeWelcome({ identity: encodeIdentity(identity), decision: 0, retryAfterMs: 0 })
      return Initiator.receive(sent.state, seal(entry.keys.responder, "gch1 welcome", th3, frame))
    }
    assert.deepStrictEqual(verdict(welcomeOf(bob)), "Welcomed")
    assert.deepStrictEqual(verdict(welcomeOf({ ...bob, attempt: 1 })), ["Failed", codes.malformed])
    assert.deepStrictEqual(verdict(welcomeOf({ ...bob, dialed: "" })), ["Failed", codes.malformed])
  })
})

describe("a malformed identity under a right MAC", () => {
  it("does not come from length: the longest identity fits a frame", () => {
    const addresses = Array.from({ length: 8 }, () => "x".repeat(255))
    assert.isBelow(encodeIdentity({ ...alice, addresses }).length, 4096)
    assert.strictEqual(runPair({ dialer: { ...alice, addresses } }).responder.at(-1)?._tag, "Ready")
  })

  const unsound: ReadonlyArray<readonly [what: string, identity: Identity]> = [
    ["a name with a blank", { ...alice, name: "a b@h" }],
    ["an empty address", { ...alice, addresses: [""] }]
  ]
  it.for(unsound)("ends the handshake: %s", ([, identity]) => {
    assert.deepStrictEqual(verdict(runPair({ dialer: identity }).responder.at(-1)), ["Failed", codes.malformed])
    assert.deepStrictEqual(verdict(runPair({ acceptor: identity }).initiator.at(-1)), ["Failed", codes.malformed])
  })
})
