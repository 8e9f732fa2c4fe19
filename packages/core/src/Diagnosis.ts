/**
 * What a walk to a peer finds. Re-exported by `Cluster`.
 *
 * @since 0.1.0
 */
import type * as Address from "./Address.ts"
import type { NodeName } from "./NodeName.ts"

/**
 * One step on the way to a peer: `resolve` its address, `connect`, `secure` the stream, `hello` (the protocol and the
 * cluster), `authenticate` (the cookie), `admit` (who it is and whether it lets this node in).
 *
 * @category models
 * @since 0.1.0
 */
export interface DiagnosisStep {
  readonly step: "resolve" | "connect" | "secure" | "hello" | "authenticate" | "admit"
  readonly ok: boolean
  readonly detail: string
  /** What to do, where the step failed. */
  readonly remedy?: string
}

/**
 * Who answered a diagnosis, once it has proved itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface DiagnosedNode {
  readonly name: NodeName
  /** This life of the node: 32 hex digits. */
  readonly instance: string
  /** Milliseconds since 1970 at its start. */
  readonly generation: number
  /** Where it says that others reach it. */
  readonly addresses: ReadonlyArray<Address.Address>
  readonly appVersion: string | undefined
}

/**
 * The way to a peer as far as it leads. `address` is absent when several were tried in vain; `node` is there when whoever
 * answered was authentic.
 *
 * @category models
 * @since 0.1.0
 */
export interface Diagnosis {
  readonly peer: string
  readonly address: string | undefined
  readonly ok: boolean
  readonly steps: ReadonlyArray<DiagnosisStep>
  readonly node?: DiagnosedNode | undefined
}
