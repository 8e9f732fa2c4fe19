import { limits, type NodeState } from "@gc/core/protocol"
import type { MemberRecord, Watched } from "./types.ts"

/** Connections that wait for the end of their handshake at once: those that a shell takes, and those that it dials. */
export const maxUnauthenticated = 64
const maxHandshakes = maxUnauthenticated + limits.dials

/** Addresses of a target come from discovery, from the peer or its neighbours, and from `connect`. */
const maxAddresses = 3 * limits.addresses

/** How long a link may be there that is written no more; a process that stands still closes it late. */
const lingers = 3 * limits.retire

/** Tables that are over their caps, by their sizes alone. */
export const overCap = (state: NodeState): string | undefined => {
  const ended = state.members.size - state.live
  if (state.dials.size > limits.dials) return "dials"
  if (state.candidates.size > limits.candidates) return "candidates"
  if (state.targets.size > limits.targets) return "targets"
  if (state.bindings.size > limits.bindings) return "bindings"
  if (state.avoided.size > limits.avoided) return "avoided"
  if (state.checks.size > limits.members) return "checks"
  if (state.logged.size > limits.logKeys) return "logged"
  if (state.live > state.options.maxMembers) return "live members"
  if (ended > limits.members) return "ended members"
  if (state.names.size > state.members.size) return "names"
  if (state.current.size > state.options.maxMembers) return "current"
  if (state.pending.size > maxHandshakes) return "pending"
  if (state.observers.size > limits.observers) return "observers"
  if (state.probes.length > maxAddresses * state.members.size) return "probes"
  return undefined
}

/** What the whole state of a node must hold after each step: the first thing that it does not. */
export const audit = (node: Watched): string | undefined =>
  auditLinks(node) ?? auditObservers(node.state) ?? auditMembers(node.state) ?? auditTables(node.state)

const auditLinks = (node: Watched): string | undefined => {
  const { current, links, members, pending } = node.state
  let used = 0
  let coming = 0
  for (const link of links.values()) {
    if (link.phase === "judged" || link.phase === "fresh") coming++
    if (link.phase === "retired" && node.clock - link.since > lingers) return `a link to ${link.name} is never closed`
    if (link.phase !== "current") continue
    used++
    const chosen = current.get(link.name)
    if (chosen === undefined) return `a link in use to ${link.name} is not the one of that name`
    if (chosen !== link) return `two links in use to ${link.name}`
    if (!node.isOpen(link.id)) return `the link in use to ${link.name} is closed`
    if (link.metaSeen && members.get(link.name)?.instance !== link.peer.instance) {
      return `the link in use to ${link.name} is another life's`
    }
  }
  if (used !== current.size) return "a link in use is none"
  for (const count of pending.values()) coming -= count
  return coming === 0 ? undefined : `handshakes are miscounted by ${coming}`
}

/** Who watches is in no other table: neither its link nor its life. */
const auditObservers = ({ links, names, observers }: NodeState): string | undefined => {
  for (const { id, peer } of observers.values()) {
    if (links.has(id)) return `the stream of the observer ${peer.name} is a link`
    if (names.has(peer.instance)) return `the observer ${peer.name} is a member`
  }
  return undefined
}

const auditMembers = ({ current, live, members, names, phase }: NodeState): string | undefined => {
  let found = 0
  for (const member of members.values()) {
    if (names.get(member.instance) !== member.name) return `the instance of ${member.name} is not its own`
    if (isLive(member)) found++
    if (member.state !== "alive" || current.has(member.name) || phase === "leaving") continue
    return `${member.name} is alive without a link`
  }
  return found === live ? undefined : `${found} members are counted as ${live}`
}

const auditTables = ({ candidates, sources, targets }: NodeState): string | undefined => {
  for (const { entries } of sources.values()) if (entries.size > limits.entriesPerSource) return overfull("sources")
  for (const { addresses } of candidates.values())
    if (addresses.length > limits.addresses) return overfull("candidates")
  for (const { asked, key, listed, requests, told, wrong } of targets.values()) {
    const most = Math.max(asked.length, listed.length, told.length, wrong.size)
    if (most > limits.addresses || requests.length > limits.requests) return overfull(key)
  }
  return undefined
}

export const overfull = (table: string): string => `a table is over its cap: ${table}`

const isLive = ({ state }: MemberRecord): boolean => state !== "down" && state !== "left"
