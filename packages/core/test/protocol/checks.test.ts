import { assert, describe, it } from "@effect/vitest"
import { checkPeer } from "../../src/protocol/checks.ts"
import { codes } from "../../src/protocol/decisions.ts"
import type { Identity } from "../../src/protocol/identity.ts"
import { alice, bob } from "./handshakePair.ts"

const now = 1_750_000_100_000
const day = 86_400_000

describe("checks after authentication", () => {
  it("let a fitting peer in, on both sides", () => {
    assert.strictEqual(checkPeer(alice, bob, now), 0)
    assert.strictEqual(checkPeer(bob, alice, now), 0)
    assert.strictEqual(checkPeer(bob, { ...alice, dialed: "" }, now), 0)
  })

  const refused: ReadonlyArray<readonly [what: string, change: Partial<Identity>, code: number]> = [
    ["another cluster", { cluster: "billing" }, codes.cluster_mismatch],
    ["our own instance", { instance: bob.instance }, codes.self_connect],
    ["a dialer that expected another name", { dialed: "c@10.0.0.2" }, codes.name_mismatch],
    ["a name that is none", { name: "a" }, codes.malformed],
    ["a name that is not canonical", { name: "a@ROSA" }, codes.malformed],
    ["an address that is none", { addresses: ["tcp://h"] }, codes.malformed],
    ["a generation too far ahead", { generation: now + day + 1 }, codes.malformed],
    ["a generation that is no integer", { generation: Number.NaN }, codes.malformed],
    ["a negative generation", { generation: -1 }, codes.malformed],
    ["a requirement we do not meet", { required: 3n }, codes.capability_missing]
  ]

  it.for(refused)("refuse %s", ([, change, code]) => {
    assert.strictEqual(checkPeer(bob, { ...alice, ...change }, now), code)
  })

  it("refuse an answer from another node than the dialed one", () => {
    assert.strictEqual(checkPeer(alice, { ...bob, name: "c@10.0.0.2" }, now), codes.name_mismatch)
  })

  it("refuse a peer that lacks what we require", () => {
    assert.strictEqual(checkPeer({ ...bob, required: 2n }, alice, now), codes.capability_missing)
    assert.strictEqual(checkPeer({ ...bob, required: 2n }, { ...alice, capabilities: 6n }, now), 0)
  })

  it("allow a generation 24 hours ahead", () => {
    assert.strictEqual(checkPeer(bob, { ...alice, generation: now + day }, now), 0)
  })

  it("call a node that reached itself under another name self_connect, not name_mismatch", () => {
    assert.strictEqual(checkPeer(alice, { ...bob, instance: alice.instance, name: "x@h" }, now), codes.self_connect)
  })
})
