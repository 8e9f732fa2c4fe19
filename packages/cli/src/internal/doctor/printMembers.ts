import * as Address from "@gc/core/Address"
import type { Member } from "@gc/core/Member"
import { paint, printable } from "../output.ts"

const sinceOf = ({ generation }: Member): string => new Date(generation).toISOString().replace(/\.\d+Z$/, "Z")

/** A member as an object of `--json`. */
export const recordOfMember = (member: Member): Readonly<Record<string, unknown>> => ({
  node: member.name,
  state: member.state,
  addresses: member.addresses.map(Address.format),
  instance: member.instance,
  generation: member.generation,
  since: sinceOf(member),
  metadata: member.metadata
})

const titles = ["NODE", "STATE", "ADDRESSES", "INSTANCE", "UP SINCE", "METADATA"] as const

const stateColours = { alive: paint.green, suspect: paint.yellow, unreachable: paint.yellow } as const

const cells = (member: Member): ReadonlyArray<string> => [
  printable(member.name),
  member.state,
  member.addresses.map(Address.format).join(" "),
  member.instance.slice(0, 8),
  sinceOf(member),
  Object.entries(member.metadata)
    .map(([key, value]) => `${key}=${printable(value)}`)
    .join(" ")
]

/** The members as a table, by name. */
export const tableOf = (members: ReadonlyArray<Member>): ReadonlyArray<string> => {
  const rows = members.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const texts = rows.map(cells)
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...texts.map((each) => (each[column] ?? "").length))
  )
  const line = (row: ReadonlyArray<string>, colour: (text: string, column: number) => string) =>
    row
      .map((text, column) => colour(text.padEnd(widths[column] ?? 0), column))
      .join("  ")
      .trimEnd()
  return [
    line(titles, paint.dim),
    ...texts.map((row, index) => {
      const { state = "alive" } = rows[index] ?? {}
      return line(row, (text, column) => (column === 1 ? stateColours[state](text) : text))
    })
  ]
}
