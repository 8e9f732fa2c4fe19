/**
 * This node, as discovery sources and peers see it.
 *
 * @since 0.1.0
 */
import type { Address } from "./Address.ts"
import type { NodeName } from "./NodeName.ts"

/**
 * This node: which one (`cluster`, `name`), which life of it (`instance`, `generation`), and where it listens.
 *
 * **Details**
 *
 * - `instance` is 32 hex digits, new at every start.
 * - `generation` is the time of the start in milliseconds since 1970.
 * - `addresses` are the advertised ones, with real ports; empty when the node does not listen.
 *
 * @category models
 * @since 0.1.0
 */
export interface LocalNode {
  readonly cluster: string
  readonly name: NodeName
  readonly instance: string
  readonly generation: number
  readonly addresses: ReadonlyArray<Address>
}
