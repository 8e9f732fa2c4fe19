import * as Address from "@gc/core/Address"
import { paint, printable } from "../output.ts"
import type { Seen } from "./sources.ts"

const rowsOf = ({ peers = [] }: Seen) =>
  peers.map(({ address, name }) => ({
    name: name ?? "",
    address: address === undefined ? "" : Address.format(address)
  }))

/** What a source finds, as a table; or why it finds nothing. */
export const linesOfSeen = (seen: Seen): ReadonlyArray<string> => {
  const { error, listens, source } = seen
  if (error !== undefined)
    return [`${paint.bold(printable(source))}  ${paint.red("no answer")}`, `  ${printable(error)}`]
  const rows = rowsOf(seen)
  const count = rows.length === 1 ? "1 peer" : `${rows.length} peers`
  const none = listens ? "nobody is heard" : "it answers, and names nobody"
  const width = Math.max(0, ...rows.map(({ name }) => name.length))
  return [
    `${paint.bold(printable(source))}  ${rows.length === 0 ? paint.yellow(none) : paint.green(count)}`,
    ...rows.map(({ address, name }) => `  ${printable(name === "" ? "-" : name).padEnd(width + 2)}${address}`.trimEnd())
  ]
}

/** What a source finds, one record a peer and one for the source itself. */
export const recordsOfSeen = (seen: Seen): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const { code, error, source } = seen
  const rows = rowsOf(seen).map(({ address, name }) => ({
    source,
    ...(name !== "" && { node: name }),
    ...(address !== "" && { address })
  }))
  const problem = { ...(error !== undefined && { error }), ...(code !== undefined && { code }) }
  return [...rows, { source, ok: error === undefined, peers: rows.length, ...problem }]
}
