import { networkOf } from "./hosts.ts"

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
 * address, or a /64 of IPv6: whoever has one of those has all of its addresses.
 */
export const makesRoom = <U extends Unproven>(waiting: Iterable<U>): U | undefined => {
  const networks = new Map<string, Array<U>>()
  for (const each of waiting) {
    const network = each.host === undefined ? "" : networkOf(each.host)
    const same = networks.get(network)
    if (same === undefined) networks.set(network, [each])
    else same.push(each)
  }
  const most = Math.max(...[...networks.values()].map((same) => same.length))
  const [first, ...others] = [...networks.values()].filter((same) => same.length === most).flat()
  return first === undefined ? undefined : others.reduce(rather, first)
}

const rather = <U extends Unproven>(one: U, other: U): U => {
  if (other.progress !== one.progress) return other.progress < one.progress ? other : one
  return other.heardAt < one.heardAt ? other : one
}
