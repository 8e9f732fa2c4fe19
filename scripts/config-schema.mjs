/**
 * Writes what follows from the schemas of all our packages: the JSON Schema of the configuration file to
 * packages/cli/schema, for editors, and the list of all its keys to docs/configuration-reference.md. `--check` compares
 * instead.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./bootstrap.mjs"
import { report } from "./sources.mjs"
import { run } from "./spawn.mjs"

const { GC_CONFIG: _, ...env } = process.env

const gcluster = async (...args) => {
  const { code, output } = await run(process.execPath, ["src/bin.ts", "config", ...args], {
    cwd: join(root, "packages/cli"),
    env,
    capture: true
  })
  if (code !== 0) throw new Error(`gcluster config ${args.join(" ")} failed (${code})\n${output}`)
  return output
}

// With a warning in it, neither is JSON.
const schema = await gcluster("schema")
JSON.parse(schema)
const rows = (await gcluster("reference", "--json"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))

const formatted = (text, path) => {
  const { status, stderr, stdout } = spawnSync("oxfmt", [`--stdin-filepath=${path}`], { input: text, encoding: "utf8" })
  if (status !== 0) throw new Error(`oxfmt failed (${status})\n${stderr}`)
  return stdout
}

/** `discovery.dns` of `discovery.dns.domain`: what a plugin takes stands together. */
const groupOf = ({ key }) => /^(?:discovery|transport|resolver)\.[^.]+/.exec(key)?.[0] ?? ""

const packageOf = (group) => {
  const [kind, key] = group.split(".")
  const of = { discovery: `discovery-${key}`, transport: `transport-${key}`, resolver: `discovery-${key}` }[kind]
  return `[\`@gc/${of}\`](../packages/${of})`
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "\\<")

const table = (of) =>
  [
    "| key | variable | expected | default | |",
    "| - | - | - | - | - |",
    ...of.map((row) => {
      const given = row.default ?? (row.required ? "required" : "")
      return `| \`${row.key}\` | \`${row.environment}\` | ${[row.expected, given, row.description].map(cell).join(" | ")} |`
    })
  ].join("\n")

const referenceText = () => {
  const groups = Map.groupBy(rows, groupOf)
  const sections = [...groups]
    .filter(([group]) => group !== "")
    .map(([group, own]) => `## \`${group}\`\n\nOf ${packageOf(group)}.\n\n${table(own)}`)
  return `# Configuration reference

<!-- Made from the schemas by "npm run schema". -->

Every key of a configuration file and its variable, which wins over the file. [Configuration](configuration.md) says what a file
is and what is done with wrong values; \`gcluster config reference\` prints these lists for the packages that are installed.

## Of every node

${table(groups.get("") ?? [])}

${sections.join("\n\n")}
`
}

const made = [
  ["packages/cli/schema/gc.schema.json", schema],
  ["docs/configuration-reference.md", referenceText()]
].map(([target, text]) => [target, target.endsWith(".md") ? formatted(text, target) : text])

const differing = made.filter(([target, text]) => {
  const path = join(root, target)
  return !existsSync(path) || readFileSync(path, "utf8") !== text
})
if (process.argv.includes("--check")) {
  report(
    differing.map(([target]) => `${target} differs from the sources: run "npm run schema"`),
    `${made.map(([target]) => target).join(" and ")} are up to date.`
  )
} else {
  for (const [target, text] of differing) {
    writeFileSync(join(root, target), text)
    process.stderr.write(`wrote ${target}\n`)
  }
}
