/**
 * What a walk to a peer finds. Re-exported by `Cluster`.
 *
 * @since 0.1.0
 */
import type * as Address from "./Address.ts"
import type { NodeName } from "./NodeName.ts"

/**
 * Why a step failed, in one word for programs.
 *
 * **Details**
 *
 * - `resolve`: `name_unknown`.
 * - `connect`: `host_unknown`, `refused` (nothing listens there), `no_answer` (a firewall that drops, or a machine that is
 *   down), `no_connection` (no route, and anything else), `no_transport` (no transport of this side dials such addresses).
 * - The stream and the first words: `mode_mismatch` (the option `security` differs), `wrong_cookie` (of the same label),
 *   `other_cluster` (or no cookie of this label), `certificate_expired`, `certificate_not_yet_valid`, `certificate_refused`
 *   (of another authority; of either side), `plaintext_refused`, `upgrade_refused` (HTTP that does not
 *   become a WebSocket), `hangs` (connections are taken and nothing is said),
 *   `version_unsupported`, `busy`, `no_gc_node` (whatever answers is not understood).
 * - `admit`: `another_node` (of another name), `self_connect`, `name_conflict`, `not_admitted`, `certificate_name` (it is for
 *   another host), `shutting_down`, `too_many_peers`, `malformed` (the clocks or the versions differ too much).
 *
 * @category models
 * @since 0.1.0
 */
export type DiagnosisReason =
  | "name_unknown"
  | "host_unknown"
  | "refused"
  | "no_answer"
  | "no_connection"
  | "no_transport"
  | "mode_mismatch"
  | "wrong_cookie"
  | "other_cluster"
  | "certificate_expired"
  | "certificate_not_yet_valid"
  | "certificate_refused"
  | "certificate_name"
  | "plaintext_refused"
  | "upgrade_refused"
  | "hangs"
  | "version_unsupported"
  | "busy"
  | "no_gc_node"
  | "another_node"
  | "self_connect"
  | "name_conflict"
  | "not_admitted"
  | "shutting_down"
  | "too_many_peers"
  | "malformed"

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
  /** Where the step failed: why, in one word. */
  readonly reason?: DiagnosisReason
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
