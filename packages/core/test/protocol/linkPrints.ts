import { type NodeState } from "../../src/protocol/state.ts"
import type { Flight, Pair, Print } from "./linkPair.ts"

/**
 * What tells states apart. Time does not pass while the explorer goes on, so times are left out, and so are streams that are
 * over: what they left behind is in the nodes.
 */
export const fingerprint = (pair: Pair): string => {
  let text = `${pair.dials}${pair.cuts}${pair.prints[0].members}${pair.prints[1].members}`
  for (const [index, { cut, dial: id, flights, initiator, open }] of pair.streams.entries()) {
    const near = pair.prints[0].links.get(index) ?? ""
    const far = pair.prints[1].links.get(index) ?? ""
    const dialing = pair.prints[initiator].dials.get(id) ?? ""
    if (!open[0] && !open[1] && near === "" && far === "" && dialing === "") continue
    text += `|${initiator}${open[0] ? "o" : "c"}${open[1] ? "o" : "c"}${cut ? "x" : ""}${near},${far},${dialing}`
    for (const flight of flights[0]) text += letterOf(flight)
    text += ">"
    for (const flight of flights[1]) text += letterOf(flight)
  }
  return text
}

export const printOf = (state: NodeState): Print => {
  const links = new Map<number, string>()
  for (const { id, metaSeen, phase, probe } of state.links.values()) {
    links.set(id, `${phase[0]}${metaSeen ? "m" : ""}${probe === undefined ? "" : "p"}`)
  }
  const dials = new Map<number, string>()
  for (const { id, linked } of state.dials.values()) dials.set(id, linked ? "l" : "d")
  let members = ""
  for (const { lostAt, state: is } of state.members.values()) members += `${is}${lostAt === undefined ? "" : "l"}`
  return { links, dials, members }
}

const letterOf = (flight: Flight): string => {
  switch (flight._tag) {
    case "Welcome":
    case "Ready":
      return `${flight._tag[0]}${flight.decision}`
    case "Goaway":
      return `G${flight.reason[0]}`
    case "Heartbeat":
      return flight.ackRequested ? "H?" : "H"
    default:
      return flight._tag.slice(0, 1) + flight._tag.slice(-1)
  }
}
