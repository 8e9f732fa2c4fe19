import * as protocol from "@gc/core/protocol"
import { limits } from "@gc/core/protocol"
import { describe, expect, it } from "vitest"
import { maxUnauthenticated, overCap } from "../src/audit.ts"
import type { SimNode } from "../src/node.ts"
import { Run } from "../src/run.ts"
import { scenarioOf } from "../src/scenarios/index.ts"

/** The state, with nothing in it protected from this test. */
type Unlocked<T> = T extends (...args: never) => unknown
  ? T
  : T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Unlocked<V>>
    : T extends ReadonlySet<infer V>
      ? Set<V>
      : T extends ReadonlyArray<infer E>
        ? Array<Unlocked<E>>
        : T extends object
          ? { -readonly [K in keyof T]: Unlocked<T[K]> }
          : T

type Open = Unlocked<protocol.NodeState>

const formed = (size = 3): { readonly run: Run; readonly node: SimNode; readonly state: Open } => {
  const run = new Run(protocol, scenarioOf("still"), size, 1)
  run.form()
  const node = run.world.nodes[0] as SimNode
  return { run, node, state: node.state as Open }
}

const first = <A>(map: ReadonlyMap<unknown, A>): A => [...map.values()][0] as A

const fill = (map: ReadonlyMap<unknown, unknown>, count: number): void => {
  for (let index = 0; index < count; index++) (map as Map<unknown, unknown>).set(`filler ${index}`, {})
}

/** What four seconds of ordinary steps show of a state that was spoilt. */
const shows = (spoil: (state: Open, node: SimNode, run: Run) => void, size?: number): string => {
  const { node, run, state } = formed(size)
  expect(run.world.invariants.broken).toEqual([])
  spoil(state, node, run)
  run.world.runFor(4_000)
  return run.world.invariants.broken.join("\n")
}

describe("every step is audited", () => {
  it("finds nothing in a sound world", () => expect(shows(() => undefined)).toBe(""))

  it("finds nothing in a sound world of many", () => expect(shows(() => undefined, 30)).toBe(""))

  it("a second link in use", () => {
    const spoil = (state: Open) => {
      const link = first(state.current)
      state.links.set(9_999, { ...link, id: 9_999 })
    }
    expect(shows(spoil)).toContain("two links in use to")
    expect(shows(spoil, 30)).toContain("two links in use to")
  })

  it("a link in use that is closed", () =>
    expect(shows((state, node) => (node.ends.get(first(state.current).id)!.open = false))).toContain("is closed"))

  it("a link in use that is forgotten", () =>
    expect(shows((state) => state.current.delete(first(state.current).name))).toContain("is not the one of that name"))

  it("a name in use without a link", () =>
    expect(shows((state) => state.links.delete(first(state.current).id))).toContain("a link in use is none"))

  it("a link in use of another life", () =>
    expect(
      shows((state) => {
        const link = first(state.current)
        const other = { ...link, peer: { ...link.peer, instance: "f".repeat(32) } }
        state.links.set(link.id, other)
        state.current.set(link.name, other)
      })
    ).toContain("is another life's"))

  it("a replaced link that is never closed", () =>
    expect(
      shows((state, node) => {
        state.links.set(9_999, { ...first(state.current), id: 9_999, phase: "retired", since: node.clock - 10_000 })
      })
    ).toContain("is never closed"))

  it("a handshake that is not counted", () =>
    expect(shows((state) => state.pending.set("n002@h002", 3))).toContain("handshakes are miscounted"))

  it("an observer that is a neighbour, or a member", () => {
    const watch = (state: Open) => {
      const { id, peer } = first(state.current)
      state.observers.set(id, { id, peer, phase: "open", heardAt: Infinity, sentAt: 0, asking: true, seq: 0 })
    }
    expect(shows(watch)).toContain("is a link")
    const member = (state: Open) => {
      const { peer } = first(state.current)
      state.observers.set(9_999, { id: 9_999, peer, phase: "open", heardAt: Infinity, sentAt: 0, asking: true, seq: 0 })
    }
    expect(shows(member)).toContain("is a member")
  })

  it("members that are counted wrong", () => expect(shows((state) => state.live++)).toContain("members are counted as"))

  it("an instance of another name", () =>
    expect(shows((state) => state.names.set(first(state.members).instance, "x@h"))).toContain("is not its own"))

  it("a generation that falls", () =>
    expect(shows((state) => first(state.members).generation--)).toContain("fell from generation"))

  it("a member that comes back after Left", () => {
    const shown = shows((state, _node, run) => {
      run.world.leave(run.world.hosts[1]!)
      run.world.runFor(100)
      const member = state.members.get("n001@h001")
      expect(member?.state).toBe("left")
      if (member !== undefined) member.state = "suspect"
      state.live++
    })
    expect(shown).toContain("is suspect after left")
  })

  it("a state that no event told of", () =>
    expect(
      shows((state) => Object.assign(first(state.members), { state: "unreachable", vouchedUntil: Infinity }))
    ).toContain("is unreachable after up"))

  it("a member without an event", () =>
    expect(
      shows((state) => {
        state.members.set("x@h", { ...first(state.members), name: "x@h", instance: "e".repeat(32), state: "down" })
        state.names.set("e".repeat(32), "x@h")
      })
    ).toContain("nothing was said of x@h"))

  it.each([
    ["entries of a source", (state: Open) => fill(first(state.sources).entries, limits.entriesPerSource)],
    ["addresses of a target", (state: Open) => (first(state.targets).told = Array(17).fill("tcp://h:1"))],
    [
      "wrong addresses of a target",
      (state: Open) => (first(state.targets).wrong = new Set(Array.from({ length: 17 }, (_, index) => String(index))))
    ],
    ["requests of a target", (state: Open) => (first(state.targets).requests = Array(1_025).fill({ id: 1, tries: 9 }))]
  ] as const)("%s beyond their cap", (_what, spoil) => expect(shows(spoil)).toContain("a table is over its cap"))
})

describe("the cap of a table is found by its size", () => {
  it.each([
    ["dials", limits.dials],
    ["candidates", limits.candidates],
    ["targets", limits.targets],
    ["bindings", limits.bindings],
    ["avoided", limits.avoided],
    ["checks", limits.members],
    ["logged", limits.logKeys],
    ["names", 0],
    ["current", 4_096],
    ["pending", maxUnauthenticated + limits.dials]
  ] as const)("%s", (table, cap) => {
    const { state } = formed()
    state[table].clear()
    fill(state[table], cap)
    expect(overCap(state)).toBeUndefined()
    fill(state[table], cap + 3)
    expect(overCap(state)).toBe(table)
  })

  it("members that are down or left, live ones, and probes", () => {
    const { state } = formed()
    fill(state.members, limits.members)
    expect(overCap(state)).toBeUndefined()
    fill(state.members, limits.members + 1)
    expect(overCap(state)).toBe("ended members")
    state.live = limits.members + 1
    expect(overCap(state)).toBe("live members")
    const other = formed().state
    const probe = { target: "x@h", address: "tcp://h:1" }
    other.probes.push(...Array(2 * 3 * limits.addresses).fill(probe))
    expect(overCap(other)).toBeUndefined()
    other.probes.push(probe)
    expect(overCap(other)).toBe("probes")
  })
})

describe("after 40 s of quiet", () => {
  it("a view that differs from the truth is found", () => {
    const { run } = formed()
    run.world.network.cut(0, 1)
    run.world.runFor(20_000)
    expect(run.quiet()).toBe(Infinity)
    expect(run.problems.join()).toContain("views are wrong")
  })

  it("a name that its two ends link differently is found", () => {
    const { run, state } = formed()
    const link = first(state.current)
    state.current.set(link.name, { ...link, id: link.id + 1 })
    expect(run.world.isWhole()).toBe(false)
  })
})
