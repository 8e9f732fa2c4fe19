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
 * - `generation` is the time of the start in milliseconds since 1970, or later: it is raised past an earlier life that peers
 *   remember, when this machine's clock went back.
 * - `addresses` are the advertised ones, with real ports; empty when the node does not listen. A listener that broke and was
 *   opened anew on any free port has another one.
 * - `generation` and `addresses` are read as they are at that moment: ask again rather than keep a copy.
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
