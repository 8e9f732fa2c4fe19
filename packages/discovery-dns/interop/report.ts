/** A table of Markdown. */
export const table = (titles: ReadonlyArray<string>, lines: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0))
  )
  const row = (line: ReadonlyArray<string>) =>
    `| ${widths.map((width, column) => (line[column] ?? "").padEnd(width)).join(" | ")} |`
  return [row(titles), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.map(row)].join("\n")
}
