/**
 * A node that is in the cluster, as this node sees it.
 *
 * @since 0.1.0
 */
import type { Address } from "./Address.ts"
import type { NodeName } from "./NodeName.ts"

/**
 * What this node believes of a live member (GC/1 section 5).
 *
 * **Details**
 *
 * - `alive`: heard of lately.
 * - `suspect`: silent for too long, or its link was lost a moment ago.
 * - `unreachable`: this node's link is lost, and others still hear it.
 *
 * @category models
 * @since 0.1.0
 */
export type MemberState = "alive" | "suspect" | "unreachable"

/**
 * A live member: one that is not down, not left. `self` is one too, always `alive`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  readonly name: NodeName
  /** This life of the node: 32 hex digits. */
  readonly instance: string
  /** Milliseconds since 1970 at its start. */
  readonly generation: number
  readonly addresses: ReadonlyArray<Address>
  readonly metadata: Readonly<Record<string, string>>
  readonly state: MemberState
  readonly self: boolean
  /** The version of the application, where its node tells one. */
  readonly appVersion?: string | undefined
}
