import { describe, expect, it } from "vitest"
import { beats } from "../../src/protocol/linking.ts"
import { actions, after, clone, makePair, settle } from "./linkModel.ts"
import type { Action, Pair } from "./linkPair.ts"
import { fingerprint } from "./linkPrints.ts"

/** What is wrong with two nodes when nothing is under way any more. */
const problem = (pair: Pair, faultless: boolean): string | undefined => {
  const [a, b] = pair.nodes
  const near = a.current.get(b.self.name)
  const far = b.current.get(a.self.name)
  if (near?.id !== far?.id) return `a uses link ${near?.id}, b uses ${far?.id}`
  for (const [index, { open }] of pair.streams.entries()) {
    if ((open[0] || open[1]) && index !== near?.id) return `stream ${index} is left open`
  }
  if (near === undefined) return faultless ? "no link is left although none was cut" : undefined
  if (pair.streams[near.id]?.open.every((side) => side) !== true) return "the link in use is not open at both ends"
  for (const state of pair.nodes) {
    if (state.pending.size > 0) return "a handshake is pending for ever"
    for (const member of state.members.values()) if (member.state !== "alive") return `a member is ${member.state}`
  }
  return undefined
}

/** 53 bits: among two million states, two fall together once in four thousand runs. */
const hash = (text: string): number => {
  let low = 0x811c_9dc5
  let high = 0x1b87_3593
  for (let index = 0; index < text.length; index++) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x0100_0193)
    high = Math.imul(high ^ text.charCodeAt(index), 0x85eb_ca6b) ^ (low >>> 15)
  }
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0)
}

interface Path {
  readonly action: Action
  readonly before: Path | undefined
}

const tell = (path: Path | undefined): string =>
  path === undefined ? "" : `${tell(path.before)} ${Object.values(path.action).join(" ")},`

/** Every state that two nodes can reach, each once; the path to the first bad end. */
const explore = (
  dials: number,
  cuts: number
): { readonly states: number; readonly ends: number; readonly bad: ReadonlyArray<string> } => {
  const seen = new Set<number>()
  const bad: Array<string> = []
  let ends = 0
  const visit = (pair: Pair, path: Path | undefined): void => {
    const print = hash(fingerprint(pair))
    if (seen.has(print) || bad.length > 3) return
    seen.add(print)
    const possible = actions(pair)
    if (!possible.some(({ _tag }) => _tag === "Deliver")) {
      ends++
      const end = clone(pair)
      settle(end)
      const wrong = problem(end, pair.cuts === cuts && pair.dials < dials)
      if (wrong !== undefined) bad.push(`${wrong}: ${tell(path)}`)
    }
    for (const action of possible) {
      visit(after(pair, action), { action, before: path })
    }
  }
  const first = makePair(dials, cuts)
  visit(first, undefined)
  return { states: seen.size, ends, bad }
}

describe("duplicate links", () => {
  it("both ends prefer the same one of any two links, and no link beats itself", () => {
    for (const first of ["self", "peer"] as const) {
      for (const second of ["self", "peer"] as const) {
        for (const [x, y] of [
          [1, 2],
          [2, 1],
          [5, 5]
        ] as const) {
          const here = [
            { initiator: first, attempt: x, name: "b@h" },
            { initiator: second, attempt: y, name: "b@h" }
          ] as const
          const there = here.map(({ attempt, initiator }) => ({
            initiator: initiator === "self" ? ("peer" as const) : ("self" as const),
            attempt,
            name: "a@h"
          }))
          expect(beats("a@h", here[0], here[1])).toBe(beats("b@h", there[0]!, there[1]!))
          expect(beats("a@h", here[0], here[1]) && beats("a@h", here[1], here[0])).toBe(false)
        }
      }
    }
  })

  it("leave exactly one link in use at both ends, whatever the order of three dials and two cuts", () => {
    const { bad, ends, states } = explore(3, 2)
    process.stdout.write(`duplicate links: ${states} states, ${ends} ends, ${bad.length} bad\n`)
    expect(bad).toEqual([])
    expect(states).toBeGreaterThan(10_000)
  }, 120_000)
})
