/**
 * What happens to members.
 *
 * **Details**
 *
 * For each life of a node the events follow one grammar:
 * `Up (Suspected (Recovered | Unreachable Reachable))* [Suspected [Unreachable]] (Down | Left)`, again from `Up` after a
 * `Down`, and at last `Removed`. Nothing follows `Left` but `Removed`. `Updated` may stand anywhere between `Up` and the end;
 * `NameConflict` stands outside.
 *
 * @since 0.1.0
 */
import type { Member } from "./Member.ts"

/**
 * Why a member is down.
 *
 * **Details**
 *
 * - `closed`: its link closed and nothing listens at its addresses any more.
 * - `timeout`: not heard of by anybody for too long.
 * - `restarted`: a newer life of the same name has come.
 * - `disconnected`: `disconnect` was called here or there, or discovery dropped it under that policy.
 *
 * @category models
 * @since 0.1.0
 */
export type DownReason = "closed" | "timeout" | "restarted" | "disconnected"

/**
 * One change, with the member as it is after it.
 *
 * @category models
 * @since 0.1.0
 */
export type ClusterEvent =
  | { readonly _tag: "Up"; readonly member: Member }
  | { readonly _tag: "Updated"; readonly member: Member }
  | { readonly _tag: "Suspected"; readonly member: Member }
  | { readonly _tag: "Recovered"; readonly member: Member }
  | { readonly _tag: "Unreachable"; readonly member: Member }
  | { readonly _tag: "Reachable"; readonly member: Member }
  | { readonly _tag: "Down"; readonly member: Member; readonly reason: DownReason }
  | { readonly _tag: "Left"; readonly member: Member }
  | { readonly _tag: "Removed"; readonly member: Member }
  /** Two live nodes carry one name. `member` is the incumbent, which stays; `instance` is the other one. */
  | { readonly _tag: "NameConflict"; readonly member: Member; readonly instance: string }
