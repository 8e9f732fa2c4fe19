import { parseAddress } from "./addresses.ts"
import { accepted, codes, type Decision } from "./decisions.ts"
import type { Identity } from "./identity.ts"
import { isNodeName } from "./names.ts"

/** How far ahead of the receiver's clock a generation may be, in milliseconds: 24 hours (GC/1 section 1). */
export const maxGenerationAheadMs = 86_400_000

/**
 * Judges an authenticated peer by what both identities say, without knowing who else is a member (GC/1 section 2). Both sides
 * use it: the responder after AUTH, the initiator after WELCOME. `now` is this node's clock, milliseconds since 1970.
 *
 * The first that applies: another cluster · our own instance: `self_connect` · the dialer expected another name:
 * `name_mismatch` · a name or an address that is none, or a generation out of bounds: `malformed` · one side lacks what the other
 * requires: `capability_missing` · 0.
 */
export const checkPeer = (self: Identity, peer: Identity, now: number): Decision => {
  if (peer.cluster !== self.cluster) return codes.cluster_mismatch
  if (peer.instance === self.instance) return codes.self_connect
  if (!isExpected(peer.dialed, self.name) || !isExpected(self.dialed, peer.name)) return codes.name_mismatch
  if (!isNodeName(peer.name) || !peer.addresses.every((address) => parseAddress(address).ok)) return codes.malformed
  if (!isGeneration(peer.generation, now)) return codes.malformed
  if (lacks(self, peer.required) || lacks(peer, self.required)) return codes.capability_missing
  return accepted
}

/** Whether a generation can be one: an integer of 0..2^53−1, and at most 24 hours ahead of `now`. */
export const isGeneration = (generation: number, now: number): boolean =>
  Number.isSafeInteger(generation) && generation >= 0 && generation <= now + maxGenerationAheadMs

const isExpected = (dialed: string | undefined, name: string): boolean =>
  dialed === undefined || dialed === "" || dialed === name

const lacks = (node: Identity, required: bigint | undefined): boolean =>
  required !== undefined && (required & ~node.capabilities) !== 0n
