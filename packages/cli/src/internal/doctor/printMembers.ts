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

/** The most characters of a cell but the last: `--json` gives all. */
const widest = 64

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text)

const cells = (member: Member): ReadonlyArray<string> => [
  cut(printable(member.name), widest),
  member.state,
  cut(member.addresses.map(Address.format).join(" "), widest),
  member.instance.slice(0, 8),
  sinceOf(member),
  Object.entries(member.metadata)
    .map(([key, value]) => `${key}=${printable(value)}`)
    .join(" ")
]

/** The members as a table, by name. On a terminal of so many columns metadata is cut rather than broken into lines. */
export const tableOf = (members: ReadonlyArray<Member>, columns = Infinity): ReadonlyArray<string> => {
  const rows = members.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const texts = rows.map(cells)
  const widths = titles.map((title, column) =>
    texts.reduce((width, each) => Math.max(width, each[column]?.length ?? 0), title.length)
  )
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
  const rest = Math.max(titles[5].length, columns - before)
  const line = (row: ReadonlyArray<string>, colour: (text: string, column: number) => string) =>
    row
      .map((text, column) =>
        column === titles.length - 1
          ? colour(cut(text, rest), column)
          : colour(text.padEnd(widths[column] ?? 0), column)
      )
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
