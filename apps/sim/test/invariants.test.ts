import { defaultBackoff, initial, type MemberEvent, type Output, presets } from "@gc/core/protocol"
import { describe, expect, it } from "vitest"
import { Invariants } from "../src/invariants.ts"

const state = initial({
  self: { cluster: "c", name: "a@h", instance: "0".repeat(32), generation: 1, addresses: [], capabilities: 0n },
  options: {
    figures: presets.lan,
    reconnect: defaultBackoff,
    refreshInterval: 5_000,
    onRemoved: "keep",
    peerExchange: true,
    maxMembers: 10
  },
  seed: 1,
  now: 0
})

const broken = (...events: ReadonlyArray<readonly [tag: MemberEvent["_tag"], life?: string, generation?: number]>) => {
  const invariants = new Invariants()
  const outputs = events.map(([tag, instance = "1", generation = 1]): Output => {
    const member = { name: "b@h", instance, generation, addresses: [], metadata: {}, state: "alive" } as const
    if (tag === "Down") return { _tag: "Event", event: { _tag: tag, member, reason: "timeout" } }
    if (tag === "NameConflict") return { _tag: "Event", event: { _tag: tag, member, instance } }
    return { _tag: "Event", event: { _tag: tag, member } }
  })
  invariants.stepped({ host: 0, state, isOpen: () => true, clock: 0, unaudited: 0 }, outputs, 0)
  return invariants.broken.length
}

describe("the invariants", () => {
  it("accept what the grammar of events allows", () => {
    expect(broken(["Up"], ["Suspected"], ["Recovered"], ["Updated"], ["Down"], ["Up"], ["Left"], ["Removed"])).toBe(0)
    expect(
      broken(["Up"], ["Suspected"], ["Unreachable"], ["Reachable"], ["Suspected"], ["Unreachable"], ["Down"])
    ).toBe(0)
    expect(broken(["Up"], ["Down"], ["Up", "2", 2])).toBe(0)
  })

  it.each([
    ["Up twice", [["Up"], ["Up"]]],
    ["Down first", [["Down"]]],
    ["Unreachable unsuspected", [["Up"], ["Unreachable"]]],
    ["Recovered from unreachable", [["Up"], ["Suspected"], ["Unreachable"], ["Recovered"]]],
    ["Up after Left", [["Up"], ["Left"], ["Up"]]],
    ["Down after Left", [["Up"], ["Left"], ["Down"]]],
    ["two lives at once", [["Up"], ["Up", "2", 2]]],
    [
      "an older generation",
      [
        ["Up", "1", 5],
        ["Down", "1", 5],
        ["Up", "2", 4]
      ]
    ]
  ] as const)("notice %s", (_what, events) => {
    expect(broken(...events)).toBeGreaterThan(0)
  })
})
