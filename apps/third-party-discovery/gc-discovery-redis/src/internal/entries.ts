import * as Address from "@gc/core/Address"
import type { LocalNode } from "@gc/core/LocalNode"
import * as NodeName from "@gc/core/NodeName"
import type { Peer } from "@gc/core/Peer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** The most addresses of one node that are written, and read. */
const mostAddresses = 8

/** The most bytes of a value that are read. */
export const mostText = 4_096

/** What every key of a cluster begins with. A cluster's name may hold a colon, which would be another cluster's key. */
const stem = (prefix: string, cluster: string): string => `${prefix}:${encodeURIComponent(cluster)}:`

/** `gc:<cluster>:<instance>`: one for each life of a node. */
export const keyOf = (prefix: string, { cluster, instance }: LocalNode): string => `${stem(prefix, cluster)}${instance}`

/**
 * The pattern for SCAN that finds all keys of a cluster. An instance has 32 characters: a longer key is no node's, nor one under
 * another prefix that begins like this one.
 */
export const patternOf = (prefix: string, cluster: string): string =>
  `${stem(prefix, cluster).replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}${"?".repeat(32)}`

const Entry = Schema.fromJsonString(
  Schema.Struct({
    name: Schema.String,
    addresses: Schema.Array(Schema.String).check(Schema.isMaxLength(mostAddresses))
  })
)

/** What stands behind a node's key, or `undefined` for one that listens nowhere that can be dialed. */
export const valueOf = ({ addresses, name }: LocalNode): string | undefined => {
  const dialable = addresses.filter(Address.isDialable).slice(0, mostAddresses).map(Address.format)
  return dialable.length === 0 ? undefined : JSON.stringify({ name, addresses: dialable })
}

/** A peer for each address of an entry, or `undefined` for one that no node wrote. */
export const peersOf = (value: string): ReadonlyArray<Peer> | undefined => {
  if (value.length > mostText) return undefined
  const entry = Option.getOrUndefined(Schema.decodeOption(Entry)(value))
  if (entry === undefined) return undefined
  const name = NodeName.parse(entry.name)
  const addresses = entry.addresses.map(Address.parse)
  if (Result.isFailure(name)) return undefined
  const dialable = addresses.flatMap((each) =>
    Result.isSuccess(each) && Address.isDialable(each.success) ? [each.success] : []
  )
  return dialable.length === addresses.length
    ? dialable.map((address): Peer => ({ name: name.success, address }))
    : undefined
}
