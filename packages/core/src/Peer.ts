/**
 * Somebody that a discovery source says this node should be connected to.
 *
 * @since 0.1.0
 */
import * as Address from "./Address.ts"
import type { NodeName } from "./NodeName.ts"

/**
 * An address, or a node name, or both.
 *
 * **Details**
 *
 * An address is where somebody may be, never who it is: that is learnt in the handshake. A name without an address
 * goes through `NameResolver` at each dial.
 *
 * @category models
 * @since 0.1.0
 */
export type Peer =
  | { readonly address: Address.Address; readonly name?: NodeName | undefined; readonly source?: string | undefined }
  | { readonly address?: Address.Address | undefined; readonly name: NodeName; readonly source?: string | undefined }

/** A peer known by its address. @category constructors @since 0.1.0 */
export const fromAddress = (address: Address.Address): Peer => ({ address })

/** A peer known by its name. @category constructors @since 0.1.0 */
export const fromName = (name: NodeName): Peer => ({ name })

/**
 * Who it is and where, for logs: `b@rosa`, `tcp://10.0.0.7:4370`, `b@rosa at tcp://10.0.0.7:4370`. Two peers are the same
 * when their texts are; which source vouches does not show.
 *
 * @category conversions
 * @since 0.1.0
 */
export const format = ({ address, name }: Peer): string => {
  if (address !== undefined && name !== undefined) return `${name} at ${Address.format(address)}`
  return address === undefined ? String(name) : Address.format(address)
}
