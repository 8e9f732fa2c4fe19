/** Writes the API reference to docs/api, as HTML, from the comments and types of what each package exports. */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join, posix } from "node:path"
import { root, say } from "./bootstrap.mjs"
import { run } from "./release/bounded.mjs"
import { ensureTools } from "./release/tools.mjs"
import { entryPoints, packages } from "./sources.mjs"

const target = "docs/api"
/** It may change in any release. */
const leftOut = new Set(["./protocol"])

/** The sources of a package's entry points; a pattern stands for every module directly in its folder. */
const sourcesOf = ({ folder, manifest }) =>
  entryPoints(manifest).flatMap(([entry]) => {
    if (leftOut.has(entry)) return []
    const source = manifest.exports[entry]
    if (!source.includes("*")) return entry === "." && "./*" in manifest.exports ? [] : [join(folder, source)]
    const directory = join(folder, posix.dirname(source))
    return readdirSync(join(root, directory))
      .filter((name) => name.endsWith(".ts") && manifest.exports[`./${basename(name, ".ts")}`] !== null)
      .map((name) => join(directory, name))
  })

const tools = await ensureTools("docs", process.env)
const all = packages().flatMap(sourcesOf)
const { homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const output = await run(
  "node",
  [
    join(tools, "node_modules", "typedoc", "bin", "typedoc"),
    "--options",
    join(tools, "typedoc.json"),
    "--basePath",
    join(root, "packages"),
    "--out",
    join(root, target),
    "--sourceLinkTemplate",
    `${homepage.replace(/#.*/, "")}/blob/main/packages/{path}#L{line}`,
    ...all.flatMap((file) => ["--entryPoints", join(root, file)])
  ],
  { cwd: root, env: process.env, seconds: 180 }
)
process.stderr.write(output)
say(`${all.length} modules are described in ${target}/index.html.`)
