import { assert, describe, it } from "@effect/vitest"
import { type Ending, EventView } from "../../src/protocol/eventView.ts"
import type { MemberEvent, MemberView } from "../../src/protocol/node.ts"
import { property, type Random } from "./random.ts"

const view = (name: string, life: number, state: MemberView["state"] = "alive", change = 0): MemberView => ({
  name: `${name}@host`,
  instance: `${name}${life}`,
  generation: life,
  addresses: [],
  metadata: { change: String(change) },
  state
})

const none = (): undefined => undefined
const tags = (events: ReadonlyArray<MemberEvent>) => events.map(({ _tag, member }) => `${_tag} ${member.instance}`)

describe("what a subscriber that lagged is told", () => {
  it("begins with the present members", () => {
    const told = new EventView().catchUp([view("a", 1), view("b", 1, "unreachable")], none)
    assert.deepStrictEqual(tags(told), ["Up a1", "Up b1", "Suspected b1", "Unreachable b1"])
  })

  it("is nothing when nothing changed", () => {
    const seen = new EventView()
    seen.catchUp([view("a", 1), view("b", 1, "suspect")], none)
    assert.deepStrictEqual(seen.catchUp([view("a", 1), view("b", 1, "suspect")], none), [])
  })

  it("is how a life ended, and that a new one is up", () => {
    const seen = new EventView()
    seen.catchUp([view("a", 1), view("b", 1), view("c", 1), view("d", 1)], none)
    const ending = (name: string): Ending | undefined => {
      if (name === "a@host") return { _tag: "Down", member: view("a", 1, "down"), reason: "closed" }
      return name === "b@host" ? { _tag: "Left", member: view("b", 1, "left") } : undefined
    }
    const told = seen.catchUp([view("d", 2)], ending)
    assert.deepStrictEqual(tags(told), ["Down a1", "Left b1", "Down c1", "Removed c1", "Down d1", "Up d2"])
    assert.deepStrictEqual(tags(seen.catchUp([view("a", 1), view("d", 2)], ending)), ["Up a1"])
  })

  it("is new metadata only where it differs", () => {
    const seen = new EventView()
    seen.catchUp([view("a", 1, "alive", 1), view("b", 1, "alive", 1)], none)
    const told = seen.catchUp([view("a", 1, "alive", 1), view("b", 1, "suspect", 2)], none)
    assert.deepStrictEqual(tags(told), ["Updated b1", "Suspected b1"])
  })

  it("is not the end of a record that it never heard of", () => {
    const seen = new EventView()
    seen.catchUp([view("a", 1)], none)
    assert.isFalse(seen.admits({ _tag: "Removed", member: view("b", 1, "down") }))
    assert.isFalse(seen.admits({ _tag: "Removed", member: view("a", 2, "down") }))
    assert.isTrue(seen.admits({ _tag: "Removed", member: view("a", 1, "down") }))
    assert.isTrue(seen.admits({ _tag: "Up", member: view("b", 2) }))
  })
})

/** A node's members as they change at random, by the rules of GC/1 section 5. */
class World {
  readonly #random: Random
  readonly #records = new Map<string, MemberView>()
  #lives = 0
  #changes = 0

  constructor(random: Random) {
    this.#random = random
  }

  live = (): ReadonlyArray<MemberView> =>
    [...this.#records.values()].filter(({ state }) => state !== "down" && state !== "left")

  ending = (name: string, instance: string): Ending | undefined => {
    const member = this.#records.get(name)
    if (member === undefined || member.instance !== instance) return undefined
    return member.state === "left" ? { _tag: "Left", member } : { _tag: "Down", member, reason: "timeout" }
  }

  /** One thing happens to one member. */
  step(): ReadonlyArray<MemberEvent> {
    const name = this.#random.pick(["a", "b", "c", "d", "e"])
    const record = this.#records.get(`${name}@host`)
    const become = (state: MemberView["state"]): MemberView => {
      const member = { ...(record ?? view(name, 0)), state }
      this.#records.set(member.name, member)
      return member
    }
    const begin = (): MemberEvent => {
      const member = view(name, ++this.#lives, "alive", this.#changes)
      this.#records.set(member.name, member)
      return { _tag: "Up", member }
    }
    if (record === undefined) return [begin()]
    switch (record.state) {
      case "left":
      case "down": {
        const next = this.#random.int(3)
        if (next === 0) {
          this.#records.delete(record.name)
          return [{ _tag: "Removed", member: record }]
        }
        if (next === 1 || record.state === "left") return [begin()]
        return [{ _tag: "Up", member: become("alive") }]
      }
      default:
        return this.#disturb(record, become, begin)
    }
  }

  #disturb(
    record: MemberView,
    become: (state: MemberView["state"]) => MemberView,
    begin: () => MemberEvent
  ): ReadonlyArray<MemberEvent> {
    switch (this.#random.int(4)) {
      case 0:
        return [{ _tag: "Left", member: become("left") }]
      case 1:
        return [{ _tag: "Down", member: become("down"), reason: "timeout" }]
      case 2:
        return [{ _tag: "Down", member: { ...record, state: "down" }, reason: "restarted" }, begin()]
      case 3: {
        const member = { ...record, metadata: { change: String(++this.#changes) } }
        this.#records.set(member.name, member)
        return [{ _tag: "Updated", member }]
      }
    }
    if (record.state === "alive") return [{ _tag: "Suspected", member: become("suspect") }]
    if (record.state === "unreachable") return [{ _tag: "Reachable", member: become("alive") }]
    return this.#random.bool()
      ? [{ _tag: "Recovered", member: become("alive") }]
      : [{ _tag: "Unreachable", member: become("unreachable") }]
  }
}

/** What may follow what, in one life. */
const grammar: Readonly<Record<string, ReadonlyArray<string>>> = {
  "": ["Up"],
  Up: ["Suspected", "Down", "Left"],
  Suspected: ["Recovered", "Unreachable", "Down", "Left"],
  Recovered: ["Suspected", "Down", "Left"],
  Unreachable: ["Reachable", "Down", "Left"],
  Reachable: ["Suspected", "Down", "Left"],
  Down: ["Up", "Removed"],
  Left: ["Removed"],
  Removed: []
}

const checkGrammar = (events: ReadonlyArray<MemberEvent>): void => {
  const last = new Map<string, string>()
  const liveOf = new Map<string, string>()
  for (const { _tag, member } of events) {
    const before = last.get(member.instance) ?? ""
    if (_tag === "Updated") {
      assert.notInclude(["", "Down", "Left", "Removed"], before)
      continue
    }
    assert.include(grammar[before] ?? [], _tag, `${member.instance} after ${before}`)
    last.set(member.instance, _tag)
    if (_tag === "Up") {
      assert.isUndefined(liveOf.get(member.name), "two lives at once")
      liveOf.set(member.name, member.instance)
    }
    if (_tag === "Down" || _tag === "Left") liveOf.delete(member.name)
  }
}

/** The members that remain when all events have been applied. */
const fold = (events: ReadonlyArray<MemberEvent>): ReadonlyArray<string> => {
  const members = new Map<string, string>()
  for (const { _tag, member } of events) {
    if (_tag === "Down" || _tag === "Left") members.delete(member.name)
    else if (_tag !== "Removed") members.set(member.name, describeMember(member))
  }
  return [...members.values()].toSorted()
}

const describeMember = ({ instance, metadata, state }: MemberView): string =>
  `${instance} ${metadata["change"] ?? ""} ${state}`

describe("a subscriber that lags now and then", () => {
  it("is told something that follows the grammar and ends at the truth", () => {
    property(400, (random) => {
      const world = new World(random)
      const subscriber = new EventView()
      for (let step = random.int(30); step > 0; step--) world.step()
      const told: Array<MemberEvent> = [...subscriber.catchUp(world.live(), world.ending)]
      for (let round = 0; round < 6; round++) {
        for (let step = random.int(20); step > 0; step--) {
          const events = world.step().filter((event) => subscriber.admits(event))
          for (const event of events) subscriber.apply(event)
          told.push(...events)
        }
        for (let step = random.int(40); step > 0; step--) world.step()
        told.push(...subscriber.catchUp(world.live(), world.ending))
        assert.deepStrictEqual(fold(told), world.live().map(describeMember).toSorted())
      }
      checkGrammar(told)
    })
  })
})
