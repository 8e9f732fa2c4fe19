/** Every reason with which a node refuses a handshake, by its number on the wire (GC/1 section 2). */
export const codes = {
  version_unsupported: 1,
  busy: 2,
  malformed: 3,
  auth_failed: 4,
  cluster_mismatch: 5,
  name_mismatch: 0x101,
  name_conflict: 0x102,
  stale_incarnation: 0x103,
  already_connected: 0x104,
  self_connect: 0x105,
  not_admitted: 0x106,
  shutting_down: 0x107,
  capability_missing: 0x108,
  too_many_peers: 0x109
} as const

/** A reason's name: the word that logs, events, errors and metrics use. */
export type CodeName = keyof typeof codes

/** A reason's number. */
export type Code = (typeof codes)[CodeName]

/** The reasons that an unauthenticated REJECT may carry. */
export type RejectCode = 1 | 2 | 3 | 4 | 5

/** What WELCOME and READY carry under their MAC: 0 for *yes*, else why not. */
export type Decision = 0 | Code

/** The decision that lets a peer in. */
export const accepted = 0

/**
 * What a dialer does next after a refusal. Times in milliseconds.
 *
 * - `backoff`: the peer's ordinary backoff.
 * - `backoffCap`: the backoff jumps to its cap (30 s).
 * - `after`: not before `ms`.
 * - `retryAfter`: not before the `retryAfterMs` that came with the refusal, or `ms` when it came as 0.
 * - `untilDiscovered`: not until a discovery source says the address anew.
 * - `atOnce`: at once, but once only in a life.
 * - `unlessHeld`: after `ms`, unless a current link to the peer is held by then.
 */
export type Retry =
  | { readonly kind: "backoff" }
  | { readonly kind: "backoffCap" }
  | { readonly kind: "after"; readonly ms: number }
  | { readonly kind: "retryAfter"; readonly ms: number }
  | { readonly kind: "untilDiscovered" }
  | { readonly kind: "atOnce" }
  | { readonly kind: "unlessHeld"; readonly ms: number }

/** The dialer's next try for each reason (GC/1 section 2). */
export const retries: { readonly [Name in CodeName]: Retry } = {
  version_unsupported: { kind: "backoffCap" },
  busy: { kind: "backoff" },
  malformed: { kind: "backoff" },
  auth_failed: { kind: "backoffCap" },
  cluster_mismatch: { kind: "backoffCap" },
  name_mismatch: { kind: "untilDiscovered" },
  name_conflict: { kind: "retryAfter", ms: 1_000 },
  stale_incarnation: { kind: "atOnce" },
  already_connected: { kind: "unlessHeld", ms: 250 },
  self_connect: { kind: "after", ms: 600_000 },
  not_admitted: { kind: "untilDiscovered" },
  shutting_down: { kind: "retryAfter", ms: 30_000 },
  capability_missing: { kind: "after", ms: 30_000 },
  too_many_peers: { kind: "retryAfter", ms: 30_000 }
}

/** The longest delay, in milliseconds, that an unauthenticated REJECT can cause. */
export const maxRejectDelayMs = 30_000

const names: ReadonlyMap<number, CodeName> = new Map(
  Object.entries(codes).map(([name, code]) => [code, name as CodeName])
)

/** The name of a code; `undefined` for one that a later version may have added. */
export const codeName = (code: number): CodeName | undefined => names.get(code)

/** The dialer's next try after a refusal with this code: the ordinary backoff for an unknown one. */
export const retryFor = (code: number): Retry => {
  const name = codeName(code)
  return name === undefined ? { kind: "backoff" } : retries[name]
}

/** Whether a code may stand in a REJECT. */
export const isRejectCode = (code: number): code is RejectCode => code >= 1 && code <= 5
