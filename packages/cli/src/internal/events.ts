/**
 * What happens to members, as lines.
 */
import * as Address from "@gc/core/Address"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import type { LocalNode } from "@gc/core/LocalNode"
import type { Member } from "@gc/core/Member"
import { paint, printable } from "./output.ts"

/** One line of `--json`: `docs/gcluster.md` describes it. */
export interface EventRecord {
  readonly event: string
  readonly node: string
  readonly instance: string
  /** When it was seen here, in ISO 8601. */
  readonly at: string
  readonly [more: string]: unknown
}

const names: Readonly<Record<ClusterEvent["_tag"], string>> = {
  Up: "up",
  Updated: "updated",
  Suspected: "suspected",
  Recovered: "recovered",
  Unreachable: "unreachable",
  Reachable: "reachable",
  Down: "down",
  Left: "left",
  Removed: "removed",
  NameConflict: "name_conflict"
}

const now = (): string => new Date().toISOString()

const addressesOf = (from: { readonly addresses: ReadonlyArray<Address.Address> }): ReadonlyArray<string> =>
  from.addresses.map(Address.format)

/** Events that tell something new of the member itself. */
const telling = new Set(["Up", "Updated"])

const detailsOf = (member: Member): Readonly<Record<string, unknown>> => ({
  generation: member.generation,
  addresses: addressesOf(member),
  metadata: member.metadata,
  ...(member.self && { self: true })
})

/** A change as a record. In `name_conflict` `instance` is that of the node that stays, `other` that of the other one. */
export const recordOf = (event: ClusterEvent): EventRecord => ({
  event: names[event._tag],
  node: event.member.name,
  instance: event.member.instance,
  at: now(),
  ...(telling.has(event._tag) && detailsOf(event.member)),
  ...(event._tag === "Down" && { reason: event.reason }),
  ...(event._tag === "NameConflict" && { other: event.instance })
})

/** A step of this node itself: `started`, `leaving`, `left`. */
export const recordOfSelf = (event: string, self: LocalNode, more: object = {}): EventRecord => ({
  event,
  node: self.name,
  instance: self.instance,
  at: now(),
  ...more
})

/** `started`, with everything that others see of this node. */
export const recordOfStart = (self: LocalNode): EventRecord =>
  recordOfSelf("started", self, { cluster: self.cluster, generation: self.generation, addresses: addressesOf(self) })

const colourOf: Readonly<Record<string, (text: string) => string>> = {
  started: paint.bold,
  up: paint.green,
  recovered: paint.green,
  reachable: paint.green,
  suspected: paint.yellow,
  unreachable: paint.yellow,
  down: paint.red,
  left: paint.blue,
  name_conflict: paint.red
}

const reasons: Readonly<Record<string, string>> = {
  closed: "its link closed and nothing listens there any more",
  timeout: "nobody has heard of it for too long",
  restarted: "a newer life of it has come",
  disconnected: "it was disconnected",
  unseen: "it went while nobody was watched"
}

/** `lost` has a reason in words. */
const reasonOf = (reason: string): string =>
  reasons[reason] === undefined ? printable(reason) : `${reason}: ${reasons[reason]}`

const remarkOf = (record: EventRecord): string => {
  const { addresses, event, metadata, other, reason, self } = record
  const listed = Array.isArray(addresses) ? addresses.join(" ") : ""
  const told = typeof metadata === "object" && metadata !== null ? Object.entries(metadata) : []
  const parts = [
    listed,
    ...told.map(([key, value]) => `${key}=${printable(String(value))}`),
    ...(self === true ? ["(this node)"] : []),
    ...(typeof reason === "string" ? [reasonOf(reason)] : []),
    ...(event === "name_conflict"
      ? [`two live nodes carry this name; the other one is ${String(other).slice(0, 8)}`]
      : [])
  ]
  return parts.filter((part) => part !== "").join("  ")
}

/** A record for people: local time, what happened, to whom, and what there is to say. */
export const lineOf = (record: EventRecord): string => {
  const time = new Date(record.at).toTimeString().slice(0, 8)
  const colour = colourOf[record.event] ?? ((text: string) => text)
  const name = record.event.replace("_", " ")
  return `${paint.dim(time)} ${colour(name.padEnd(13))} ${paint.bold(printable(record.node))}  ${remarkOf(record)}`.trimEnd()
}
