import { networkOf, siteOf } from "./hosts.ts"

/** A connection that has not proved anything yet, as the choice of who makes room sees it. */
export interface Unproven {
  /** The host at the other end, where there is one. */
  readonly host: string | undefined
  /** How far it has come: 0 until its first message is whole and makes sense, more with each step after that. */
  readonly progress: number
  /** When its last byte came, by a clock that never goes back. */
  readonly heardAt: number
}

/**
 * Who makes room for a newcomer when as many wait as may (GC/1 section 2): of the network that most are from, of those the ones
 * that came least far, and of those the one that was silent longest. `undefined` when nobody waits.
 *
 * **Details**
 *
 * Silence alone lets a flood push out whoever is slower than it: 500 sockets that come back as soon as they are dropped
 * make 64 places change hands every 20 ms, which is less than one round trip between two towns. A network is one IPv4
 * address, or a /64 of IPv6, and of these first the /48 that most are from: an ordinary customer may have 256 of its /64s.
 */
export const makesRoom = <U extends Unproven>(waiting: Iterable<U>): U | undefined => {
  const [first, ...others] = mostOf(mostOf([...waiting], "site"), "network")
  return first === undefined ? undefined : others.reduce(rather, first)
}

interface Origin {
  readonly site: string
  readonly network: string
}

/** To read an IPv6 address takes longer than to choose: a flood must not cost that of all who wait, for each who comes. */
const origins = new WeakMap<Unproven, Origin>()

const originOf = (one: Unproven): Origin => {
  const known = origins.get(one)
  if (known !== undefined) return known
  const host = one.host ?? ""
  const origin = { site: siteOf(host), network: networkOf(host) }
  origins.set(one, origin)
  return origin
}

/** Those of the largest group, or of the largest ones. */
const mostOf = <U extends Unproven>(waiting: ReadonlyArray<U>, what: keyof Origin): ReadonlyArray<U> => {
  const groups = new Map<string, Array<U>>()
  for (const each of waiting) {
    const group = originOf(each)[what]
    const same = groups.get(group)
    if (same === undefined) groups.set(group, [each])
    else same.push(each)
  }
  const most = Math.max(...[...groups.values()].map((same) => same.length))
  return [...groups.values()].filter((same) => same.length === most).flat()
}

const rather = <U extends Unproven>(one: U, other: U): U => {
  if (other.progress !== one.progress) return other.progress < one.progress ? other : one
  return other.heardAt < one.heardAt ? other : one
}
