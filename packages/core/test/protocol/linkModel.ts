import { defaultBackoff, presets } from "../../src/protocol/figures.ts"
import type { Identity } from "../../src/protocol/identity.ts"
import type { Input } from "../../src/protocol/node.ts"
import { makeRandom } from "../../src/protocol/random.ts"
import { initial, type LinkRecord, type NodeState } from "../../src/protocol/state.ts"
import { step } from "../../src/protocol/step.ts"
import type { Action, Flight, Pair, Print, Stream } from "./linkPair.ts"
import { printOf } from "./linkPrints.ts"

const start = 1_000_000

const makeNode = (name: string, digit: string): NodeState =>
  initial({
    self: {
      cluster: "pair",
      name,
      instance: digit.repeat(32),
      generation: start,
      addresses: [`tcp://${digit}.example:4370`],
      capabilities: 0n
    },
    options: {
      figures: presets.lan,
      reconnect: defaultBackoff,
      refreshInterval: 5_000,
      onRemoved: "keep",
      peerExchange: false,
      maxMembers: 10
    },
    seed: 1,
    now: start
  })

const blank: Print = { links: new Map(), dials: new Map(), members: "" }

export const makePair = (dials: number, cuts: number): Pair => ({
  nodes: [makeNode("a@pair", "a"), makeNode("b@pair", "b")],
  prints: [blank, blank],
  streams: [],
  dials,
  cuts,
  now: start
})

/** Everything that can happen next. What is delivered in one direction of a stream keeps its order. */
export const actions = (pair: Pair): ReadonlyArray<Action> => {
  const possible: Array<Action> = []
  if (pair.dials > 0) possible.push({ _tag: "Dial", by: 0 }, { _tag: "Dial", by: 1 })
  for (const [stream, { cut, flights, open }] of pair.streams.entries()) {
    for (const to of [0, 1] as const) if (flights[to].length > 0) possible.push({ _tag: "Deliver", stream, to })
    if (pair.cuts > 0 && !cut && (open[0] || open[1])) possible.push({ _tag: "Cut", stream })
  }
  return possible
}

const other = (node: 0 | 1): 0 | 1 => (node === 0 ? 1 : 0)

const act = (pair: Pair, action: Action): void => {
  switch (action._tag) {
    case "Dial":
      pair.dials--
      return dial(pair, action.by)
    case "Cut": {
      pair.cuts--
      const stream = pair.streams[action.stream] as Stream
      stream.cut = true
      for (const side of [0, 1] as const) stream.flights[side] = stream.open[side] ? [{ _tag: "End" }] : []
      return
    }
    case "Deliver": {
      const stream = pair.streams[action.stream] as Stream
      const [flight, ...rest] = stream.flights[action.to]
      stream.flights[action.to] = rest
      if (flight !== undefined && stream.open[action.to]) deliver(pair, action.stream, action.to, flight)
    }
  }
}

/** A dial as the node's own policy makes it, at a time that the explorer chooses. */
const dial = (pair: Pair, by: 0 | 1): void => {
  const state = pair.nodes[by]
  const attempt = ++state.attempt
  const id = state.nextDial++
  const name = pair.nodes[other(by)].self.name
  const common = { target: name, address: undefined, probe: false, generation: start, linked: false, since: start }
  state.dials.set(id, { id, attempt, ...common })
  const identity: Identity = { ...state.self, attempt }
  const stream: Stream = { initiator: by, dial: id, flights: [[], []], open: [true, true], cut: false }
  stream.flights[other(by)] = [{ _tag: "Auth", identity }]
  pair.streams.push(stream)
}

const send = (pair: Pair, stream: number, from: 0 | 1, flight: Flight): void => {
  const found = pair.streams[stream] as Stream
  if (!found.open[from] || found.cut || !found.open[other(from)]) return
  found.flights[other(from)] = [...found.flights[other(from)], flight]
}

const closeEnd = (pair: Pair, stream: number, side: 0 | 1): void => {
  const found = pair.streams[stream] as Stream
  if (!found.open[side]) return
  send(pair, stream, side, { _tag: "End" })
  found.open[side] = false
  found.flights[side] = []
}

const ended = (pair: Pair, stream: number, side: 0 | 1): void => {
  const found = pair.streams[stream] as Stream
  feed(pair, side, { _tag: "LinkClosed", link: stream })
  if (found.initiator === side) feed(pair, side, { _tag: "DialFailed", dial: found.dial, failure: "failed" })
}

const deliver = (pair: Pair, stream: number, to: 0 | 1, flight: Flight): void => {
  const { dial: dialId, initiator } = pair.streams[stream] as Stream
  const link = stream
  switch (flight._tag) {
    case "End":
      closeEnd(pair, stream, to)
      return ended(pair, stream, to)
    case "Auth":
      return feed(pair, to, { _tag: "Authenticated", link, peer: flight.identity })
    case "Welcome": {
      const { decision, identity } = flight
      feed(pair, to, { _tag: "Welcomed", dial: dialId, link, peer: identity, decision, retryAfterMs: 0 })
      if (decision !== 0) closeEnd(pair, stream, initiator)
      return
    }
    case "Ready":
      feed(pair, to, { _tag: "Ready", link, decision: flight.decision, knownGeneration: flight.known })
      if (flight.decision !== 0) closeEnd(pair, stream, to)
      return
    default:
      return feed(pair, to, { _tag: "Frame", link, frame: flight })
  }
}

/** Gives a node an input and does what it asks for. Its own dials are left out: the explorer dials. */
const feed = (pair: Pair, side: 0 | 1, input: Input): void => {
  const state = pair.nodes[side]
  const { outputs } = step(state, input, pair.now)
  const closing: Array<number> = []
  for (const output of outputs) {
    switch (output._tag) {
      case "Verdict": {
        const found = pair.streams[output.link] as Stream
        const { decision, knownGeneration: known } = output
        if (found.initiator === side) send(pair, output.link, side, { _tag: "Ready", decision, known })
        else
          send(pair, output.link, side, { _tag: "Welcome", identity: { ...state.self, attempt: 0 }, decision, known })
        if (decision !== 0) closeEnd(pair, output.link, side)
        break
      }
      case "Send":
        send(pair, output.link, side, output.frame)
        break
      case "Close":
        if (pair.streams[output.link]?.open[side] === true) closing.push(output.link)
        break
      case "Dial":
        feed(pair, side, { _tag: "DialFailed", dial: output.dial, failure: "failed" })
        break
      case "CancelDial": {
        const stream = pair.streams.findIndex((each) => each.initiator === side && each.dial === output.dial)
        if (stream >= 0) closeEnd(pair, stream, side)
        break
      }
      default:
    }
  }
  for (const link of closing) {
    closeEnd(pair, link, side)
    feed(pair, side, { _tag: "LinkClosed", link })
  }
}

/** Nothing is under way: links that are probed get no answer any more, and links that were replaced are closed. */
export const settle = (pair: Pair): void => {
  for (let round = 0; round < 4; round++) {
    drain(pair)
    for (const [link, { open }] of pair.streams.entries()) {
      for (const side of [0, 1] as const) {
        if (open[side] && pair.nodes[side].links.get(link)?.phase === "retired") {
          closeEnd(pair, link, side)
          ended(pair, link, side)
        }
      }
    }
    drain(pair)
    for (let tick = 0; tick < 6; tick++) {
      pair.now += 250
      for (const side of [0, 1] as const) feed(pair, side, { _tag: "Wake", activity: [] })
      drain(pair)
    }
  }
}

const drain = (pair: Pair): void => {
  for (;;) {
    const next = actions(pair).find(({ _tag }) => _tag === "Deliver")
    if (next === undefined) return
    act(pair, next)
  }
}

/** The state after an action. Nodes are shared with the state before, except the one that acts. */
export const after = (pair: Pair, action: Action): Pair => {
  const next = shallow(pair)
  if (action._tag !== "Cut") {
    const side = action._tag === "Dial" ? action.by : action.to
    next.nodes[side] = cloneNode(pair.nodes[side])
    act(next, action)
    next.prints[side] = printOf(next.nodes[side])
  } else act(next, action)
  return next
}

const shallow = (pair: Pair): Pair => ({
  ...pair,
  nodes: [...pair.nodes],
  prints: [...pair.prints],
  streams: pair.streams.map((stream) => ({ ...stream, flights: [...stream.flights], open: [...stream.open] }))
})

export const clone = (pair: Pair): Pair => ({
  ...shallow(pair),
  nodes: [cloneNode(pair.nodes[0]), cloneNode(pair.nodes[1])]
})

const cloneMap = <K, V extends object>(map: Map<K, V>): Map<K, V> => {
  const copy = new Map<K, V>()
  for (const [key, value] of map) copy.set(key, { ...value })
  return copy
}

const none = new Map<never, never>()

const cloneNode = (state: NodeState): NodeState => {
  const links = cloneMap(state.links)
  for (const link of links.values()) if (link.probe !== undefined) link.probe = { ...link.probe }
  const current = new Map<string, LinkRecord>()
  for (const [name, link] of state.current) current.set(name, links.get(link.id) as LinkRecord)
  const members = cloneMap(state.members)
  for (const member of members.values()) {
    if (member.probe !== undefined) member.probe = { ...member.probe, pending: new Set(member.probe.pending) }
  }
  const targets = cloneMap(state.targets)
  for (const target of targets.values()) target.requests = [...target.requests]
  return {
    ...state,
    self: { ...state.self },
    random: makeRandom(state.random.seed),
    members,
    links,
    current,
    targets,
    names: new Map(state.names),
    pending: new Map(state.pending),
    dials: cloneMap(state.dials),
    probes: [],
    answered: [],
    bindings: new Map(state.bindings),
    avoided: new Map(state.avoided),
    sources: none,
    candidates: none,
    checks: none,
    logged: new Map(state.logged),
    counters: new Map()
  }
}
