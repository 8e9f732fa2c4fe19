import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../bootstrap.mjs"
import { packages } from "../sources.mjs"

const read = (file) => readFileSync(join(root, file), "utf8")

/** The README of the package that has an entry's plugin: `discovery.dns` is in `@gc/discovery-dns`. */
const readmeOf = (entry) => {
  if (!entry.includes(".")) return "packages/core/README.md"
  const [kind, key] = entry.split(".")
  return `packages/${kind === "resolver" ? "discovery" : kind}-${key}/README.md`
}

/** Settings of files alone, and what stands in another place than a row of a table. */
const unlisted = new Set(["package", "refresh_interval_ms", "nodes"])

/** Every setting of the reference, by the README that has to have a row for it, as the option that it is. */
const settings = read("docs/configuration-reference.md")
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [, entry = ""] = /^`(\w+\.\w+)`/.exec(section) ?? []
    return [...section.matchAll(/^\| `([^`]+)` /gm)]
      .map(([, key]) => (entry === "" ? key.split(".")[0] : key.slice(entry.length + 1)))
      .filter((name) => name !== "" && !unlisted.has(name) && !name.startsWith("tls."))
      .map((name) => ({ readme: readmeOf(entry), option: name === "caFile" ? "ca" : name.split(".").at(-1) }))
  })

describe("the tables of options", () => {
  it("are those of many settings", () => expect(settings.length).toBeGreaterThan(80))

  it.each(settings)("$readme has $option", ({ option, readme }) => {
    expect(read(readme)).toMatch(new RegExp(`^\\| \`${option}\` +\\|.*\\| +[^ |].* \\|$`, "m"))
  })
})

describe.each(packages())("the README of $folder", ({ folder }) => {
  /** Those who installed it, and readers at a registry, have no other file of the repository. */
  it("has whole links to what is not in the package", () => {
    const links = [...read(join(folder, "README.md")).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
    expect(links.filter((target) => !/^(https:|#)/.test(target))).toEqual([])
  })
})

describe.each(packages())("$folder", ({ manifest }) => {
  it("depends on ranges, so that repairs of others reach its users without a release of it", () => {
    const catalog = Object.fromEntries(
      [...read("pnpm-workspace.yaml").matchAll(/^ {2}"?([^\s":]+)"?: (\S+)$/gm)].map(([, name, range]) => [name, range])
    )
    const shipped = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
    const ranges = shipped.map(([name, range]) => (range === "catalog:" ? catalog[name] : range))
    expect(ranges.filter((range) => !/^(workspace:)?\^/.test(range ?? ""))).toEqual([])
  })
})
