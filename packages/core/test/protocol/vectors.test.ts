import { assert, describe, it } from "@effect/vitest"
import { fromHex, toHex } from "../../src/protocol/bytes.ts"
import type { Decision } from "../../src/protocol/decisions.ts"
import { withPrefix } from "../../src/protocol/frames.ts"
import { type HandshakeConfig, hashNext } from "../../src/protocol/handshake.ts"
import { decodeReject, encodeReject } from "../../src/protocol/handshakeFrames.ts"
import { decodeIdentity, encodeIdentity, type Identity } from "../../src/protocol/identity.ts"
import { deriveKeys, deriveRoot, parseCookie } from "../../src/protocol/keys.ts"
import { type HandshakeVector, handshakeVectors, rejectVectors, type VectorNode } from "../vectors/gch1.ts"
import { messages, runPair, zeros } from "./handshakePair.ts"

const bytes = (hex: string | undefined): Uint8Array => {
  const value = fromHex(hex ?? "?")
  if (value === undefined) throw new Error(`not hexadecimal: ${hex}`)
  return value
}

const identityOf = (node: VectorNode, cluster: string): Identity => ({
  name: node.name,
  instance: node.instance,
  generation: node.generation,
  attempt: node.attempt,
  cluster,
  ...(node.dialed !== undefined && { dialed: node.dialed }),
  capabilities: BigInt(node.capabilities),
  addresses: node.addresses ?? []
})

const configOf = async (vector: HandshakeVector): Promise<HandshakeConfig> => {
  const cookie = parseCookie(vector.cookie)
  if (!cookie.ok) throw new Error(cookie.reason)
  return {
    cluster: vector.cluster,
    mode: vector.mode,
    channelBinding: vector.mode === 0 ? zeros : bytes(vector.exporter),
    keyring: [{ label: vector.label, keys: deriveKeys(await deriveRoot(cookie.value, vector.cluster)) }]
  }
}

const replay = async (vector: HandshakeVector) => {
  const config = await configOf(vector)
  const { knownGeneration } = vector.responder
  return runPair({
    initiator: config,
    responder: config,
    dialer: identityOf(vector.initiator, vector.cluster),
    acceptor: identityOf(vector.responder, vector.cluster),
    ni: bytes(vector.Ni),
    nr: bytes(vector.Nr),
    welcome: {
      decision: vector.decision as Decision,
      retryAfterMs: vector.retryAfterMs,
      ...(knownGeneration !== undefined && { knownGeneration })
    },
    ready: { decision: (vector.readyDecision ?? 0) as Decision, retryAfterMs: vector.readyRetryAfterMs ?? 0 }
  })
}

describe("the vectors of GCH/1", () => {
  it.for(handshakeVectors)("$what: every frame byte for byte", async (vector) => {
    const { frames } = await replay(vector)
    for (const message of messages) {
      const frame = frames.get(message)
      assert.strictEqual(frame && toHex(withPrefix(frame)), vector.expect[message], message)
    }
  })

  it.for(handshakeVectors)("$what: transcript hashes and connection id", async (vector) => {
    const { connectionId, frames, responder } = await replay(vector)
    assert.strictEqual(connectionId, vector.expect["connectionId"])
    const ready = responder.find((step) => step._tag === "Ready")
    if (ready !== undefined) assert.strictEqual(ready.connectionId(), vector.expect["connectionId"])
    const [auth, welcome] = [frames.get("AUTH"), frames.get("WELCOME")]
    const authenticating = responder.find((step) => step._tag === "Send")
    assert.strictEqual(toHex(authenticating?.state.th2 ?? zeros), vector.expect["TH2"])
    if (auth === undefined || welcome === undefined) throw new Error("the handshake ended early")
    const th3 = hashNext(bytes(vector.expect["TH2"]), auth)
    assert.strictEqual(toHex(th3), vector.expect["TH3"])
    assert.strictEqual(toHex(hashNext(th3, welcome)), vector.expect["TH4"])
  })

  it.for(handshakeVectors)("$what: identities decode to what they were", (vector) => {
    const { knownGeneration } = vector.responder
    const initiator = identityOf(vector.initiator, vector.cluster)
    const responder = {
      ...identityOf(vector.responder, vector.cluster),
      ...(knownGeneration !== undefined && { knownGeneration })
    }
    for (const [message, identity] of [
      ["AUTH", initiator],
      ["WELCOME", responder]
    ] as const) {
      const wire = bytes(vector.expect[message])
      const record = wire.subarray(7, 7 + new DataView(wire.buffer).getUint16(5))
      assert.deepStrictEqual(decodeIdentity(record), { ok: true, value: identity })
      assert.strictEqual(toHex(encodeIdentity(identity)), toHex(record))
    }
  })

  it("stale_incarnation tells the initiator the known generation, and no READY follows", async () => {
    const vector = handshakeVectors.find((candidate) => candidate.decision === 0x103)
    if (vector === undefined) throw new Error("the vector is gone")
    const { frames, initiator } = await replay(vector)
    const last = initiator.at(-1)
    assert.isFalse(frames.has("READY"))
    if (last?._tag !== "Refused") throw new Error(`not refused: ${last?._tag}`)
    assert.strictEqual(last.code, 0x103)
    assert.strictEqual(last.knownGeneration, 1_750_000_009_999)
  })

  it("a refusal in READY reaches the responder", async () => {
    const vector = handshakeVectors.find((candidate) => candidate.readyDecision === 0x102)
    if (vector === undefined) throw new Error("the vector is gone")
    const last = (await replay(vector)).responder.at(-1)
    if (last?._tag !== "Refused") throw new Error(`not refused: ${last?._tag}`)
    assert.strictEqual(last.code, 0x102)
    assert.strictEqual(last.retryAfterMs, 1000)
  })

  it.for(rejectVectors)("$what", (vector) => {
    const frame = encodeReject({ code: 2, retryAfterMs: 250 })
    assert.strictEqual(toHex(withPrefix(frame)), vector.expect.REJECT)
    assert.deepStrictEqual(decodeReject(frame), { ok: true, value: { code: 2, retryAfterMs: 250 } })
  })
})
