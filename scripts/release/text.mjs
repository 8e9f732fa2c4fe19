/** The report of a release check, for people. */

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          typeof cell === "number" ? String(cell).padStart(widths[column]) : cell.padEnd(widths[column])
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const section = (title, rows) => (rows.length === 0 ? "" : `\n${title}\n${table(rows)}\n`)

const projectText = ({ asked, cluster, installed, name, types }) => {
  const lines = [`asked for   ${asked.join(" ")}`, `installed   ${installed.join(" ")}`]
  if (types !== undefined)
    lines.push(`compiles    ${types.entries} entry points, TypeScript ${types.compilers.join(" and ")}`)
  if (cluster !== undefined) lines.push(`cluster     ${cluster.members.join(", ")}, in ${cluster.seconds.toFixed(1)} s`)
  return `\nProject "${name}"\n${lines.map((line) => `  ${line}`).join("\n")}\n`
}

export const reportText = ({ at, ok, packages, problem, projects, seconds, sizes }) =>
  [
    section(
      "Tarballs",
      packages.map(({ bytes, files, name, version }) => [`  ${name}`, version, bytes, "bytes", files, "files"])
    ),
    ...projects.map(projectText),
    section(
      "Entry points: bytes in a bundle without effect, minified and compressed with brotli, and their bounds",
      sizes.map(({ bytes, entry, limit }) => [`  ${entry}`, bytes, limit ?? "no bound"])
    ),
    ok
      ? `\nThe release can be installed and used; this took ${seconds.toFixed(1)} s.\n`
      : `\nThe release is not fit to publish. It failed here: ${at}\n\n${problem}\n`
  ].join("")
